import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rocAuc } from '@breakwater/calibration'
import { anyForecasts, apart } from './forecasts.ts'

/** The share of (positive, negative) pairs in the right order, ties one half: the definition, pair by pair. */
function byPairs(p: readonly number[], y: readonly number[]): number | null {
  const positives = p.filter((_, i) => y[i] === 1)
  const negatives = p.filter((_, i) => y[i] === 0)
  const wins = positives.flatMap((a) => negatives.map((b): number => (a === b ? 0.5 : Number(a > b))))
  return wins.length === 0 ? null : wins.reduce((sum, win) => sum + win, 0) / wins.length
}

describe('rocAuc', () => {
  test('is 1 for a perfect order, 0 for its reverse, one half for a constant', () => {
    expect(rocAuc([0.1, 0.2, 0.8], [0, 0, 1])).toStrictEqual({ value: 1 })
    expect(rocAuc([0.9, 0.2, 0.1], [0, 0, 1])).toStrictEqual({ value: 0 })
    expect(rocAuc([0.5, 0.5, 0.5], [0, 1, 1])).toStrictEqual({ value: 0.5 })
  })

  test('counts a tie as one half, worked by hand', () => {
    // pairs: (0.6, 0.4) right, (0.6, 0.6) tied, (0.3, 0.4) wrong, (0.3, 0.6) wrong
    expect(rocAuc([0.4, 0.6, 0.6, 0.3], [0, 0, 1, 1]).value).toBe(1.5 / 4)
  })

  test('agrees with counting pairs', () => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y }) => {
        const expected = byPairs(p, y)
        expect(apart(rocAuc(p, y).value, expected)).toBeLessThan(1e-12)
      }),
    )
  })

  test('does not change under a rising transformation, and mirrors when outcomes flip', () => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y }) => {
        const { value } = rocAuc(p, y)
        fc.pre(value !== null)
        const distinct = [...new Set(p)].toSorted((a, b) => a - b)
        expect(
          rocAuc(
            p.map((x) => distinct.indexOf(x) / distinct.length),
            y,
          ).value,
        ).toBeCloseTo(value, 12)
        expect(
          rocAuc(
            p,
            y.map((x) => 1 - x),
          ).value,
        ).toBeCloseTo(1 - value, 12)
      }),
    )
  })

  test.each([0, 1])('has no value where every outcome is %i, and says why', (outcome) => {
    expect(rocAuc([0.2, 0.7], [outcome, outcome])).toStrictEqual({
      value: null,
      reason: 'only one class is present',
    })
  })

  test('refuses bad input', () => {
    expect(() => rocAuc([], [])).toThrow('calibration: predictions=[]')
    expect(() => rocAuc([0.1], [0.5])).toThrow('calibration: outcomes[0]=0.5: must be 0 or 1.')
  })
})
