import { ratio } from './bar-state.ts'
import type { BarState } from './bar-state.ts'

/** Columns of {@link reversionFeatures}. */
export type ReversionColumn =
  | 'sma_200'
  | 'sma_400'
  | 'dist_to_sma_200'
  | 'dist_to_sma_400'
  | 'sma_200_slope'
  | 'sma_400_slope'
  | 'sma_200_slope_5bar'
  | 'sma_400_slope_5bar'
  | 'sma_spread'
  | 'mean_reversion_pressure_200'
  | 'mean_reversion_pressure_400'
  | 'mean_reversion_velocity_200'
  | 'mean_reversion_velocity_400'

/** Seconds after the touch minute's start at which each is known: two-minute bars complete when the touch minute ends. */
export const KNOWN_AFTER_S: Readonly<Record<ReversionColumn, number>> = {
  sma_200: 60,
  sma_400: 60,
  dist_to_sma_200: 60,
  dist_to_sma_400: 60,
  sma_200_slope: 60,
  sma_400_slope: 60,
  sma_200_slope_5bar: 60,
  sma_400_slope_5bar: 60,
  sma_spread: 60,
  mean_reversion_pressure_200: 60,
  mean_reversion_pressure_400: 60,
  mean_reversion_velocity_200: 60,
  mean_reversion_velocity_400: 60,
}

/**
 * The level against the two SMAs: dist_to_sma = level - SMA ($); slopes ($/min) over `slopeMinutes` and, `_5bar`, over
 * `shortSlopeBars` two-minute bars; sma_spread = SMA 200 - SMA 400; mean_reversion_pressure = distance over the standard
 * deviation of one-minute changes; mean_reversion_velocity = change of the distance per minute over `reversionMinutes` with
 * the level held where it is. NaN where a part is missing or the volatility is zero.
 */
export function reversionFeatures(price: number, state: BarState): Record<ReversionColumn, number> {
  const { sma200, sma400, volatility } = state
  const [distance200, distance400] = [price - sma200.value, price - sma400.value]
  return {
    sma_200: sma200.value,
    sma_400: sma400.value,
    dist_to_sma_200: distance200,
    dist_to_sma_400: distance400,
    sma_200_slope: sma200.slope,
    sma_400_slope: sma400.slope,
    sma_200_slope_5bar: sma200.shortSlope,
    sma_400_slope_5bar: sma400.shortSlope,
    sma_spread: sma200.value - sma400.value,
    mean_reversion_pressure_200: ratio(distance200, volatility),
    mean_reversion_pressure_400: ratio(distance400, volatility),
    mean_reversion_velocity_200: -sma200.drift,
    mean_reversion_velocity_400: -sma400.drift,
  }
}
