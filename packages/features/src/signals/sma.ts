/**
 * Simple moving averages of two-minute closes, updated as time passes. The two-minute bars start at 09:30, cover the
 * regular session only, and close at the last trade within them; one without a trade does not exist.
 *
 * Known: a two-minute bar counts from its end on, so at any minute only bars that have ended are in the averages.
 */

/** Lengths of the two averages, in two-minute bars. */
const SMA_WINDOWS: readonly [number, number] = [200, 400]

/** Averages so far. `means[w][k]` is the mean of `closes[k - window + 1 .. k]`, NaN while there are fewer closes. */
export interface SmaState {
  /** Complete two-minute closes, those of the prior sessions first. */
  readonly closes: number[]
  readonly means: readonly [number[], number[]]
  /** How many of `closes` belong to prior sessions. */
  readonly warmup: number
  /** Minute at which the two-minute bar now forming ends, and its close so far; NaN when none is forming. */
  formingEnd: number
  formingClose: number
}

/** Mean of the last `count` values, NaN when there are fewer. */
function meanOfLast(values: readonly number[], count: number): number {
  if (values.length < count) return Number.NaN
  let sum = 0
  for (const value of values.slice(-count)) sum += value
  return sum / count
}

function addClose(state: SmaState, close: number): void {
  state.closes.push(close)
  for (const [i, window] of SMA_WINDOWS.entries()) state.means[i]?.push(meanOfLast(state.closes, window))
}

/** Averages at the start of a session, warmed up by the complete two-minute closes of prior sessions, oldest first. */
export function beginSma(warmup: readonly number[]): SmaState {
  const state: SmaState = {
    closes: [],
    means: [[], []],
    warmup: warmup.length,
    formingEnd: Number.NaN,
    formingClose: Number.NaN,
  }
  for (const close of warmup) addClose(state, close)
  return state
}

/** Tells the averages that it is `minute`: a two-minute bar that has ended by then is complete. Writes `state`. */
export function settleSma(state: SmaState, minute: number): void {
  if (!(state.formingEnd <= minute)) return
  addClose(state, state.formingClose)
  state.formingEnd = Number.NaN
}

/** Adds the one-minute close of the bar that starts at `minute` of a session opened at `openMinute`. Writes `state`. */
export function addMinuteClose(state: SmaState, minute: number, openMinute: number, close: number): void {
  settleSma(state, minute)
  state.formingEnd = minute - ((minute - openMinute) % 2) + 2
  state.formingClose = close
  settleSma(state, minute + 1)
}

/** The mean `back` complete two-minute bars before the last one, NaN when there is none. `which` as SMA_WINDOWS. */
export function smaBack(state: SmaState, which: 0 | 1, back: number): number {
  const means = state.means[which]
  return means[means.length - 1 - back] ?? Number.NaN
}
