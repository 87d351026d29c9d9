import type { MinuteBar } from '../signals/day.ts'

/** Mean range of a Brownian path in one unit of time, by its volatility: the square root of 8 / pi (Feller 1951). */
export const MEAN_RANGE: number = Math.sqrt(8 / Math.PI)

/** Mean size of a standard normal. */
const MEAN_CHANGE = Math.sqrt(2 / Math.PI)

/** Spans in bars of the averages of bar ranges, shortest first. */
export const RANGE_SPANS = [2, 5, 15, 60, 390, 1950] as const
/** Spans in bars of the averages of the sizes of changes of the close. */
export const CHANGE_SPANS = [15, 60] as const

/** Sessions before the one that runs which the averages remember; a live source that pushes as many gets the same bits. */
export const RANGE_SESSIONS = 5

const KEPT = [...RANGE_SPANS, ...CHANGE_SPANS].map((span) => 1 - 2 / (span + 1))
const RANGES = RANGE_SPANS.length

/** Weighted sums of one session: of values, of weights, and what the weight of all that came before has shrunk to. */
interface Sums {
  readonly values: number[]
  readonly weights: number[]
  readonly decay: number[]
}

/** Averages of ranges and changes over the bars so far. {@link beginRangeSession} and {@link addRange} write it. */
export interface RangeState {
  /** By minute from the open, how volatile it is beside the session's mean; null for no difference. */
  readonly profile: ArrayLike<number> | null
  past: Sums[]
  /** The past sessions together. */
  before: Sums
  now: Sums
  lastClose: number
}

const emptySums = (): Sums => ({
  values: KEPT.map(() => 0),
  weights: KEPT.map(() => 0),
  decay: KEPT.map(() => 1),
})

/** Adds one value to the sums of place `i`. Writes `sums`. */
function addValue({ values, weights, decay }: Sums, i: number, value: number): void {
  const kept = KEPT[i] as number
  values[i] = (values[i] as number) * kept + value
  weights[i] = (weights[i] as number) * kept + 1
  decay[i] = (decay[i] as number) * kept
}

/** The sums over `earlier` and then `later`. */
function joined(earlier: Sums, later: Sums): Sums {
  const join = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, i) => value * (later.decay[i] as number) + (b[i] as number))
  return {
    values: join(earlier.values, later.values),
    weights: join(earlier.weights, later.weights),
    decay: earlier.decay.map((value, i) => value * (later.decay[i] as number)),
  }
}

/** Averages before the first bar. */
export function beginRanges(profile: ArrayLike<number> | null): RangeState {
  return { profile, past: [], before: emptySums(), now: emptySums(), lastClose: Number.NaN }
}

/** Ends the session before and begins another. Writes `state`. */
export function beginRangeSession(state: RangeState): void {
  const hasBars = state.now.decay.some((decay) => decay < 1)
  if (hasBars) state.past = [...state.past, state.now].slice(-RANGE_SESSIONS)
  state.before = state.past.reduce(joined, emptySums())
  state.now = emptySums()
  state.lastClose = Number.NaN
}

/**
 * Adds a bar of the regular session that starts `slot` minutes after the open: its range, and the change of its close where
 * the session had a bar before it, both as volatilities (dollars per square root of a minute). Writes `state`.
 */
export function addRange(state: RangeState, { high, low, close }: MinuteBar, slot: number): void {
  const usual = state.profile?.[slot] ?? 1
  const range = (high - low) / MEAN_RANGE / usual
  for (let i = 0; i < RANGES; i++) addValue(state.now, i, range)
  const change = Math.abs(close - state.lastClose) / MEAN_CHANGE / usual
  if (!Number.isNaN(change)) for (let i = RANGES; i < KEPT.length; i++) addValue(state.now, i, change)
  state.lastClose = close
}

/** Writes the averages, ranges first, to `out` from `at` on; NaN where nothing has come yet. */
export function readRanges({ before, now }: RangeState, out: Float64Array, at: number): void {
  for (let i = 0; i < KEPT.length; i++) {
    const decay = now.decay[i] as number
    const value = (before.values[i] as number) * decay + (now.values[i] as number)
    const weight = (before.weights[i] as number) * decay + (now.weights[i] as number)
    out[at + i] = weight > 0 ? value / weight : Number.NaN
  }
}
