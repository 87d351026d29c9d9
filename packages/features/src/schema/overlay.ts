/**
 * What the original's features.json 1.5.0 lacks about its columns: what each is for, in which unit, and when the
 * value that its files hold became known. The times are those of the original's code, not of ours: two-minute bars are
 * joined by their start (known up to 120 s after ts_ns), tape windows run to 60 s and barrier windows to 240 s.
 *
 * Columns whose stored value contains the rest of the day carry a `lookahead` reason instead and are never selected.
 */
import { FEATURE_ALIASES } from './aliases.ts'
import type { ColumnSpec, FeatureFamily, FeatureStage } from './schema.ts'
import { BARRIER_STATES, DIRECTIONS, FUEL_EFFECTS, GAMMA_BUCKETS, LEVEL_KINDS, OUTCOMES } from '../vocabulary/words.ts'

/** The part of a column's specification that the overlay supplies. */
export type OverlayColumn = Omit<ColumnSpec, 'name' | 'type' | 'group' | 'description'>

const identity = (unit: string): OverlayColumn => ({ role: 'identity', unit })
const level = (unit: string): OverlayColumn => ({ role: 'level', unit })
const label = (unit: string): OverlayColumn => ({ role: 'label', unit })

const feature =
  (family: FeatureFamily, stage: FeatureStage, knownAfterS: number) =>
  (unit: string, categories?: readonly string[]): OverlayColumn => ({
    role: 'feature',
    family,
    stage,
    unit,
    knownAfterS,
    ...(categories === undefined ? {} : { categories }),
  })

const future =
  (family: FeatureFamily, stage: FeatureStage, lookahead: string) =>
  (unit: string, categories?: readonly string[]): OverlayColumn => ({
    role: 'feature',
    family,
    stage,
    unit,
    lookahead,
    ...(categories === undefined ? {} : { categories }),
  })

const context = feature('context', 'b', 60)
const reversion = feature('ta', 'b', 120)
const approach = feature('ta', 'b', 60)
const barrier = feature('mechanics', 'a', 240)
const tape = feature('mechanics', 'a', 60)
const trend = (seconds: number): OverlayColumn => feature('mechanics', 'b', seconds)('1')

const DAY_DEPTH = 'divided by the mean depth of the whole day'
const DAY_FLOW = "summed over the whole day's option flow, without regard to the time of the touch"
const DAY_SPOT = "built from greeks at the day's last price"
const wall = future('mechanics', 'a', DAY_DEPTH)
const fuel = future('mechanics', 'a', DAY_FLOW)
const velocity = future('mechanics', 'b', DAY_SPOT)

