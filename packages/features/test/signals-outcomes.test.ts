import { describe, expect, test } from 'vitest'
import { minutesFrom, ofKind, signalsOf, still } from './signal-days.ts'
import type { Prices, SignalValues } from './signal-days.ts'

const DAY = '2024-02-20'

/** The labels of a touch of 500 from below at 09:31, followed by `after` (from 09:32 on). */
function touchThen(after: readonly (Prices | null)[], options: Parameters<typeof signalsOf>[1] = {}): SignalValues {
  const touch: Prices[] = [
    [499.5, 499.5, 499.5, 499.5],
    [499.6, 499.95, 499.6, 499.9],
  ]
  const row = ofKind(signalsOf(minutesFrom(DAY, '09:30', [...touch, ...after]), options).rows, 'ROUND')[0]
  if (row === undefined) throw new Error('no touch')
  return row
}

/** Minutes 2 and 3 after the touch, before the four-minute anchor. */
const CONFIRMATION: Prices[] = still(499.8, 3)
const bar = (low: number, high: number): Prices => [499.8, high, low, 499.8]
const QUIET = bar(499.7, 499.9)
const quiet = (count: number): Prices[] => Array.from({ length: count }, () => QUIET)

const hole = (minutes: number): null[] => Array.from({ length: minutes }, () => null)

