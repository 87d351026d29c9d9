import { reaches, type Thresholds } from '@breakwater/features/vocabulary'
import {
  type Answers,
  byHorizon,
  hasInterval,
  lacksInterval,
  mirrored,
  numberAt,
  probabilityAt,
  published,
  rangeAt,
  rangesByHorizon,
} from './answers.ts'
import { shiftLogit } from './feasibility.ts'
import type { PathPlaces, ReachPlace } from './heads.ts'
import { outcomeProbabilities, utilityScore } from './outcome.ts'
import type { Interval, ReachKey, ScoreSource, Settled, Target, TargetIntervals } from './target.ts'

/** Where a path stands when it is asked about. */
export interface ServedPath {
  /** Dollars beyond the level in the direction of approach; before a touch, where a touch would find it. */
  readonly displacement: number
  readonly isTouched: boolean
  /** What its probabilities come from; default the law. */
  readonly source?: ScoreSource
}

/** What a path's numbers are made with. */
export interface PathSettings {
  readonly places: PathPlaces
  readonly thresholds: Thresholds
  /** Dollars that a trade costs. */
  readonly cost: number
  /** What becomes of P(break | tradeable) before it is kept coherent with the rest; by default nothing. */
  readonly mix?: (p: number) => number
}

/** The part of a target that its path alone decides. */
export type PathScores = Pick<
  Target,
  | 'p_tradeable_2'
  | 'p_break'
  | 'p_bounce'
  | 'p_neither'
  | 'p_break_given_tradeable'
  | 'p_bounce_given_tradeable'
  | 'p_break_interval'
  | 'p_bounce_interval'
  | 'strength_signed'
  | 'strength_signed_interval'
  | 'strength_abs'
  | 'time_to_threshold'
  | 'utility_score'
  | 'source'
  | 'p_touch'
  | 'settled'
  | 'intervals'
  | 'intervals_missing'
  | 'strength_ahead'
  | 'expected_extremes'
  | 'expected_move'
  | 'utility_net'
>

/**
 * Turns a forecaster's answers about one path into what is published of it; all of them are about the time from now on. Signed strength
 * weighs the expected extremes by direction: p break - (1 - p) bounce, which falls to the likelier side as the other fades; its size is
 * the larger expected extreme. `strength_ahead` is by how much price is expected to go on further than to come back from where it stands: which
 * side of the level is likelier says nothing about that, so direction has no part in it. Throws `AnswerError` for an answer
 * out of range. O(heads).
 */
export function servePath(answers: Answers, path: ServedPath, settings: PathSettings): PathScores {
  const { places, thresholds, cost, mix } = settings
  const tradeable = probabilityAt(answers, places.tradeable, 'tradeable_2')
  const own = probabilityAt(answers, places.direction, 'direction')
  const given = own === null || mix === undefined ? own : coherentDirection(answers, places, tradeable, mix(own))
  const outcome =
    tradeable === null || given === null
      ? null
      : outcomeProbabilities(tradeable, { breakGivenTradeable: given }, NO_GATE)
  const extremes = extremesAt(answers, places)
  // Strength is the forecaster's own: what neighbours say of direction is not about how far price goes.
  const moves = extremes === null || own === null ? null : movesOf(extremes, own, path.displacement)
  const move = moves === null ? null : Math.max(moves.beyond, moves.back)
  const unmixed = intervalsOf(answers, places, path.isTouched)
  const intervals =
    unmixed === null || own === null || given === null || own === given ? unmixed : movedIntervals(unmixed, own, given)
  return {
    p_tradeable_2: tradeable,
    p_break: outcome?.pBreak ?? null,
    p_bounce: outcome?.pBounce ?? null,
    p_neither: outcome?.pNeither ?? (tradeable === null ? null : 1 - tradeable),
    p_break_given_tradeable: given,
    p_bounce_given_tradeable: outcome?.bounceGivenTradeable ?? null,
    p_break_interval: intervals?.p_break ?? null,
    p_bounce_interval: intervals?.p_bounce ?? null,
    strength_signed: moves?.signed ?? null,
    strength_signed_interval: null,
    strength_abs: moves?.size ?? null,
    time_to_threshold: reachTable(places, (one) => byHorizon(answers, one)),
    utility_score: tradeable === null || moves === null ? null : utilityScore(tradeable, moves.signed),
    source: path.source ?? 'law',
    p_touch: path.isTouched ? null : touchOf(answers, places),
    settled: settledBy(path.displacement, places, thresholds),
    intervals,
    intervals_missing: lacksInterval(answers, probabilityPlaces(places, path.isTouched)) ? 'not_recorded' : null,
    strength_ahead: moves?.ahead ?? null,
    expected_extremes: extremes,
    expected_move: move,
    utility_net: move === null ? null : move - cost,
  }
}

const NO_GATE = { breakLogitBias: 0 }

/** Made side by side: reach of each side and threshold. */
export function reachTable<T>(
  { reach }: Pick<PathPlaces, 'reach'>,
  valueOf: (places: readonly ReachPlace[]) => T,
): Readonly<Record<ReachKey, T>> {
  return {
    t1: valueOf(reach.t1),
    t2: valueOf(reach.t2),
    t1_break: valueOf(reach.t1_break),
    t1_bounce: valueOf(reach.t1_bounce),
    t2_break: valueOf(reach.t2_break),
    t2_bounce: valueOf(reach.t2_bounce),
  }
}