const COLUMNS: Readonly<Record<string, OverlayColumn>> = {
  event_id: identity('id'),
  ts_ns: identity('ns'),
  confirm_ts_ns: identity('ns'),
  date: identity('date'),
  symbol: identity('symbol'),
  attempt_cluster_id: identity('id'),

  spot: level('$'),
  level_price: level('$'),
  level_kind: level('code'),
  direction_sign: level('1'),
  sma_200: level('$'),
  sma_400: level('$'),
  level_kind_name: feature('context', 'a', 0)('word', LEVEL_KINDS),
  // The side of the touch bar's close, so not known when the bar starts.
  direction: feature('context', 'a', 60)('word', DIRECTIONS),
  distance: context('$'),
  distance_signed: context('$'),
  atr: context('$'),
  distance_atr: context('ATR'),
  distance_pct: context('1'),
  distance_signed_atr: context('ATR'),
  distance_signed_pct: context('1'),
  level_price_pct: context('1'),

  is_first_15m: feature('context', 'b', 0)('1'),
  bars_since_open: feature('context', 'b', 0)('bars'),
  dist_to_pm_high: context('$'),
  dist_to_pm_low: context('$'),
  dist_to_pm_high_atr: context('ATR'),
  dist_to_pm_high_pct: context('1'),
  dist_to_pm_low_atr: context('ATR'),
  dist_to_pm_low_pct: context('1'),

  dist_to_sma_200: reversion('$'),
  dist_to_sma_400: reversion('$'),
  dist_to_sma_200_atr: reversion('ATR'),
  dist_to_sma_200_pct: reversion('1'),
  dist_to_sma_400_atr: reversion('ATR'),
  dist_to_sma_400_pct: reversion('1'),
  sma_200_slope: reversion('$/min'),
  sma_400_slope: reversion('$/min'),
  sma_200_slope_5bar: reversion('$/min'),
  sma_400_slope_5bar: reversion('$/min'),
  sma_spread: reversion('$'),
  mean_reversion_pressure_200: reversion('1'),
  mean_reversion_pressure_400: reversion('1'),
  mean_reversion_velocity_200: reversion('$/min'),
  mean_reversion_velocity_400: reversion('$/min'),

  confluence_count: reversion('levels'),
  confluence_weighted_score: reversion('1'),
  confluence_min_distance: reversion('$'),
  confluence_min_distance_atr: reversion('ATR'),
  confluence_min_distance_pct: reversion('1'),
  confluence_pressure: reversion('1'),
  confluence_alignment: reversion('1'),

  barrier_state: future(
    'mechanics',
    'a',
    `decided together with wall_ratio, which is ${DAY_DEPTH}`,
  )('word', BARRIER_STATES),
  barrier_delta_liq: barrier('contracts'),
  barrier_delta_liq_nonzero: barrier('1'),
  barrier_delta_liq_log: barrier('log contracts'),
  barrier_replenishment_ratio: barrier('1'),
  wall_ratio: wall('1'),
  wall_ratio_nonzero: wall('1'),
  wall_ratio_log: wall('log 1'),

  tape_imbalance: tape('1'),
  tape_buy_vol: tape('contracts'),
  tape_sell_vol: tape('contracts'),
  tape_velocity: tape('$/s'),
  sweep_detected: tape('1'),

  gamma_exposure: fuel('shares'),
  fuel_effect: fuel('word', FUEL_EFFECTS),
  gamma_bucket: fuel('word', GAMMA_BUCKETS),

  gamma_flow_velocity: velocity('gamma/min'),
  gamma_flow_impulse: velocity('gamma'),
  gamma_flow_accel_1m: velocity('gamma/min^2'),
  gamma_flow_accel_3m: velocity('gamma/min^2'),
  dealer_pressure: velocity('1'),
  dealer_pressure_accel: velocity('1/min'),

  liquidity_pressure: future('mechanics', 'b', `half of it is wall_ratio, ${DAY_DEPTH}`)('1'),
  tape_pressure: feature('mechanics', 'b', 60)('1'),
  gamma_pressure: future('mechanics', 'b', `made from gamma_exposure, ${DAY_FLOW}`)('1'),
  gamma_pressure_accel: velocity('1'),
  reversion_pressure: reversion('1'),
  net_break_pressure: future('mixed', 'b', `a mean that includes gamma_pressure, ${DAY_FLOW}`)('1'),

  approach_velocity: approach('$/min'),
  approach_bars: approach('bars'),
  approach_distance: approach('$'),
  approach_distance_atr: approach('ATR'),
  approach_distance_pct: approach('1'),
  prior_touches: future('ta', 'b', 'counted in row order, where later touches of the day can come first')('touches'),
  attempt_index: approach('touches'),
  barrier_replenishment_trend: trend(240),
  barrier_delta_liq_trend: trend(240),
  tape_velocity_trend: trend(60),
  tape_imbalance_trend: trend(60),

  outcome: { ...label('word'), categories: OUTCOMES },
  future_price_5min: label('$'),
  future_price: label('$'),
  anchor_spot: label('$'),
  tradeable_1: label('1'),
  tradeable_2: label('1'),
  excursion_max: label('$'),
  excursion_min: label('$'),
  strength_signed: label('$'),
  strength_abs: label('$'),
  time_to_threshold_1: label('s'),
  time_to_threshold_2: label('s'),
  time_to_break_1: label('s'),
  time_to_bounce_1: label('s'),
  time_to_break_2: label('s'),
  time_to_bounce_2: label('s'),
}

const OVERLAY = new Map(Object.entries(COLUMNS))

/**
 * The overlay's entry for a column of the original; undefined for a column that it does not know. A label with an
 * anchor's suffix (`_2min`, `_4min`, `_8min`) is as its namesake without one.
 */
export function overlayColumn(name: string): OverlayColumn | undefined {
  const bare = name.replace(/_[248]min$/, '')
  const found = OVERLAY.get(bare)
  if (found === undefined || (bare !== name && found.role !== 'label' && bare !== 'confirm_ts_ns')) return undefined
  const aliases = [...FEATURE_ALIASES.keys()].filter((alias) => FEATURE_ALIASES.get(alias) === name)
  return aliases.length === 0 ? found : { ...found, aliases }
}
