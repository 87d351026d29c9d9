import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { correlation, meanAbsoluteError, rootMeanSquaredError } from '@breakwater/calibration'

const anyPairs = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
  minLength: 3,
  maxLength: 40,
})

describe('regression scores', () => {
  test('are those worked by hand', () => {
    expect(meanAbsoluteError([1, 2, 3], [2, 2, 1])).toBe(1)
    expect(rootMeanSquaredError([1, 2, 3], [2, 2, 1])).toBeCloseTo(Math.sqrt(5 / 3), 15)
    // deviations (-1, 0, 1) and (-1, 1, 0): 1 / sqrt(2 * 2)
    expect(correlation([1, 2, 3], [1, 3, 2]).value).toBeCloseTo(0.5, 15)
  })

  test('order as they must: MAE is at most RMSE', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
        expect(meanAbsoluteError(x, y)).toBeLessThanOrEqual(rootMeanSquaredError(x, y) + 1e-12)
      }),
    )
  })

  test('correlation does not change under a shift and a positive scale, far from zero too', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
        const { value } = correlation(x, y)
        fc.pre(value !== null)
        expect(
          correlation(
            x.map((a) => 1e6 + a / 4),
            y,
          ).value,
        ).toBeCloseTo(value, 8)
        expect(
          correlation(
            x.map((a) => -a),
            y,
          ).value,
        ).toBeCloseTo(-value, 12)
      }),
    )
  })

  test('correlation has no value for a constant, and says why', () => {
    const none = { value: null, reason: 'predictions or targets are constant' }
    expect(correlation([0.1, 0.1, 0.1], [1, 2, 3])).toStrictEqual(none)
    expect(correlation([1], [2])).toStrictEqual(none)
  })

  test('refuse bad input, naming the argument and the value', () => {
    expect(() => meanAbsoluteError([1], [Number.NaN])).toThrow(
      'calibration: targets[0]=NaN: must be finite. Leave masked rows out before scoring.',
    )
    expect(() => rootMeanSquaredError([Number.POSITIVE_INFINITY], [1])).toThrow('predictions[0]=Infinity')
    expect(() => correlation([1, 2], [1])).toThrow('targets.length=1: must be one per prediction.')
    expect(() => meanAbsoluteError([], [])).toThrow('predictions=[]')
  })
})