function extremesAt(answers: Answers, places: PathPlaces): Target['expected_extremes'] {
  const ahead = numberAt(answers, places.aheadBreak, 'ahead_break')
  const back = numberAt(answers, places.aheadBounce, 'ahead_bounce')
  return ahead === null || back === null ? null : { break: ahead, bounce: back }
}

/** What expected extremes come to in dollars. */
export interface Moves {
  /** Excursion from the level: positive beyond it. */
  readonly signed: number
  /** The larger expected extreme. */
  readonly size: number
  /** Excursion from the price now. */
  readonly ahead: number
  /** How much further price goes beyond where it stands, and back from there. */
  readonly beyond: number
  readonly back: number
}

/**
 * What expected extremes, distances from the level both ways, come to where price stands `displacement` beyond the level and breaks
 * with probability `given` where it leaves the band. NaN for NaN.
 */
export function movesOf(
  extremes: NonNullable<Target['expected_extremes']>,
  given: number,
  displacement: number,
): Moves {
  const beyond = extremes.break - displacement
  const back = extremes.bounce + displacement
  return {
    signed: given * extremes.break - (1 - given) * extremes.bounce,
    size: Math.max(extremes.break, extremes.bounce),
    ahead: beyond - back,
    beyond,
    back,
  }
}

const touchOf = (answers: Answers, { touch }: PathPlaces): Target['p_touch'] =>
  touch.some(({ place }) => place >= 0) ? byHorizon(answers, touch) : null

/** Heads whose threshold price is beyond now, on the head's side: their answer is 1, or known. */
function settledBy(
  displacement: number,
  places: PathPlaces,
  [one, two]: Thresholds,
): Readonly<Record<string, Settled>> {
  if (!reaches(Math.abs(displacement), one)) return NOTHING
  const settled: Record<string, Settled> = {}
  const isTwo = reaches(Math.abs(displacement), two)
  const add = (heads: readonly ReachPlace[]): void => {
    for (const { head, place } of heads) if (place >= 0) settled[head] = 'reached'
  }
  const { reach } = places
  add(reach.t1)
  add(displacement > 0 ? reach.t1_break : reach.t1_bounce)
  if (!isTwo) return settled
  add(reach.t2)
  add(displacement > 0 ? reach.t2_break : reach.t2_bounce)
  if (places.tradeable >= 0) settled['tradeable_2'] = 'reached'
  if (places.direction >= 0) settled['direction'] = 'reached'
  return settled
}

const NOTHING: Readonly<Record<string, Settled>> = {}

/** Every probability that is published of a path. */
function* probabilityPlaces(places: PathPlaces, isTouched: boolean): Generator<number> {
  yield places.tradeable
  yield places.direction
  yield places.pBreak
  yield places.pBounce
  for (const reach of Object.values(places.reach)) for (const { place } of reach) yield place
  if (!isTouched) for (const { place } of places.touch) yield place
}

function intervalsOf(answers: Answers, places: PathPlaces, isTouched: boolean): TargetIntervals | null {
  if (!hasInterval(answers, probabilityPlaces(places, isTouched))) return null
  const tradeable = rangeAt(answers, places.tradeable)
  const given = rangeAt(answers, places.direction)
  return {
    p_tradeable_2: published(tradeable),
    p_break: published(rangeAt(answers, places.pBreak)),
    p_bounce: published(rangeAt(answers, places.pBounce)),
    p_neither: published(mirrored(tradeable)),
    p_break_given_tradeable: published(given),
    p_bounce_given_tradeable: published(mirrored(given)),
    p_touch: isTouched || places.touch.every(({ place }) => place < 0) ? null : rangesByHorizon(answers, places.touch),
    time_to_threshold: reachTable(places, (one) => rangesByHorizon(answers, one)),
  }
}

/**
 * A direction that the reach probabilities of the second threshold allow: what is left by the break side alone breaks, what is left by the
 * bounce side alone bounces.
 */
function coherentDirection(
  answers: Answers,
  { reach }: PathPlaces,
  tradeable: number | null,
  direction: number,
): number {
  if (tradeable === null || !(tradeable > 0)) return direction
  let [low, high] = [0, 1]
  for (const [i, { place }] of reach.t2.entries()) {
    const any = probabilityAt(answers, place, 't2')
    const broken = probabilityAt(answers, reach.t2_break[i]?.place ?? -1, 't2_break')
    const bounced = probabilityAt(answers, reach.t2_bounce[i]?.place ?? -1, 't2_bounce')
    if (any === null || broken === null || bounced === null) continue
    low = Math.max(low, (any - bounced) / tradeable)
    high = Math.min(high, 1 - (any - broken) / tradeable)
  }
  // Rounding may put one bound a bit beyond the other.
  return Math.min(Math.max(direction, Math.min(low, high)), Math.max(low, high))
}

/** Intervals of a direction, and of what follows from it, whose log odds have moved: their ends move as far. */
function movedIntervals(intervals: TargetIntervals, from: number, to: number): TargetIntervals {
  const shift = logit(to) - logit(from)
  if (!Number.isFinite(shift)) return intervals
  return {
    ...intervals,
    p_break: moved(intervals.p_break, shift),
    p_bounce: moved(intervals.p_bounce, -shift),
    p_break_given_tradeable: moved(intervals.p_break_given_tradeable, shift),
    p_bounce_given_tradeable: moved(intervals.p_bounce_given_tradeable, -shift),
  }
}

const moved = (range: Interval | null, by: number): Interval | null =>
  published(range === null ? null : [shiftLogit(range[0], by), shiftLogit(range[1], by)])

const logit = (p: number): number => Math.log(p / (1 - p))
