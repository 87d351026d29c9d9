import { addBets, ALTERNATIVES, LEAST_PROBABILITY } from './alternatives.ts'

/** What was forecast at one moment and what came of it: entries of one vote. */
export interface Ballot {
  /** When the forecasts were published, nanoseconds since 1970, as text: JSON has no such integers. */
  readonly tsNs: string
  readonly probabilities: readonly number[]
  /** 0, 1, or NaN where there is no answer. */
  readonly outcomes: readonly number[]
  /** Weight of each entry; 1 by default. */
  readonly weight?: number
}

/** Settings of an e-process. */
export interface ProcessOptions {
  /** Chance that a calibrated head ever raises an alarm. Default 0.01. */
  readonly level?: number
  /** Share of the stake that bets from the first session on; of the rest 0.3 is never bet, and the others bet on a change later. Default 0.35. */
  readonly atOnce?: number
  /** Sessions until a change that is bet on, on average. Default 125. */
  readonly meanSessions?: number
}

/** What has been seen since the moment at which the miscalibration seems to have begun. */
export interface ChangePoint {
  /** Nanoseconds since 1970, as text; null where it was there from the first vote on. */
  readonly tsNs: string | null
  readonly votes: number
  readonly forecasts: number
  readonly meanForecast: number
  readonly meanOutcome: number
}

/** An e-process as plain JSON. */
export interface ProcessState {
  readonly version: 1
  cash: number
  sessions: number
  votes: number
  /** Largest value that it has had. */
  peak: number
  /** By alternative: its wealth, the log of its gains so far, the least that was, and when. */
  readonly wealth: number[]
  readonly gains: number[]
  readonly least: number[]
  readonly since: (string | null)[]
  /** By alternative, since then: votes, entries, sum of probabilities, sum of outcomes; four numbers each. */
  readonly seen: number[]
}

/** Part of a bet that can be lost at most, so that no vote ruins it. */
const MOST_LOSS = 0.95
const MOST_WEALTH = 1e100
/** Share of the stake that is never bet: it holds the chance of a false alarm that much below the level. */
const RESERVE = 0.3
const COUNT = ALTERNATIVES.length
/** Numbers of `seen` by alternative. */
const SEEN = 4

/** The state before the first vote. */
export function beginProcess({ atOnce = 0.35 }: ProcessOptions = {}): ProcessState {
  return {
    version: 1,
    cash: 1 - atOnce,
    sessions: 0,
    votes: 0,
    peak: 1,
    wealth: ALTERNATIVES.map(({ share }) => share * atOnce),
    gains: ALTERNATIVES.map(() => 0),
    least: ALTERNATIVES.map(() => 0),
    since: ALTERNATIVES.map(() => null),
    seen: ALTERNATIVES.flatMap(() => [0, 0, 0, 0]),
  }
}

/** Evidence against calibration: the mixture's value. 1 at the start; it is at least 1/level with chance level at most. */
export function evidenceOf({ cash, wealth }: ProcessState): number {
  let sum = cash
  for (const value of wealth) sum += value
  return sum
}

/** Moves the share of the stake that bets on a change in this session from rest into play. Writes `state`. */
export function beginSession(state: ProcessState, { meanSessions = 125 }: ProcessOptions = {}): void {
  state.sessions += 1
  if (state.sessions === 1) return
  const part = (state.cash - RESERVE) / meanSessions
  state.cash -= part
  for (const [k, { share }] of ALTERNATIVES.entries()) state.wealth[k] = (state.wealth[k] as number) + part * share
}

/**
 * Takes one vote: the forecasts that were published at one moment, all their answers known or masked. Writes `state`.
 *
 * A vote multiplies the wealth of alternative k by 1 + c_k sum_i w (q_ik - p_i)(y_i - p_i) / (p_i (1 - p_i)), the sum of the
 * bets that a likelihood ratio makes on each outcome; c_k <= 1 keeps the most that can be lost at 0.95. Each term has mean 0
 * given all that was known when p_i was published, whatever the outcomes of one moment have to do with each other, so the
 * factor has mean 1: the forecasts of a moment, whose windows overlap, are one vote. Where votes follow each other, the next one's
 * forecasts published after this one's answers, the wealth is a test martingale, and so is the mixture over
 * alternatives and over the session in which a change happens (geometric after the first). By Ville's inequality a
 * calibrated head reaches 1/level with chance level at most, however often one looks.
 *
 * J. Ville, Étude critique de la notion de collectif, 1939. G. Shafer, Testing by betting, JRSS A 184, 2021. S. Arnold, A.
 * Henzi and J. F. Ziegel, Sequentially valid tests for forecast calibration, Annals of Applied Statistics 17, 2023 (here
 * forecasts of several moments do not overlap, which spares the averages over lags). M. Herbster and M. Warmuth, Tracking the
 * best expert, Machine Learning 32, 1998 (the share that moves at each session). E. S. Page, Continuous inspection schemes,
 * Biometrika 41, 1954 (the change point: where the gains of the best alternative were least).
 *
 * Cost: entries x alternatives.
 */
export function takeBallot(state: ProcessState, { tsNs, probabilities, outcomes, weight = 1 }: Ballot): void {
  const losses = new Float64Array(COUNT)
  const gains = new Float64Array(COUNT)
  let [answered, sumP, sumY] = [0, 0, 0]
  for (let i = 0; i < probabilities.length; i++) {
    const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probabilities[i] as number))
    const y = outcomes[i] as number
    addBets(p, y, weight, losses, gains)
    if (Number.isNaN(y)) continue
    answered += 1
    sumP += p
    sumY += y
  }
  if (answered === 0) return
  state.votes += 1
  for (let k = 0; k < COUNT; k++) {
    const factor = 1 + (gains[k] as number) * Math.min(1, MOST_LOSS / (losses[k] as number))
    state.wealth[k] = Math.min(MOST_WEALTH, (state.wealth[k] as number) * factor)
    const gained = (state.gains[k] as number) + Math.log(factor)
    state.gains[k] = gained
    const at = k * SEEN
    const isLeast = gained < (state.least[k] as number)
    if (isLeast) {
      state.least[k] = gained
      state.since[k] = tsNs
    }
    const { seen } = state
    seen[at] = isLeast ? 0 : (seen[at] as number) + 1
    seen[at + 1] = isLeast ? 0 : (seen[at + 1] as number) + answered
    seen[at + 2] = isLeast ? 0 : (seen[at + 2] as number) + sumP
    seen[at + 3] = isLeast ? 0 : (seen[at + 3] as number) + sumY
  }
  state.peak = Math.max(state.peak, evidenceOf(state))
}

/** When the miscalibration seems to have begun, by the alternative that gained most since its low; null before the first gain. */
export function changePointOf({ gains, least, since, seen }: ProcessState): ChangePoint | null {
  const rises = gains.map((gain, k) => gain - (least[k] as number))
  const best = rises.indexOf(Math.max(...rises))
  const [votes = 0, forecasts = 0, sumP = 0, sumY = 0] = seen.slice(best * SEEN, (best + 1) * SEEN)
  if (forecasts === 0) return null
  return { tsNs: since[best] ?? null, votes, forecasts, meanForecast: sumP / forecasts, meanOutcome: sumY / forecasts }
}
