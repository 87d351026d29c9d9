import {
  addToSmoothSums,
  SMOOTH_SUMS,
  smoothCalibrationError,
  smoothEceBySession,
  smoothEceOfSums,
} from '@breakwater/calibration'
import { expect, test } from 'vitest'

const rows = Array.from({ length: 400 }, (_, i) => {
  const p = ((i * 37) % 100) / 100
  return { p, y: Number((i * 61) % 100 < 100 * p + 8) }
})
const predictions = Float64Array.from(rows, ({ p }) => p)
const outcomes = Float64Array.from(rows, ({ y }) => y)

test('sums of forecasts, added up over parts, give the smooth ECE of all of them', () => {
  const parts = [new Float64Array(SMOOTH_SUMS), new Float64Array(SMOOTH_SUMS)]
  for (const [i, { p, y }] of rows.entries()) addToSmoothSums(parts[i % 2] as Float64Array, p, y)
  const sums = Float64Array.from(parts[0] as Float64Array, (value, k) => value + (parts[1]?.[k] as number))
  const blocks = { sessions: 1, codes: new Int32Array(rows.length) }
  const bySession = smoothEceBySession(predictions, outcomes)(blocks)(Float64Array.of(1))
  expect(smoothEceOfSums(sums, rows.length)).toBeCloseTo(bySession ?? 0, 12)
  expect(smoothEceOfSums(sums, rows.length)).toBeCloseTo(smoothCalibrationError(predictions, outcomes).value, 3)
})

test('no forecast has no smooth ECE', () => {
  expect(smoothEceOfSums(new Float64Array(SMOOTH_SUMS), 0)).toBeNaN()
})
