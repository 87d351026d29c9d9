import { weightedIncidence } from '@breakwater/retrieval'
import type { Waits } from '@breakwater/retrieval'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

/** Cause of a wait whose end was not seen. */
const LOST = 0

const waitsOf = (rows: readonly (readonly [time: number, cause: number, weight?: number])[]): Waits => ({
  time: Float64Array.from(rows, ([time]) => time),
  cause: Int8Array.from(rows, ([, cause]) => cause),
  weight: Float64Array.from(rows, ([, , weight = 1]) => weight),
})

test('the remission times of Freireich et al. (1963), the usual textbook case, have their known survival', () => {
  const ended = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((time) => [time, LOST] as const)
  const relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23].map((time) => [time, 1] as const)
  const horizons = [6, 7, 10, 13, 16, 22, 23]
  const { byCause } = weightedIncidence(waitsOf([...ended, ...relapsed]), 1, horizons)
  const survival = byCause[0]?.map((p) => Number((1 - (p ?? Number.NaN)).toFixed(3)))
  expect(survival).toEqual([0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448])
})

test('without censoring it is the weighted share of each cause, and the restricted mean is the weighted mean', () => {
  const waits = waitsOf([
    [60, 1, 1],
    [120, 2, 2],
    [120, 1, 3],
    [300, 2, 4],
  ])
  const { byCause, restrictedMean, restrictedTo } = weightedIncidence(waits, 2, [59, 60, 120, 299, 300, 999])
  for (const [c, shares] of [
    [0, 0.1, 0.4, 0.4, 0.4, 0.4],
    [0, 0, 0.2, 0.2, 0.6, 0.6],
  ].entries()) {
    for (const [h, share] of shares.entries()) expect(byCause[c]?.[h]).toBeCloseTo(share, 12)
  }
  expect(restrictedMean).toBeCloseTo((60 + 120 * 5 + 300 * 4) / 10, 9)
  expect(restrictedTo).toBe(300)
})

test('a mean over those that reached is biased where this is not: half of all wait longer than they are watched', () => {
  // Waits of 60 to 600 s, watched for 300 s: the reached half waits 180 s in the mean, all of them 330.
  const waits = Array.from({ length: 10 }, (_, i) => (i < 5 ? ([60 * (i + 1), 1] as const) : ([300, LOST] as const)))
  const { byCause, restrictedMean } = weightedIncidence(waitsOf(waits), 1, [300, 301])
  expect(byCause[0]).toEqual([expect.closeTo(0.5, 12), null])
  expect(restrictedMean).toBeCloseTo((60 + 120 + 180 + 240 + 300 * 6) / 10, 9)
})

test('causes add up to what one cause gives, rise, and stay within 0 and 1', () => {
  const wait = fc.tuple(
    fc.integer({ min: 1, max: 9 }).map((minutes) => minutes * 60),
    fc.integer({ min: LOST, max: 3 }),
    fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(wait, { minLength: 1, maxLength: 40 }), (rows) => {
      const horizons = [60, 120, 180, 300, 480, 540]
      const causes = weightedIncidence(waitsOf(rows), 3, horizons).byCause
      const merged = rows.map(([time, cause, weight]) => [time, Math.min(cause, 1), weight] as const)
      const [together = []] = weightedIncidence(waitsOf(merged), 1, horizons).byCause
      let before = 0
      for (const [h, all] of together.entries()) {
        const parts = causes.map((cause) => cause[h] ?? null)
        expect(parts.includes(null)).toBe(all === null)
        if (all === null) continue
        expect(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(all, 9)
        expect(all).toBeGreaterThanOrEqual(before - 1e-12)
        expect(all).toBeLessThanOrEqual(1 + 1e-12)
        before = all
      }
    }),
  )
})

test('nothing observed is nothing known', () => {
  expect(weightedIncidence(waitsOf([]), 2, [60])).toEqual({
    byCause: [[null], [null]],
    restrictedMean: null,
    restrictedTo: null,
  })
})
