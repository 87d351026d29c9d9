import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coherentProbabilities } from '@breakwater/calibration'

// Places: 0 = $2 by 60 s, 1 = $2 by 120 s, 2 = $1 by 60 s, 3 = $1 by 120 s.
const order = [
  { lower: 0, upper: 1 },
  { lower: 2, upper: 3 },
  { lower: 0, upper: 2 },
  { lower: 1, upper: 3 },
]

const anySurface = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  ),
  { minLength: 4, maxLength: 4 },
)

describe('coherentProbabilities', () => {
  test('is the mean of the least above and the greatest below, worked by hand', () => {
    // above: 0.5 0.5 0.5 0.6; below: 0.2 0.3 0.2 0.6
    const q = coherentProbabilities([0.5, 0.3, 0.2, 0.6], order)
    expect(Array.from(q)).toStrictEqual([0.35, 0.4, 0.35, 0.6])
  })

  test('is coherent for any probabilities, keeps coherent ones, and settles at once', () => {
    fc.assert(
      fc.property(anySurface, (p) => {
        const q = coherentProbabilities(p, order)
        for (const { lower, upper } of order) {
          if (Number.isNaN(q[lower]) || Number.isNaN(q[upper])) continue
          expect(q[lower]).toBeLessThanOrEqual(q[upper] ?? 0)
        }
        expect(coherentProbabilities(q, order)).toStrictEqual(q)
        expect(q.map((value) => Number(Number.isNaN(value)))).toStrictEqual(
          Float64Array.from(p, (value) => Number(Number.isNaN(value))),
        )
      }),
    )
  })

  test('connects events across one without a probability', () => {
    const chain = [
      { lower: 0, upper: 1 },
      { lower: 1, upper: 2 },
    ]
    expect(Array.from(coherentProbabilities([0.8, Number.NaN, 0.4], chain))).toStrictEqual([
      0.6000000000000001,
      Number.NaN,
      0.6000000000000001,
    ])
  })

  test('refuses what is no probability, and places that do not exist', () => {
    expect(() => coherentProbabilities([1.2], [])).toThrow('calibration: probabilities[0]=1.2: must be a probability')
    expect(() => coherentProbabilities([0.1, 0.2], [{ lower: 0, upper: 2 }])).toThrow(
      'calibration: implications[0]=0->2: must join two places of 0 to 1.',
    )
  })
})
