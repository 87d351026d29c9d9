import { studentQuantile } from '@breakwater/calibration'
import { describe, expect, test } from 'vitest'

describe('the quantile of Student', () => {
  // Printed tables (Fisher and Yates, table III), to their three decimals.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [7, 2.365],
    [10, 2.228],
    [29, 2.045],
    [30, 2.042],
    [120, 1.98],
  ])('is at 97.5%% with %i degrees of freedom that of the tables, %f', (degrees, printed) => {
    expect(Math.abs(studentQuantile(0.975, degrees) - printed)).toBeLessThan(6e-4)
  })

  test('is in closed form with 1 and 2 degrees of freedom, and comes to the normal one', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 9)
      const a = 2 * p - 1
      expect(studentQuantile(p, 2)).toBeCloseTo((a * Math.SQRT2) / Math.sqrt(1 - a * a), 9)
    }
    expect(studentQuantile(0.975, 100_000)).toBeCloseTo(1.959987707, 7)
  })

  test('refuses what it has no answer to', () => {
    expect(() => studentQuantile(0.5, 3)).toThrow('calibration: p=0.5: must lie above 0.5 and below 1.')
    expect(() => studentQuantile(0.975, 0)).toThrow('calibration: degrees=0: must be a whole number of at least 1.')
    expect(() => studentQuantile(0.975, 2.5)).toThrow('calibration: degrees=2.5')
  })
})
