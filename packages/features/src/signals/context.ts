import type { DayState } from './day.ts'
import { levelCode } from './levels.ts'
import type { BarState } from './bar-state.ts'
import type { Touch } from './touches.ts'

/** Columns of {@link contextFeatures}. */
export type ContextColumn =
  | 'spot'
  | 'level_price'
  | 'level_kind'
  | 'direction_sign'
  | 'distance'
  | 'distance_signed'
  | 'atr'
  | 'is_first_15m'
  | 'dist_to_pm_high'
  | 'dist_to_pm_low'
  | 'bars_since_open'

/** Seconds after the touch minute's start at which each is known. */
export const KNOWN_AFTER_S: Readonly<Record<ContextColumn, number>> = {
  spot: 60,
  level_price: 0,
  level_kind: 0,
  direction_sign: 0,
  distance: 60,
  distance_signed: 60,
  atr: 60,
  is_first_15m: 0,
  dist_to_pm_high: 0,
  dist_to_pm_low: 0,
  bars_since_open: 0,
}

const FIRST_MINUTES = 15

/**
 * The touch and where it stands in the day: spot = close of the touch bar; distance = |spot - level|; distance_signed = level -
 * spot; dist_to_pm_high and dist_to_pm_low = level - the pre-market high or low, NaN without pre-market bars; is_first_15m = 1
 * when the touch minute starts less than 15 minutes after 09:30, else 0; bars_since_open = whole minutes from 09:30 to its start.
 */
export function contextFeatures(day: DayState, touch: Touch, state: BarState): Record<ContextColumn, number> {
  const { kind, price } = touch.level
  const sinceOpen = touch.minute - day.openMinute
  return {
    spot: state.spot,
    level_price: price,
    level_kind: levelCode(kind),
    direction_sign: touch.sign,
    distance: Math.abs(state.spot - price),
    distance_signed: price - state.spot,
    atr: state.atr,
    is_first_15m: sinceOpen < FIRST_MINUTES ? 1 : 0,
    dist_to_pm_high: price - day.preMarket.high,
    dist_to_pm_low: price - day.preMarket.low,
    bars_since_open: sinceOpen,
  }
}
