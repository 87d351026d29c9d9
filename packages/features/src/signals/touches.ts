import { fromLast } from './day.ts'
import type { DayState } from './day.ts'
import { compareLevels, roundLevels } from './levels.ts'
import type { Level } from './levels.ts'
import { PRICE_EPSILON, within } from '../vocabulary/price.ts'
import type { SignalSettings } from './settings.ts'

/** Where a touch stands and what it touches. Known: the level at the touch minute's start, the touch at its end. */
export interface Touch {
  /** Start of the touch minute, in minutes since 1970. */
  readonly minute: number
  readonly level: Level
  /** +1 when price came from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
}

/** The touches of one bar. */
export interface BarTouches {
  /** In order of level code and price. */
  readonly touches: readonly Touch[]
  /** Touches left out because nothing before the bar, nor its open, lies on either side of the level. */
  readonly undirected: number
}

/** Side of `from` seen from `level`: +1 when it lies below, -1 above, 0 when it is the same price or missing. */
function sideOf(from: number, level: number): 1 | -1 | 0 {
  if (level - from > PRICE_EPSILON) return 1
  return from - level > PRICE_EPSILON ? -1 : 0
}

/**
 * From which side the last bar of `day` came to `price`: the side of the last close before it that differs from the
 * price; then of the prior session's close; then of the bar's own open. +1 from below, -1 from above, 0 unknown. The bar's
 * own close never decides (a bar that breaks the level would look like one that comes from beyond it).
 * Known: at the bar's start.
 */
export function approachSign(day: DayState, price: number): 1 | -1 | 0 {
  return sideOfCloses(day, price, 1)
}

/** The side of `price` on which `day` stands at its last bar's end; as {@link approachSign}, the last close included. */
export function standingSign(day: DayState, price: number): 1 | -1 | 0 {
  return sideOfCloses(day, price, 0)
}

/** The side of the last of the closes, from `back` bars ago on, that differs from the price; then as approachSign says. */
function sideOfCloses(day: DayState, price: number, back: number): 1 | -1 | 0 {
  for (let i = back; i < day.close.length; i++) {
    const side = sideOf(fromLast(day.close, i), price)
    if (side !== 0) return side
  }
  return sideOf(day.priorClose, price) || sideOf(fromLast(day.open, 0), price)
}

/**
 * The levels that the last bar of `day` touches: its range comes within `touchBand` of the level and its close lies within
 * `monitorBand`. `levels` are those known at the bar's start; round levels near the bar are added here.
 */
export function touchesOf(day: DayState, levels: readonly Level[], settings: SignalSettings): BarTouches {
  const high = fromLast(day.high, 0)
  const low = fromLast(day.low, 0)
  const close = fromLast(day.close, 0)
  const { touchBand, monitorBand, roundSpacing } = settings
  // Those farther from the close are touched by no bar, however long its wicks.
  const reach = monitorBand + PRICE_EPSILON
  const rounds = roundLevels(
    Math.max(low - touchBand, close - reach),
    Math.min(high + touchBand, close + reach),
    roundSpacing,
  )
  const isTouched = ({ price }: Level): boolean =>
    within(low - price, touchBand) && within(price - high, touchBand) && within(Math.abs(close - price), monitorBand)
  const touched = [...levels, ...rounds].filter(isTouched).toSorted(compareLevels)
  const minute = fromLast(day.minute, 0)
  const touches = touched.flatMap((level) => {
    const sign = approachSign(day, level.price)
    return sign === 0 ? [] : [{ minute, level, sign }]
  })
  return { touches, undirected: touched.length - touches.length }
}
