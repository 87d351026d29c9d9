/** The columns of the signals table by group, as the contract lists them, in the layout of the original's features.json. */
const GROUPS: Readonly<Record<string, string>> = {
  identity: 'event_id:string ts_ns:int64 confirm_ts_ns:float64 date:string symbol:string',
  level:
    'spot level_price level_kind:int8 level_kind_name:string direction:string direction_sign:int8 distance distance_signed atr distance_atr distance_pct distance_signed_atr distance_signed_pct level_price_pct',
  context:
    'is_first_15m:bool dist_to_pm_high dist_to_pm_low dist_to_pm_high_atr dist_to_pm_high_pct dist_to_pm_low_atr dist_to_pm_low_pct',
  mean_reversion:
    'sma_200 sma_400 dist_to_sma_200 dist_to_sma_400 dist_to_sma_200_atr dist_to_sma_200_pct dist_to_sma_400_atr dist_to_sma_400_pct sma_200_slope sma_400_slope sma_200_slope_5bar sma_400_slope_5bar sma_spread mean_reversion_pressure_200 mean_reversion_pressure_400 mean_reversion_velocity_200 mean_reversion_velocity_400',
  confluence:
    'confluence_count:int32 confluence_weighted_score confluence_min_distance confluence_min_distance_atr confluence_min_distance_pct confluence_pressure confluence_alignment:int8',
  barrier_physics:
    'barrier_state:string barrier_delta_liq barrier_delta_liq_nonzero:int8 barrier_delta_liq_log barrier_replenishment_ratio wall_ratio wall_ratio_nonzero:int8 wall_ratio_log',
  tape_physics: 'tape_imbalance tape_buy_vol:int64 tape_sell_vol:int64 tape_velocity sweep_detected:bool',
  fuel_physics: 'gamma_exposure fuel_effect:string gamma_bucket:string',
  dealer_velocity:
    'gamma_flow_velocity gamma_flow_impulse gamma_flow_accel_1m gamma_flow_accel_3m dealer_pressure dealer_pressure_accel',
  pressure_indicators:
    'liquidity_pressure tape_pressure gamma_pressure gamma_pressure_accel reversion_pressure net_break_pressure',
  approach_context:
    'approach_velocity approach_bars:int32 approach_distance approach_distance_atr approach_distance_pct prior_touches:int32 attempt_index:int32 attempt_cluster_id:int32 barrier_replenishment_trend barrier_delta_liq_trend tape_velocity_trend tape_imbalance_trend bars_since_open:int32',
  outcome:
    'outcome:string future_price_5min anchor_spot tradeable_1:int8 tradeable_2:int8 excursion_max excursion_min strength_signed strength_abs time_to_threshold_1 time_to_threshold_2 time_to_break_1 time_to_bounce_1 time_to_break_2 time_to_bounce_2',
}

const BY_ANCHOR =
  'anchor_spot confirm_ts_ns excursion_max excursion_min future_price outcome:string strength_abs strength_signed time_to_bounce_1 time_to_bounce_2 time_to_break_1 time_to_break_2 time_to_threshold_1 time_to_threshold_2 tradeable_1:int8 tradeable_2:int8'

type Columns = Record<string, { dtype: string; description: string; example: number }>

function parse(list: string, suffix = ''): Columns {
  return Object.fromEntries(
    list.split(' ').map((entry) => {
      const [name = '', dtype = 'float64'] = entry.split(':')
      return [name + suffix, { dtype, description: `The column ${name}.`, example: 0 }]
    }),
  )
}

/** A fresh features.json in the original 1.5.0 layout that holds every column of the contract. */
export function originalFeatures(): {
  version: string
  output_path: string
  features: Record<string, { description: string; columns: Columns }>
} {
  const features: Record<string, { description: string; columns: Columns }> = {}
  for (const [group, list] of Object.entries(GROUPS)) features[group] = { description: group, columns: parse(list) }
  const columns: Columns = {}
  for (const suffix of ['_2min', '_4min', '_8min']) Object.assign(columns, parse(BY_ANCHOR, suffix))
  features['outcome_by_anchor'] = { description: 'by anchor', columns }
  return { version: '1.5.0', output_path: 'lake/signals.parquet', features }
}

/** Every column name of the contract. */
export function contractColumns(): string[] {
  return Object.values(originalFeatures().features).flatMap((group) => Object.keys(group.columns))
}
