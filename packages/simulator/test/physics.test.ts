import type { Table } from '@breakwater/features'
import { simulate } from '@breakwater/simulator'
import { describe, expect, test } from 'vitest'
import { known, numbers, share, words } from './columns.ts'

const nonZeroShare = (physics: Table, name: string): number => share(known(physics, name), (value) => value !== 0)
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('over 120 sessions the marginals are those reported of real signals', () => {
  const { physics } = simulate({ seed: 11, sessions: 120 })

  test('barrier_state is NEUTRAL in 95.6% of rows, give or take 1.5 points, and every word occurs', () => {
    const states = words(physics, 'barrier_state').filter((state) => state !== null)
    expect(Math.abs(share(states, (state) => state === 'NEUTRAL') - 0.956)).toBeLessThan(0.015)
    expect([...new Set(states)].toSorted()).toEqual(['ABSORPTION', 'CONSUMED', 'NEUTRAL', 'VACUUM', 'WALL', 'WEAK'])
  })

  test('wall_ratio is non-zero in 3.3% and barrier_delta_liq in 4.8% of rows, give or take 1 point', () => {
    expect(Math.abs(nonZeroShare(physics, 'wall_ratio') - 0.033)).toBeLessThan(0.01)
    expect(Math.abs(nonZeroShare(physics, 'barrier_delta_liq') - 0.048)).toBeLessThan(0.01)
  })

  test('gamma_exposure has mean 33,434, give or take 6,000, and stays in [-204,009, 140,990]', () => {
    const gamma = known(physics, 'gamma_exposure')
    expect(Math.abs(mean(gamma) - 33_434)).toBeLessThan(6_000)
    expect(Math.min(...gamma)).toBeGreaterThanOrEqual(-204_009)
    expect(Math.max(...gamma)).toBeLessThanOrEqual(140_990)
    expect(share(gamma, (value) => value < 0)).toBeGreaterThan(0.2)
  })

  test('tape_imbalance is symmetric and is what buy and sell volume say', () => {
    expect(Math.abs(mean(known(physics, 'tape_imbalance')))).toBeLessThan(0.03)
    const full = simulate({ seed: 11, sessions: 1, missingRate: 0 }).physics
    const [buy, sell] = [known(full, 'tape_buy_vol'), known(full, 'tape_sell_vol')]
    const imbalance = buy.map((bought, row) => (bought - (sell[row] ?? 0)) / (bought + (sell[row] ?? 0)))
    expect(known(full, 'tape_imbalance')).toEqual(imbalance)
  })
})

test('values are missing at the rate asked for, as NaN or a missing word', () => {
  const { physics } = simulate({ seed: 2, sessions: 10, missingRate: 0.05 })
  for (const name of ['wall_ratio', 'tape_imbalance', 'gamma_exposure', 'dealer_pressure', 'sweep_detected']) {
    expect(Math.abs(1 - known(physics, name).length / physics.rows - 0.05)).toBeLessThan(0.012)
  }
  expect(Math.abs(share(words(physics, 'barrier_state'), (word) => word === null) - 0.05)).toBeLessThan(0.012)
})

test('gaps change no other value and no price', () => {
  const [gappy, full] = [simulate({ sessions: 1 }), simulate({ sessions: 1, missingRate: 0 })]
  expect(gappy.bars).toEqual(full.bars)
  const [some, all] = [numbers(gappy.physics, 'wall_ratio'), numbers(full.physics, 'wall_ratio')]
  expect(some.every((value, row) => Number.isNaN(value) || value === all[row])).toBe(true)
})

test('the book, gamma and hedging flow do not read prices: wilder prices leave them as they were', () => {
  const [calm, wild] = [simulate({ sessions: 2 }), simulate({ sessions: 2, volatility: 2 })]
  expect(wild.bars.close).not.toEqual(calm.bars.close)
  expect(words(wild.physics, 'barrier_state')).toEqual(words(calm.physics, 'barrier_state'))
  for (const name of ['wall_ratio', 'gamma_exposure', 'gamma_flow_velocity', 'dealer_pressure']) {
    expect(numbers(wild.physics, name)).toEqual(numbers(calm.physics, name))
  }
})

test('trends are missing in the first five minutes, and are changes over five minutes after', () => {
  const { physics } = simulate({ sessions: 1, missingRate: 0 })
  const [values, trend] = [numbers(physics, 'tape_imbalance'), numbers(physics, 'tape_imbalance_trend')]
  expect(trend.subarray(0, 5)).toEqual(new Float64Array(5).fill(Number.NaN))
  expect(trend[5]).toBe((values[5] ?? 0) - (values[0] ?? 0))
})

test('the columns are the four physics groups and the trends, without what features derive', () => {
  expect(Object.keys(simulate({ sessions: 1 }).physics.columns)).toEqual([
    'ts_ns',
    'barrier_state',
    'barrier_delta_liq',
    'barrier_replenishment_ratio',
    'wall_ratio',
    'tape_imbalance',
    'tape_buy_vol',
    'tape_sell_vol',
    'tape_velocity',
    'sweep_detected',
    'gamma_exposure',
    'fuel_effect',
    'gamma_bucket',
    'gamma_flow_velocity',
    'gamma_flow_impulse',
    'gamma_flow_accel_1m',
    'gamma_flow_accel_3m',
    'dealer_pressure',
    'dealer_pressure_accel',
    'barrier_replenishment_trend',
    'barrier_delta_liq_trend',
    'tape_velocity_trend',
    'tape_imbalance_trend',
  ])
})