describe('the label window', () => {
  test('is eight whole bars from the anchor: a bar that starts eight minutes after it is outside', () => {
    const inside = touchThen([...CONFIRMATION, ...quiet(7), bar(499.7, 502), ...quiet(3)])
    expect(inside).toMatchObject({
      outcome: 'BREAK',
      time_to_break_2: 420,
      time_to_threshold_2: 420,
      tradeable_2: 1,
      window_s: 480,
    })
    const outside = touchThen([...CONFIRMATION, ...quiet(8), bar(499.7, 502), ...quiet(3)])
    expect(outside).toMatchObject({ outcome: 'CHOP', time_to_break_2: Number.NaN, tradeable_2: 0, window_s: 480 })
  })

  test('starts at the anchor: what happened before it is no label of it', () => {
    const row = touchThen([...still(499.8, 1), bar(499.7, 502), ...still(499.8, 1), ...quiet(12)])
    expect(row).toMatchObject({ outcome: 'CHOP', outcome_2min: 'BREAK', time_to_break_2_2min: 0, outcome_8min: 'CHOP' })
  })

  test('measures in the frame of the approach, from the level', () => {
    const row = touchThen([...CONFIRMATION, QUIET, bar(499, 500.4), bar(498, 500.9), ...quiet(8)])
    expect(row).toMatchObject({
      outcome: 'BOUNCE',
      anchor_spot: 499.8,
      future_price_5min: 499.8,
      tradeable_1: 1,
      tradeable_2: 1,
      time_to_bounce_1: 60,
      time_to_bounce_2: 120,
      time_to_break_1: Number.NaN,
      time_to_threshold_1: 60,
      time_to_threshold_2: 120,
      excursion_min: -2,
      strength_signed: -2,
      strength_abs: 2,
    })
    expect(row['excursion_max']).toBeCloseTo(0.9, 10)
  })

  test('mirrors for an approach from above', () => {
    const prices: Prices[] = [
      [500.5, 500.5, 500.5, 500.5],
      [500.4, 500.4, 500.05, 500.1],
      ...still(500.2, 3),
      [500.2, 501, 497.5, 500.2],
    ]
    const rows = signalsOf(minutesFrom(DAY, '09:30', [...prices, ...still(500.2, 9)])).rows
    const round = ofKind(rows, 'ROUND').find((row) => row['level_price'] === 500)
    expect(round).toMatchObject({
      direction: 'DOWN',
      outcome: 'BREAK',
      time_to_break_2: 0,
      time_to_bounce_1: 0,
      time_to_bounce_2: Number.NaN,
      excursion_max: 2.5,
      excursion_min: -1,
      strength_signed: 2.5,
    })
  })

  test('leaves the order open when one bar is the first to reach both thresholds', () => {
    const row = touchThen([...CONFIRMATION, bar(497, 503), ...quiet(8)])
    expect(row).toMatchObject({
      outcome: 'UNDEFINED',
      window_s: 480,
      tradeable_2: 1,
      time_to_break_2: 0,
      time_to_bounce_2: 0,
    })
    const later = touchThen([...CONFIRMATION, bar(499, 502.5), bar(497, 503), ...quiet(8)])
    expect(later).toMatchObject({ outcome: 'BREAK', time_to_break_2: 0, time_to_bounce_2: 60 })
  })

  test('is incomplete where the data ends, and then keeps only the times of bars that were seen', () => {
    const row = touchThen([...CONFIRMATION, bar(499.7, 501), ...quiet(3)])
    expect(row).toMatchObject({
      outcome: 'UNDEFINED',
      window_s: 240,
      time_to_break_1: 0,
      tradeable_1: Number.NaN,
      excursion_max: Number.NaN,
      strength_signed: Number.NaN,
      future_price_5min: Number.NaN,
      anchor_spot: 499.8,
      window_s_2min: 360,
      window_s_8min: 0,
      anchor_spot_8min: 499.8,
    })
  })

  test('is incomplete past the close', () => {
    const rows = signalsOf(minutesFrom(DAY, '15:40', still(499.95, 30))).rows
    const byMinute = new Map(ofKind(rows, 'ROUND').map((row) => [Number(row['bars_since_open']) - 390, row]))
    expect(byMinute.get(-12)).toMatchObject({ outcome: 'CHOP', window_s: 480, future_price_5min: 499.95 })
    expect(byMinute.get(-11)).toMatchObject({ outcome: 'UNDEFINED', window_s: 420 })
    expect(byMinute.get(-4)).toMatchObject({ window_s: 0, anchor_spot: 499.95, window_s_2min: 120 })
    expect(byMinute.get(-3)).toMatchObject({ window_s: 0, anchor_spot: Number.NaN })
    expect(byMinute.get(-1)).toMatchObject({ window_s_2min: 0, anchor_spot_2min: Number.NaN })
  })

  test('bears five absent minutes in a row, not six', () => {
    const five = touchThen([...CONFIRMATION, QUIET, ...hole(5), ...quiet(10)])
    expect(five).toMatchObject({ outcome: 'CHOP', window_s: 480 })
    const six = touchThen([...CONFIRMATION, QUIET, ...hole(6), ...quiet(10)])
    expect(six).toMatchObject({ outcome: 'UNDEFINED', window_s: 60 })
    const allowed = touchThen([...CONFIRMATION, QUIET, ...hole(6), ...quiet(10)], { maxGapMinutes: 6 })
    expect(allowed).toMatchObject({ outcome: 'CHOP', window_s: 480 })
  })

  test('takes thresholds and length as options', () => {
    const after = [...CONFIRMATION, bar(499.7, 500.5), ...quiet(2)]
    expect(touchThen(after, { thresholds: [0.25, 0.5], lookforward: 3 })).toMatchObject({
      outcome: 'BREAK',
      window_s: 180,
      time_to_break_2: 0,
      future_price_5min: Number.NaN,
    })
  })

  test('compares cents as they are written, not as binary fractions', () => {
    // 500.34 - 500.04 is less than 0.3 in binary.
    const preMarket = minutesFrom(DAY, '09:29', [[499.9, 500.04, 499.9, 499.9]])
    const session: Prices[] = [[499.9, 500, 499.9, 500], ...still(500, 3), [500, 500.34, 500, 500], ...still(500, 8)]
    const [row] = ofKind(
      signalsOf([...preMarket, ...minutesFrom(DAY, '09:30', session)], { thresholds: [0.1, 0.3] }).rows,
      'PM_HIGH',
    )
    expect(row).toMatchObject({ level_price: 500.04, outcome: 'BREAK', time_to_break_2: 0 })
  })

  test('confirms at the anchors', () => {
    const row = touchThen(quiet(3))
    const after = (name: string): bigint => BigInt(String(row[name])) - BigInt(String(row['ts_ns']))
    expect(['', '_2min', '_4min', '_8min'].map((suffix) => after(`confirm_ts_ns${suffix}`) / 1_000_000_000n)).toEqual([
      240n,
      120n,
      240n,
      480n,
    ])
  })

  test('is counted in the report by outcome and by completeness', () => {
    const { report } = signalsOf(minutesFrom(DAY, '15:40', still(499.95, 30)))
    const rounds = report.touchesByKind['ROUND'] ?? 0
    expect(rounds).toBe(20)
    expect(report.incompleteWindows['4min']).toBe(report.outcomes['4min']?.['UNDEFINED'])
    expect(Object.values(report.outcomes['8min'] ?? {}).reduce((a, b) => a + b, 0)).toBe(report.touches)
  })
})
