import { MISSING_NS } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { minutesFrom, signalsOf, still } from './signal-days.ts'
import type { SignalValues } from './signal-days.ts'
import { at, walk } from './synthetic-bars.ts'
import { numbers, times, words } from './tables.ts'

const DAY = '2024-02-20'
const TOUCH = at(DAY, '09:31')
const BARS = minutesFrom(DAY, '09:30', [
  [499.5, 499.5, 499.5, 499.5],
  [499.6, 499.95, 499.6, 499.9],
  ...still(499.5, 2),
])

function physics(columns: Table['columns'], rows = 1): Table {
  return { rows, columns: { ts_ns: times(Array.from({ length: rows }, () => TOUCH)), ...columns } }
}

const touchAt500 = (table: Table): SignalValues | undefined =>
  signalsOf(BARS, { physics: table }).rows.find((row) => row['event_id'] === 'SPY-20240220-0931-ROUND-500.00')

describe('physics', () => {
  test('without a source is missing, never zero, and so is what is derived from it', () => {
    const { rows } = signalsOf(BARS)
    expect(rows[0]).toMatchObject({
      barrier_state: null,
      fuel_effect: null,
      gamma_bucket: null,
      barrier_delta_liq: Number.NaN,
      barrier_delta_liq_nonzero: Number.NaN,
      barrier_delta_liq_log: Number.NaN,
      wall_ratio_log: Number.NaN,
      sweep_detected: Number.NaN,
      tape_velocity_trend: Number.NaN,
      liquidity_pressure: Number.NaN,
      gamma_pressure: Number.NaN,
      net_break_pressure: Number.NaN,
    })
  })

  test('joins by touch minute and level price to the cent', () => {
    const table = physics(
      { ts_ns: times([TOUCH, TOUCH]), level_price: numbers([500.004, 499.5]), wall_ratio: numbers([1.5, 9]) },
      2,
    )
    const { rows, report } = signalsOf(BARS, { physics: table })
    const byPrice = Object.fromEntries(
      rows.map((row) => [`${String(row['bars_since_open'])} ${String(row['level_price'])}`, row['wall_ratio']]),
    )
    expect(byPrice['1 500']).toBe(1.5)
    expect(report.physics).toMatchObject({ rows: 2, rowsMatched: 1, touchesMatched: 1 })
  })

  test('without a level price serves every touch of the minute', () => {
    const { rows, report } = signalsOf(BARS, { physics: physics({ gamma_bucket: words(['LONG_GAMMA']) }) })
    const inMinute = rows.filter((row) => row['ts_ns'] === TOUCH)
    expect(inMinute.map((row) => row['gamma_bucket'])).toEqual(inMinute.map(() => 'LONG_GAMMA'))
    expect(report.physics).toMatchObject({ rows: 1, rowsMatched: 1, touchesMatched: inMinute.length })
  })

  test('gives sparse twins', () => {
    expect(touchAt500(physics({ barrier_delta_liq: numbers([-99]), wall_ratio: numbers([0]) }))).toMatchObject({
      barrier_delta_liq_nonzero: 1,
      barrier_delta_liq_log: -Math.log(100),
      wall_ratio_nonzero: 0,
      wall_ratio_log: 0,
    })
  })

  test('gives pressures by their formulas', () => {
    const row = touchAt500(
      physics({
        barrier_delta_liq: numbers([-100]),
        wall_ratio: numbers([1]),
        tape_imbalance: numbers([0.4]),
        tape_velocity: numbers([3]),
        gamma_exposure: numbers([-50_000]),
        gamma_flow_accel_3m: numbers([25_000]),
      }),
    )
    expect(row?.['liquidity_pressure']).toBeCloseTo((Math.tanh(0.5) + 0.5) / 2, 12)
    expect(row?.['tape_pressure']).toBeCloseTo((0.4 + 1) / 2, 12)
    expect(row?.['gamma_pressure']).toBeCloseTo(Math.tanh(0.5), 12)
    expect(row?.['gamma_pressure_accel']).toBeCloseTo(Math.tanh(-0.5), 12)
    expect(row).toMatchObject({ reversion_pressure: Number.NaN, net_break_pressure: Number.NaN })
  })

  test('averages the five pressures with the confluence into the net one, tape against the approach counting negative', () => {
    const bars = walk({ dates: ['2024-02-15', '2024-02-16', '2024-02-20'], seed: 31 })
    const bare = signalsOf(bars).rows.findLast((row) => row['direction'] === 'DOWN')
    const ts = BigInt(String(bare?.['ts_ns']))
    const names = [
      'barrier_delta_liq',
      'wall_ratio',
      'tape_imbalance',
      'tape_velocity',
      'gamma_exposure',
      'gamma_flow_accel_3m',
    ]
    const table: Table = {
      rows: 1,
      columns: { ts_ns: times([ts]), ...Object.fromEntries(names.map((name) => [name, numbers([1])])) },
    }
    const row = signalsOf(bars, { physics: table }).rows.find((one) => one['event_id'] === bare?.['event_id']) ?? {}
    const value = (name: string): number => Number(row[name])
    const parts = [
      'liquidity_pressure',
      'tape_pressure',
      'gamma_pressure',
      'gamma_pressure_accel',
      'reversion_pressure',
      'confluence_pressure',
    ].map(value)
    expect(value('tape_pressure')).toBe(-1)
    const mean = (value('mean_reversion_pressure_200') + value('mean_reversion_pressure_400')) / 2
    expect(value('reversion_pressure')).toBeCloseTo(Math.tanh(mean), 12)
    expect(value('net_break_pressure')).toBeCloseTo(parts.reduce((a, b) => a + b, 0) / 6, 12)
  })

  test('reads whole numbers stored as 64-bit integers', () => {
    const column = times([123_456_789_012n])
    expect(touchAt500(physics({ tape_buy_vol: column }))).toMatchObject({ tape_buy_vol: 123_456_789_012 })
    expect(touchAt500(physics({ tape_buy_vol: times([MISSING_NS]) }))).toMatchObject({ tape_buy_vol: Number.NaN })
  })

  test.each<[Table['columns'], string]>([
    [
      { momentum: numbers([1]) },
      'features: physics.momentum: is not a physics column. Use ts_ns, level_price, barrier_delta_liq',
    ],
    [
      { wall_ratio_log: numbers([1]) },
      'features: physics.wall_ratio_log: is derived here from the other columns. Leave it out.',
    ],
    [
      { gamma_pressure: numbers([1]) },
      'features: physics.gamma_pressure: is derived here from the other columns. Leave it out.',
    ],
    [{ barrier_state: numbers([1]) }, 'features: physics.barrier_state: has numbers, but text is needed. Convert it.'],
    [{ wall_ratio: words(['1']) }, 'features: physics.wall_ratio: has text, but a number is needed. Convert it.'],
    [{ ts_ns: numbers([1]) }, 'features: physics.ts_ns: is needed as a time column: the start of the touch minute.'],
    [
      { ts_ns: times([TOUCH + 1n]) },
      `features: physics.ts_ns: row 1 (${TOUCH + 1n}) is not the start of a minute. Pass the start of the touch minute.`,
    ],
  ])('refuses %o', (columns, message) => {
    expect(() => signalsOf(BARS, { physics: physics(columns) })).toThrow(message)
  })

  test('refuses two rows for one touch', () => {
    expect(() => signalsOf(BARS, { physics: physics({}, 2) })).toThrow(
      'features: physics.ts_ns: rows 1 and 2 have the same ts_ns. Keep one.',
    )
    expect(() => signalsOf(BARS, { physics: physics({ level_price: numbers([500, 500.001]) }, 2) })).toThrow(
      'features: physics.ts_ns: rows 1 and 2 have the same ts_ns and level_price (to the cent). Keep one.',
    )
  })
})
