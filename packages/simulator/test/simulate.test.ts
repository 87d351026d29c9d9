import * as fc from 'fast-check'
import { validateBars } from '@breakwater/features'
import { simulate } from '@breakwater/simulator'
import { expect, test } from 'vitest'
import { numbers, times } from './columns.ts'

const MINUTE_NS = 60_000_000_000n

test('the same seed and options give the same simulation', () => {
  expect(simulate({ seed: 5, sessions: 2 })).toEqual(simulate({ seed: 5, sessions: 2 }))
})

test('another seed gives other prices and other physics', () => {
  const [one, other] = [simulate({ seed: 5, sessions: 1 }), simulate({ seed: 6, sessions: 1 })]
  expect(one.bars.close).not.toEqual(other.bars.close)
  expect(numbers(one.physics, 'tape_imbalance')).not.toEqual(numbers(other.physics, 'tape_imbalance'))
})

test('more sessions leave the earlier ones as they were', () => {
  const [short, long] = [simulate({ sessions: 1 }), simulate({ sessions: 3 })]
  expect(long.bars.close.subarray(0, short.bars.rows)).toEqual(short.bars.close)
})

test('bars are valid for any seed: whole cents, high and low around open and close, rising times', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), (seed) => {
      const { bars } = simulate({ seed, sessions: 1 })
      const { report } = validateBars(bars)
      expect(report.rowsOut).toBe(bars.rows)
      expect(bars.close.every((close) => Math.abs(close * 100 - Math.round(close * 100)) < 1e-6)).toBe(true)
      expect(bars.volume.every((volume) => volume >= 100 && Number.isInteger(volume))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('sessions are the real trading days: a half day ends at 13:00 and the clock change moves the open', () => {
  const { physics, truth } = simulate({ sessions: 24, startDate: '2024-10-28' })
  const minutes = Array.from(times(physics, 'ts_ns'), (ts) => new Date(Number(ts / 1_000_000n)).toISOString())
  const ofDay = (date: string): string[] => minutes.filter((minute) => minute.startsWith(date))
  expect(truth.dates).not.toContain('2024-11-28')
  expect(ofDay('2024-11-29')).toHaveLength(210)
  expect(ofDay('2024-11-01')[0]).toBe('2024-11-01T13:30:00.000Z')
  expect(ofDay('2024-11-04')[0]).toBe('2024-11-04T14:30:00.000Z')
})

test('every regular minute has one bar and one physics row', () => {
  const { bars, physics } = simulate({ sessions: 2, preMarket: false })
  expect(times(physics, 'ts_ns')).toEqual(bars.ts)
  expect(bars.rows).toBe(780)
})

test('pre-market bars come before the open, thin and with minutes missing', () => {
  const { bars, physics } = simulate({ sessions: 1 })
  const open = times(physics, 'ts_ns')[0] ?? 0n
  const early = bars.ts.filter((ts) => ts < open)
  expect(early.length).toBeGreaterThan(150)
  expect(early.length).toBeLessThan(300)
  expect(early[0] ?? 0n).toBeGreaterThanOrEqual(open - 330n * MINUTE_NS)
})

test('a barrier that looks ahead is the book of the last minute of its window, and nothing else changes', () => {
  const minutes = 390
  const options = { seed: 9, sessions: 2, missingRate: 0, preMarket: false }
  const [own, ahead] = [simulate(options), simulate({ ...options, barrierMinutes: 4 })]
  expect(ahead.bars).toEqual(own.bars)
  for (const name of ['barrier_delta_liq', 'barrier_replenishment_ratio', 'wall_ratio', 'tape_imbalance']) {
    const [before, after] = [numbers(own.physics, name), numbers(ahead.physics, name)]
    const shift = name === 'tape_imbalance' ? 0 : 3
    const expected = before.map((_, row) => {
      const end = minutes * (1 + Math.floor(row / minutes)) - 1
      return before[Math.min(row + shift, end)] as number
    })
    expect(after).toEqual(expected)
  }
  const states = ({ physics }: typeof own): (string | undefined)[] => {
    const column = physics.columns['barrier_state']
    return column?.type === 'string' ? Array.from(column.codes, (code) => column.dictionary[code]) : []
  }
  expect(states(ahead).slice(0, minutes - 3)).toEqual(states(own).slice(3, minutes))
  expect(new Set(states(own)).size).toBeGreaterThan(2)
})

test.each([
  [{ sessions: 0 }, 'simulator: sessions=0: must be a whole number from 1 on.'],
  [{ seed: 0.5 }, 'simulator: seed=0.5: must be an integer of 32 bits.'],
  [{ strength: -1 }, 'simulator: strength=-1: must lie in [0, 10]. Use 0 for no effect.'],
  [{ missingRate: 1 }, 'simulator: missingRate=1: must lie in [0, 1).'],
  [{ volatility: Number.NaN }, 'simulator: volatility=NaN: must lie between 0 and 10 $ per minute.'],
  [{ barrierMinutes: 0 }, 'simulator: barrierMinutes=0: must be a whole number from 1 on.'],
  [{ startPrice: 10 }, 'simulator: startPrice=10: must lie between 100 and 10,000 $.'],
])('refuses %o', (options, message) => {
  expect(() => simulate(options)).toThrow(new RangeError(message))
})
