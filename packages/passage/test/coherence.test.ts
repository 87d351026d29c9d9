import { createSurface, defaultExperts, incoherence } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'

const spec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const experts = defaultExperts()
const law = { version: 1 as const, experts, weights: experts.map(() => 1 / experts.length), breakShare: 0.5 }
const values = createSurface(law, spec).at({ displacement: 0.1, sigma: 0.25 })

/** The surface with one value moved. */
function moved(index: number, value: number): Float64Array {
  const copy = Float64Array.from(values)
  copy[index] = value
  return copy
}

const at = (index: number): number => values[index] as number

describe('incoherence', () => {
  test('of a surface is none', () => expect(incoherence(spec, values)).toBe(0))

  // Values: for each threshold either, break, bounce at four horizons; 24 is tradeable, 25 direction.
  test.each([
    ['a probability above 1', 3, 1.25, 0.25],
    ['a probability below 0', 20, -0.5, 0.5],
    ['a reach probability that falls with the horizon', 13, at(12) - 0.01, 0.01],
    ['a reach probability that rises with the threshold', 12, at(0) + 0.02, 0.02],
    ['a side above either', 4, at(0) + 0.03, 0.03],
    ['either above the sum of the sides', 0, at(4) + at(8) + 0.001, 0.001],
    ['a band reached above tradeable', 24, at(15) - 0.05, 0.05],
  ])('is the breach of %s', (_, index, value, breach) => {
    expect(incoherence(spec, moved(index, value))).toBeGreaterThanOrEqual(breach - 1e-12)
  })

  test('sees a direction at odds with the sides of the band', () => {
    const breakAlone = Math.max(...[0, 1, 2, 3].map((j) => at(12 + j) - at(20 + j)))
    expect(breakAlone).toBeGreaterThan(0.01)
    expect(incoherence(spec, moved(25, 0))).toBeCloseTo(breakAlone, 12)
    const bounceAlone = Math.max(...[0, 1, 2, 3].map((j) => at(12 + j) - at(16 + j)))
    expect(incoherence(spec, moved(25, 1))).toBeCloseTo(bounceAlone, 12)
  })

  test('of a value that is not a number is infinite', () => expect(incoherence(spec, moved(7, NaN))).toBe(Infinity))
})
