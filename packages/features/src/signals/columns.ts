import type { ColumnType } from '../schema/schema.ts'
import { FAMILIES } from './families.ts'
import { ANCHORS } from '../vocabulary/anchors.ts'

/** One column of the signals table. */
export interface SignalColumn {
  readonly name: string
  readonly type: ColumnType
  readonly group: string
  /** Seconds after `ts_ns` (the start of the touch minute) from which the value is known; null for a label. */
  readonly knownAfterS: number | null
}

/** Strings and times that are not features of a family. `direction` is the side before the touch bar. */
const OTHERS: Readonly<Record<string, number>> = {
  event_id: 60,
  ts_ns: 0,
  confirm_ts_ns: 0,
  confirm_ts_ns_2min: 0,
  confirm_ts_ns_4min: 0,
  confirm_ts_ns_8min: 0,
  date: 0,
  symbol: 0,
  level_kind_name: 0,
  direction: 0,
}

const KNOWN: Readonly<Record<string, number>> = Object.fromEntries(
  [OTHERS, ...Object.values(FAMILIES)].flatMap((known) => Object.entries(known)),
)

function words(text: string): string[] {
  return text.split(/\s+/)
}

/** Columns whose type is not float64. */
const TYPED: readonly (readonly [ColumnType, string])[] = [
  [
    'string',
    `event_id date symbol level_kind_name direction barrier_state fuel_effect gamma_bucket outcome outcome_2min outcome_4min
      outcome_8min`,
  ],
  ['time', 'ts_ns confirm_ts_ns confirm_ts_ns_2min confirm_ts_ns_4min confirm_ts_ns_8min'],
  [
    'int8',
    `level_kind direction_sign confluence_alignment barrier_delta_liq_nonzero wall_ratio_nonzero tradeable_1 tradeable_2
      tradeable_1_2min tradeable_2_2min tradeable_1_4min tradeable_2_4min tradeable_1_8min tradeable_2_8min`,
  ],
  ['int32', 'confluence_count approach_bars prior_touches attempt_index attempt_cluster_id bars_since_open'],
  ['int64', 'tape_buy_vol tape_sell_vol'],
  ['bool', 'is_first_15m sweep_detected'],
]

const TYPES: ReadonlyMap<string, ColumnType> = new Map(
  TYPED.flatMap(([type, names]) => words(names).map((name) => [name, type] as const)),
)

const OUTCOMES = `anchor_spot excursion_max excursion_min outcome strength_abs strength_signed time_to_bounce_1 time_to_bounce_2
  time_to_break_1 time_to_break_2 time_to_threshold_1 time_to_threshold_2 tradeable_1 tradeable_2 window_s`

const BY_ANCHOR = ANCHORS.flatMap((anchor) =>
  words(`${OUTCOMES} confirm_ts_ns future_price`).map((name) => `${name}_${anchor}`),
).join(' ')

/** Names by group, in the order of the table. */
const GROUPS: Readonly<Record<string, string>> = {
  identity: 'event_id ts_ns confirm_ts_ns date symbol',
  level: `spot level_price level_kind level_kind_name direction direction_sign distance distance_signed atr distance_atr
    distance_pct distance_signed_atr distance_signed_pct level_price_pct`,
  context: `is_first_15m dist_to_pm_high dist_to_pm_low dist_to_pm_high_atr dist_to_pm_high_pct dist_to_pm_low_atr
    dist_to_pm_low_pct`,
  mean_reversion: `sma_200 sma_400 dist_to_sma_200 dist_to_sma_400 dist_to_sma_200_atr dist_to_sma_200_pct dist_to_sma_400_atr
    dist_to_sma_400_pct sma_200_slope sma_400_slope sma_200_slope_5bar sma_400_slope_5bar sma_spread
    mean_reversion_pressure_200 mean_reversion_pressure_400 mean_reversion_velocity_200 mean_reversion_velocity_400`,
  confluence: `confluence_count confluence_weighted_score confluence_min_distance confluence_min_distance_atr
    confluence_min_distance_pct confluence_pressure confluence_alignment`,
  barrier_physics: `barrier_state barrier_delta_liq barrier_delta_liq_nonzero barrier_delta_liq_log barrier_replenishment_ratio
    wall_ratio wall_ratio_nonzero wall_ratio_log`,
  tape_physics: 'tape_imbalance tape_buy_vol tape_sell_vol tape_velocity sweep_detected',
  fuel_physics: 'gamma_exposure fuel_effect gamma_bucket',
  dealer_velocity: `gamma_flow_velocity gamma_flow_impulse gamma_flow_accel_1m gamma_flow_accel_3m dealer_pressure
    dealer_pressure_accel`,
  pressure_indicators: `liquidity_pressure tape_pressure gamma_pressure gamma_pressure_accel reversion_pressure
    net_break_pressure`,
  approach_context: `approach_velocity approach_bars approach_distance approach_distance_atr approach_distance_pct prior_touches
    attempt_index attempt_cluster_id barrier_replenishment_trend barrier_delta_liq_trend tape_velocity_trend
    tape_imbalance_trend bars_since_open`,
  outcome: `future_price_5min ${OUTCOMES}`,
  outcome_by_anchor: BY_ANCHOR,
}

/**
 * Every column of the signals table, in order, with its storage type, its group and when its value is known. The times come
 * from the families, where each stands beside the code that computes it.
 */
export const signalColumns: readonly SignalColumn[] = Object.entries(GROUPS).flatMap(([group, names]) =>
  words(names).map((name) => ({
    name,
    group,
    type: TYPES.get(name) ?? 'float64',
    knownAfterS: KNOWN[name] ?? null,
  })),
)
