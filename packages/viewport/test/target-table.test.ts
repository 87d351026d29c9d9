import { MISSING_NS } from '@breakwater/features/vocabulary'
import { type TargetPayload, targetTable, type ViewportPayload } from '@breakwater/viewport/payload'
import { expect, test } from 'vitest'

const none = { '60': null }
const TARGET: TargetPayload = {
  level_id: 'ROUND_687.00',
  level_kind_name: 'ROUND',
  level_price: 687,
  direction: null,
  distance: 0.5,
  distance_signed: -0.5,
  p_tradeable_2: null,
  p_break: null,
  p_bounce: null,
  p_neither: null,
  p_break_given_tradeable: null,
  p_bounce_given_tradeable: null,
  p_break_condition: 'joint_with_tradeable_2',
  p_break_interval: null,
  p_bounce_interval: null,
  strength_signed: null,
  strength_signed_interval: null,
  strength_abs: null,
  time_to_threshold: { t1: none, t2: none, t1_break: none, t1_bounce: none, t2_break: none, t2_bounce: none },
  retrieval: null,
  ensemble: null,
  feasibility_mask: null,
  utility_score: null,
  as_of_ts_ns: null,
  elapsed_s: null,
  condition: 'given_touch',
  source: null,
  p_touch: null,
  settled: {},
  intervals: null,
  intervals_missing: 'no_numbers',
  strength_ahead: null,
  expected_extremes: null,
  expected_move: null,
  utility_net: null,
  features: null,
  viewport_state: 'FAR',
  stage: 'stage_a',
  row_basis: null,
  pinned: false,
  relevance: 0.2,
  touch_ts_ns: null,
  confirm_ts_ns: null,
  error: 'no_bars',
}
const VIEWPORT: ViewportPayload = {
  version: 2,
  ts: 1_767_364_200_250,
  timeframe: '4min',
  models: { stage_a: null, stage_b: null },
  error: null,
  utility: { order: 'utility_score', cost: 0.05 },
  targets: [],
  rejected: [],
}

test('a row per target, exact times, NaN and -1 for what is missing', () => {
  const table = targetTable()
  const touched: TargetPayload = {
    ...TARGET,
    direction: 'UP',
    p_break: 0.25,
    p_break_interval: [0.125, 0.5],
    time_to_threshold: { ...TARGET.time_to_threshold, t1: { '60': 0.75 } },
    viewport_state: 'TOUCH',
    pinned: true,
    touch_ts_ns: 1_767_364_200_250_000_000,
    error: null,
  }
  table.add({ ...VIEWPORT, targets: [TARGET, touched] })
  table.add({ ...VIEWPORT, ts: 1_767_364_200_500, targets: [TARGET] })
  const { rows, columns } = table.finish()
  expect(rows).toBe(3)
  expect(columns['ts_ns']?.type === 'time' && [...columns['ts_ns'].values]).toEqual([
    1_767_364_200_250_000_000n,
    1_767_364_200_250_000_000n,
    1_767_364_200_500_000_000n,
  ])
  expect(columns['touch_ts_ns']?.type === 'time' && [...columns['touch_ts_ns'].values]).toEqual([
    MISSING_NS,
    1_767_364_200_250_000_000n,
    MISSING_NS,
  ])
  const numbers = (name: string): number[] => {
    const column = columns[name]
    return column?.type === 'number' ? [...column.values] : []
  }
  expect(numbers('p_break')).toEqual([Number.NaN, 0.25, Number.NaN])
  expect(numbers('p_break_low')).toEqual([Number.NaN, 0.125, Number.NaN])
  expect(numbers('t1_60s')).toEqual([Number.NaN, 0.75, Number.NaN])
  expect(numbers('pinned')).toEqual([0, 1, 0])
  expect(columns['direction']).toEqual({ type: 'string', codes: Int32Array.of(-1, 0, -1), dictionary: ['UP'] })
  expect(columns['viewport_state']).toEqual({
    type: 'string',
    codes: Int32Array.of(0, 1, 0),
    dictionary: ['FAR', 'TOUCH'],
  })
})
