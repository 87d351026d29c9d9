import { MISSING_NS, validateBars } from '@breakwater/features'
import type { RawBars } from '@breakwater/features'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, barsOf, rowsOf, walk } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'

const T0 = at('2024-02-20', '09:30')
const T1 = at('2024-02-20', '09:31')
const T2 = at('2024-02-20', '09:32')
const good = (ts: bigint): BarRow => [ts, 10, 12, 9, 11, 100]
const refusal = (rows: readonly BarRow[], repair = false): unknown => {
  try {
    validateBars(barsOf(rows), { repair, source: 'SPY.csv' })
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
  return 'accepted'
}

describe('validateBars', () => {
  test('passes sound bars through unchanged, in fresh arrays', () => {
    const raw = barsOf([good(T0), good(T1)])
    const { bars, report } = validateBars(raw)
    expect(bars).toEqual(raw)
    expect(bars.ts).not.toBe(raw.ts)
    expect(report).toEqual({ rowsIn: 2, rowsOut: 2, repairs: { dropped: 0, sorted: 0, duplicates: 0, widened: 0 } })
  })

  test('accepts no bars at all', () => {
    expect(validateBars(barsOf([])).bars.rows).toBe(0)
  })

  test.each<[string, BarRow, string]>([
    [
      'a missing time',
      [MISSING_NS, 10, 12, 9, 11, 1],
      'time is missing or not a number; 1 row is wrong (rule nan). Correct the data, or repair it with --repair',
    ],
    [
      'a NaN',
      [T1, 10, 12, 9, Number.NaN, 1],
      'close is missing or not a number; 1 row is wrong (rule nan). Correct the data, or repair it with --repair',
    ],
    [
      'an earlier time',
      [T0 - 60_000_000_000n, 10, 12, 9, 11, 1],
      'time 2024-02-20T14:29:00Z comes after 2024-02-20T14:30:00Z; 1 row is wrong (rule order). Correct the data, or repair it with --repair',
    ],
    [
      'the same time',
      [T0, 10, 12, 9, 11, 1],
      'time 2024-02-20T14:30:00Z occurs twice; 1 row is wrong (rule duplicate). Correct the data, or repair it with --repair',
    ],
    [
      'a high too low',
      [T1, 10, 10.5, 9, 11, 1],
      'high 10.5 is below the greater of open and close, 11; 1 row is wrong (rule high). Correct the data, or repair it with --repair',
    ],
    [
      'a low too high',
      [T1, 10, 12, 10.5, 11, 1],
      'low 10.5 is above the lesser of open and close, 10; 1 row is wrong (rule low). Correct the data, or repair it with --repair',
    ],
    [
      'a time within a minute',
      [T1 + 1n, 10, 12, 9, 11, 1],
      `time ${T1 + 1n} ns is not the start of a minute; 1 row is wrong (rule minute). Correct the data`,
    ],
    [
      'a price of zero',
      [T1, 10, 12, 0, 11, 1],
      'price 0 is not a positive number; 1 row is wrong (rule price). Correct the data',
    ],
    [
      'an infinite price',
      [T1, 10, Infinity, 9, 11, 1],
      'price Infinity is not a positive number; 1 row is wrong (rule price). Correct the data',
    ],
    [
      'a price beyond all',
      [T1, 10, 2e9, 9, 11, 1],
      'price 2000000000 is above 1000000000; 1 row is wrong (rule price). Correct the data',
    ],
    [
      'a negative volume',
      [T1, 10, 12, 9, 11, -1],
      'volume -1 is negative or infinite; 1 row is wrong (rule volume). Correct the data',
    ],
  ])('refuses %s with place and reason', (_, row, reason) => {
    expect(refusal([good(T0), row])).toBe(`features: bars=SPY.csv, row 2: ${reason}.`)
  })

  test('names the first wrong row and counts them all', () => {
    const bad: BarRow = [T2, 10, 9, 9, 11, 1]
    expect(refusal([good(T0), [T1, 10, 12, 9, Number.NaN, 1], bad])).toContain(
      'row 2: close is missing or not a number; 2 rows are wrong',
    )
  })

  test('mends what can be mended when asked, and counts it', () => {
    const rows: BarRow[] = [
      good(T2),
      [T0, 1, 1, 1, 1, 1],
      [T1, 10, 10.5, 10.2, 11, 3],
      [T1, 10, 12, 9, Number.NaN, 1],
      good(T0),
    ]
    const { bars, report } = validateBars(barsOf(rows), { repair: true })
    expect(rowsOf(bars)).toEqual([good(T0), [T1, 10, 11, 10, 11, 3], good(T2)])
    expect(report).toEqual({ rowsIn: 5, rowsOut: 3, repairs: { dropped: 1, sorted: 3, duplicates: 1, widened: 1 } })
  })

  test('does not mend what has no right answer', () => {
    expect(refusal([good(T0), [T1, 10, 12, -9, 11, 1]], true)).toBe(
      'features: bars=SPY.csv, row 2: price -9 is not a positive number; 1 row is wrong (rule price). Correct the data.',
    )
  })

  test('refuses columns of different lengths', () => {
    const raw: RawBars = { ...barsOf([good(T0)]), volume: new Float64Array(2) }
    expect(() => validateBars(raw)).toThrow(
      'features: bars.volume=2 values: bars.rows is 1. Give every column one value per row.',
    )
  })

  test('restores shuffled bars with stale duplicates and gaps of NaN to what they were', () => {
    const clean = walk({ dates: ['2024-02-20'], seed: 3, preMarketMinutes: 0 })
    const rows = rowsOf(clean).slice(0, 40)
    const order = fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })
    const stale = fc.subarray(rows)
    fc.assert(
      fc.property(order, stale, (shuffled, old) => {
        const doubled = old.map(([ts]): BarRow => [ts, 1, 1, 1, 1, 1])
        const holes = old.map(([ts]): BarRow => [ts, 1, 1, 1, Number.NaN, 1])
        const { bars, report } = validateBars(barsOf([...doubled, ...shuffled, ...holes]), { repair: true })
        expect(rowsOf(bars)).toEqual(rows)
        expect(report.repairs).toMatchObject({ dropped: old.length, duplicates: old.length, widened: 0 })
      }),
      { numRuns: 50, seed: 1 },
    )
  })
})
