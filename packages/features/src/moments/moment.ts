import { averageTrueRange } from '../signals/bar-state.ts'
import { closeAsOf, fromLast } from '../signals/day.ts'
import type { DayState } from '../signals/day.ts'
import type { SignalSettings } from '../signals/settings.ts'
import { MOMENT_NUMBERS, placeOf } from './columns.ts'
import { MEAN_RANGE, RANGE_SPANS, readRanges } from './ranges.ts'
import type { RangeState } from './ranges.ts'

/** A level whose path is followed: after a touch, or before one. */
export interface LevelPath {
  /** Where the level stood at the touch, or stands now; dollars. */
  readonly price: number
  /** +1 when price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
  /** Start of the touch minute in minutes since 1970; null before a touch. */
  readonly touchMinute: number | null
  /** ATR of the touch, dollars; the ATR up to the last bar is taken where this is null. */
  readonly atr: number | null
  /** Prices that were seen between bars since the touch minute began; where absent the bars tell alone. */
  readonly seen?: { readonly highest: number; readonly lowest: number } | undefined
}

/** The settings that the state of a moment depends on. */
export type StateSettings = Pick<SignalSettings, 'atrBars' | 'maxGapMinutes'>

/** The market at one time, by the bars that have ended: what the moments of all levels share. */
export interface MarketState {
  readonly day: DayState
  /** Seconds since the session opened. */
  readonly sinceOpen: number
  /** The price of a tick, or the last close; NaN without either for longer than the longest gap. */
  readonly spot: number
  readonly atr: number
  readonly maxGapMinutes: number
  /** The numbers of a moment that no level changes; NaN in the others' places. */
  readonly shared: Float64Array
}

/** When a moment is, and the price then where it is known better than by the last close. */
export interface MomentTime {
  /** Seconds since the session opened; no bar of `day` ends later. */
  readonly sinceOpen: number
  /** Dollars; the last close by default. */
  readonly spot?: number
}

const SINCE_OPEN = placeOf('since_open_s')
const LEFT = placeOf('left_s')
const SIGMA = placeOf('sigma_1m')
const RANGE_SIGMA = placeOf(`range_sigma_${RANGE_SPANS[0]}`)

/**
 * The market at a time of the session of `day`, whose bars have all ended by then. It depends on those bars and on the time,
 * on nothing else. Cost: the bars of the ATR.
 */
export function marketState(
  day: DayState,
  ranges: RangeState,
  { sinceOpen, spot }: MomentTime,
  { atrBars, maxGapMinutes }: StateSettings,
): MarketState {
  const shared = new Float64Array(MOMENT_NUMBERS.length).fill(Number.NaN)
  const minute = day.openMinute + Math.floor(sinceOpen / 60)
  const isStale = minute - fromLast(day.minute, 0) - 1 > maxGapMinutes
  const atr = averageTrueRange(day, atrBars)
  shared[SINCE_OPEN] = sinceOpen
  shared[LEFT] = (day.closeMinute - day.openMinute) * 60 - sinceOpen
  shared[SIGMA] = atr / MEAN_RANGE
  readRanges(ranges, shared, RANGE_SIGMA)
  return { day, sinceOpen, spot: spot ?? (isStale ? Number.NaN : fromLast(day.close, 0)), atr, maxGapMinutes, shared }
}

const ELAPSED = placeOf('elapsed_s')
const MOVED = placeOf('moved')
const MOVED_ATR = placeOf('moved_atr')
const BEYOND = placeOf('furthest_beyond')
const BACK = placeOf('furthest_back')
const CHANGE_1M = placeOf('change_1m')
const CHANGE_5M = placeOf('change_5m')
const CHANGE_OPEN = placeOf('change_open')

/**
 * Writes the numbers of one moment to `out` from `at` on, in the order of `MOMENT_NUMBERS`; NaN where one is not known. Batch
 * and live rows come from here alone. Cost: bars since the touch.
 */
export function writeMoment(market: MarketState, path: LevelPath, out: Float64Array, at: number): void {
  const { day, sinceOpen, spot, shared } = market
  const { price, sign, touchMinute } = path
  const moved = sign * (spot - price)
  const minute = day.openMinute + Math.floor(sinceOpen / 60)
  out.set(shared, at)
  out[at + ELAPSED] = touchMinute === null ? Number.NaN : sinceOpen - (touchMinute - day.openMinute) * 60
  out[at + MOVED] = moved
  out[at + MOVED_ATR] = moved / positive(path.atr ?? market.atr)
  const [beyond, back] = touchMinute === null ? NOWHERE : furthestSince(market, path, touchMinute)
  const { seen } = path
  const [above, below] = seen === undefined ? [-Infinity, -Infinity] : [seen.highest - price, price - seen.lowest]
  out[at + BEYOND] = Math.max(beyond, sign > 0 ? above : below, moved)
  out[at + BACK] = Math.max(back, sign > 0 ? below : above, -moved)
  out[at + CHANGE_1M] = sign * (spot - closeAsOf(day, minute - 2))
  out[at + CHANGE_5M] = sign * (spot - closeAsOf(day, minute - 6))
  out[at + CHANGE_OPEN] = sign * (spot - (day.open[day.preMarketBars] ?? Number.NaN))
}

const NOWHERE: readonly [number, number] = [Number.NaN, Number.NaN]

const positive = (value: number): number => (value > 0 ? value : Number.NaN)

/**
 * How far price was beyond the level and before it by the bars from the touch minute on, the touch bar whole; NaN where a
 * run of absent minutes too long to call quiet lies between.
 */
function furthestSince(
  { day, sinceOpen, maxGapMinutes }: MarketState,
  { price, sign }: LevelPath,
  touchMinute: number,
): readonly [beyond: number, back: number] {
  let [highest, lowest] = [-Infinity, Infinity]
  let next = day.openMinute + Math.floor(sinceOpen / 60)
  for (let i = day.minute.length - 1; i >= 0; i--) {
    const minute = day.minute[i] as number
    if (next - Math.max(minute, touchMinute - 1) - 1 > maxGapMinutes) return NOWHERE
    if (minute < touchMinute) break
    next = minute
    highest = Math.max(highest, day.high[i] as number)
    lowest = Math.min(lowest, day.low[i] as number)
  }
  return sign > 0 ? [highest - price, price - lowest] : [price - lowest, highest - price]
}
