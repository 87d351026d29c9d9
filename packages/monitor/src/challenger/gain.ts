import type { PublishedForecast, ResolvedForecast } from '../outcomes/forecast.ts'
import type { Question } from '../outcomes/question.ts'

/** Sums of a confidence sequence, as plain JSON. */
export interface GainState {
  readonly version: 1
  votes: number
  forecasts: number
  /** Sum of the gains, and sums of the sequence: of weights, of weighted gains, of the variance's cost, of squares. */
  sum: number
  weights: number
  weighted: number
  cost: number
  squares: number
}

/** What a challenger would have gained over the champion. */
export interface PairedGain {
  /** Moments that were compared, and probabilities at them. */
  readonly votes: number
  readonly forecasts: number
  /** Brier score saved by the challenger, mean over moments; positive is better. null before the first. */
  readonly mean: number | null
  /** Its interval at every time at once. */
  readonly low: number
  readonly high: number
}

/** Chance that the interval ever leaves out what it is of. */
const ALPHA = 0.05
/** Largest bet of the sequence. */
const MOST_BET = 0.5

/** Sums of nothing. */
export function beginGain(): GainState {
  return { version: 1, votes: 0, forecasts: 0, sum: 0, weights: 0, weighted: 0, cost: 0, squares: 0 }
}

/**
 * Adds the mean gain of one moment, in [-1, 1]: the champion's squared error less the challenger's, over all probabilities that both
 * published then. Moments follow each other: the next one's windows begin after this one's end. Writes `state`.
 *
 * The predictable plug-in empirical Bernstein sequence of I. Waudby-Smith and A. Ramdas, Estimating means of bounded random
 * variables by betting, JRSS B 86, 2024, theorem 2, of x = (gain + 1) / 2 in [0, 1]: bets
 * lambda_t = min(1/2, sqrt(2 ln(2/alpha) / (s_(t-1)^2 t ln(1 + t)))), centre sum lambda x / sum lambda, radius
 * (ln(2/alpha) + sum 4 (x - m_(t-1))^2 psi(lambda)) / sum lambda with psi(l) = (-ln(1 - l) - l) / 4. It holds at all times at
 * once, so one may look whenever one likes.
 */
export function addGain(state: GainState, gain: number, forecasts: number): void {
  const x = (gain + 1) / 2
  const t = state.votes + 1
  const mean = (0.5 + state.sum) / t
  const variance = (0.25 + state.squares) / t
  const bet = Math.min(MOST_BET, Math.sqrt((2 * Math.log(2 / ALPHA)) / (variance * t * Math.log(1 + t))))
  const psi = (-Math.log1p(-bet) - bet) / 4
  state.weights += bet
  state.weighted += bet * x
  state.cost += 4 * (x - mean) ** 2 * psi
  state.sum += x
  state.squares += (x - (0.5 + state.sum) / (t + 1)) ** 2
  state.votes = t
  state.forecasts += forecasts
}

/** The gain so far with its interval at level 95%. */
export function gainOf({ votes, forecasts, sum, weights, weighted, cost }: GainState): PairedGain {
  if (votes === 0) return { votes, forecasts, mean: null, low: -1, high: 1 }
  const [centre, radius] = [weighted / weights, (Math.log(2 / ALPHA) + cost) / weights]
  const low = Math.max(-1, 2 * (centre - radius) - 1)
  const high = Math.min(1, 2 * (centre + radius) - 1)
  return { votes, forecasts, mean: (2 * sum) / votes - 1, low, high }
}

/** Compares two scorers on the forecasts that both made. One caller at a time. */
export interface GainWatch {
  /** Takes what both published at one moment; left out while the last moment waits for answers. */
  pair(champion: readonly PublishedForecast[], challenger: readonly PublishedForecast[]): void
  resolve(resolved: readonly ResolvedForecast[]): void
  readonly gain: PairedGain
  state(): GainState
}

interface Pair {
  readonly own: Float64Array
  readonly other: Float64Array
}

/** A comparison at its beginning, or at a state (what waited for answers then is left out). */
export function createGainWatch(questions: readonly Question[], state: GainState = beginGain()): GainWatch {
  const sums = { ...state }
  const pairs = new Map<string, Pair>()
  let [tsNs, waiting, gain, compared] = [-1n, 0, 0, 0]
  const isCompared = ({ own, other }: Pair, q: number): boolean =>
    questions[q]?.task === 'binary' && !Number.isNaN(own[q]) && !Number.isNaN(other[q])
  return {
    pair(champion, challenger) {
      if (waiting > 0) return
      const others = new Map(challenger.map((forecast) => [forecast.levelId, forecast]))
      pairs.clear()
      ;[gain, compared] = [0, 0]
      for (const forecast of champion) {
        const other = others.get(forecast.levelId)
        // Numbers that hang on a touch may wait for long, and those of another side ask something else.
        if (other === undefined || other.sign !== forecast.sign || forecast.fromNs === null || other.fromNs === null)
          continue
        const pair = { own: forecast.values, other: other.values }
        tsNs = forecast.tsNs
        pairs.set(forecast.levelId, pair)
        for (const q of questions.keys()) waiting += Number(isCompared(pair, q))
      }
    },
    resolve(resolved) {
      for (const { forecast, from, to, outcomes } of resolved) {
        const pair = forecast.tsNs === tsNs ? pairs.get(forecast.levelId) : undefined
        if (pair === undefined || waiting === 0) continue
        for (let q = from; q < to; q++) {
          if (!isCompared(pair, q)) continue
          waiting -= 1
          const y = outcomes[q] as number
          if (Number.isNaN(y)) continue
          gain += ((pair.own[q] as number) - y) ** 2 - ((pair.other[q] as number) - y) ** 2
          compared += 1
        }
      }
      if (waiting > 0 || compared === 0) return
      addGain(sums, gain / compared, compared)
      compared = 0
    },
    get gain() {
      return gainOf(sums)
    },
    state: () => ({ ...sums }),
  }
}

/** Brier score that a promotion may cost at most, by the interval, unless it is forced. */
export const DEFAULT_MARGIN = 0.002

/** Why a challenger may not be promoted; null where it may. */
export function promotionFault(gain: PairedGain | null, margin: number): string | null {
  if (gain === null || gain.mean === null) return 'nothing has been compared: no live gain is known'
  if (gain.low >= -margin) return null
  return `its live gain of ${gain.mean.toFixed(4)} [${gain.low.toFixed(4)}, ${gain.high.toFixed(4)}] in Brier score over ${gain.votes} moments includes a loss beyond ${margin}`
}
