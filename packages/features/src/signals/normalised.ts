import { ratio } from './bar-state.ts'

/** Distances that have a twin in ATRs and one as a fraction of spot. */
export type NormalisedSource =
  | 'distance'
  | 'distance_signed'
  | 'dist_to_pm_high'
  | 'dist_to_pm_low'
  | 'dist_to_sma_200'
  | 'dist_to_sma_400'
  | 'confluence_min_distance'
  | 'approach_distance'

/** Columns of {@link normalisedTwins}. */
export type NormalisedColumn = `${NormalisedSource}_atr` | `${NormalisedSource}_pct` | 'level_price_pct'

/** Seconds after the touch minute's start at which each is known: ATR and spot need the touch bar. */
export const KNOWN_AFTER_S: Readonly<Record<NormalisedColumn, number>> = {
  distance_atr: 60,
  distance_pct: 60,
  distance_signed_atr: 60,
  distance_signed_pct: 60,
  level_price_pct: 60,
  dist_to_pm_high_atr: 60,
  dist_to_pm_high_pct: 60,
  dist_to_pm_low_atr: 60,
  dist_to_pm_low_pct: 60,
  dist_to_sma_200_atr: 60,
  dist_to_sma_200_pct: 60,
  dist_to_sma_400_atr: 60,
  dist_to_sma_400_pct: 60,
  confluence_min_distance_atr: 60,
  confluence_min_distance_pct: 60,
  approach_distance_atr: 60,
  approach_distance_pct: 60,
}

/**
 * The twins of the distances in `values`: `_atr` is the value over ATR, `_pct` the value over spot (a fraction, not a
 * percentage). NaN where a part is missing or ATR is zero.
 */
export function normalisedTwins(
  values: Readonly<Record<NormalisedSource | 'level_price' | 'atr' | 'spot', number>>,
): Record<NormalisedColumn, number> {
  const atr = (name: NormalisedSource): number => ratio(values[name], values.atr)
  const pct = (name: NormalisedSource | 'level_price'): number => ratio(values[name], values.spot)
  return {
    distance_atr: atr('distance'),
    distance_pct: pct('distance'),
    distance_signed_atr: atr('distance_signed'),
    distance_signed_pct: pct('distance_signed'),
    level_price_pct: pct('level_price'),
    dist_to_pm_high_atr: atr('dist_to_pm_high'),
    dist_to_pm_high_pct: pct('dist_to_pm_high'),
    dist_to_pm_low_atr: atr('dist_to_pm_low'),
    dist_to_pm_low_pct: pct('dist_to_pm_low'),
    dist_to_sma_200_atr: atr('dist_to_sma_200'),
    dist_to_sma_200_pct: pct('dist_to_sma_200'),
    dist_to_sma_400_atr: atr('dist_to_sma_400'),
    dist_to_sma_400_pct: pct('dist_to_sma_400'),
    confluence_min_distance_atr: atr('confluence_min_distance'),
    confluence_min_distance_pct: pct('confluence_min_distance'),
    approach_distance_atr: atr('approach_distance'),
    approach_distance_pct: pct('approach_distance'),
  }
}
