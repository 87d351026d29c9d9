import { createBarrier, createSurface, defaultExperts, DIRECTIONS, type Law } from '@breakwater/passage'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const HORIZONS = [60, 120, 180, 300]
const spec = { thresholds: [0.5, 1], horizons: HORIZONS, window: 480 }
const experts = defaultExperts()
const total = experts.reduce((sum, _, k) => sum + 1 + (k % 7), 0)
const law: Law = { version: 1, experts, weights: experts.map((_, k) => (1 + (k % 7)) / total), breakShare: 0.5 }
const surface = createSurface(law, spec)
const barrier = createBarrier(law, HORIZONS)
/** 24 of reach, tradeable and direction. */
const probabilities = 26
const moment = { displacement: -0.1, sigma: 0.25 }

/** What each expert says of a barrier, and all of them together. */
function reachOf(distance: number, sigma = 0.25): { readonly given: Float64Array; readonly p: number } {
  const given = new Float64Array(experts.length)
  const out = barrier({ distance, sigma }, new Float64Array(4), { byExpert: given })
  return { given, p: out[3] as number }
}

/** The law of one expert alone. */
const alone = (k: number): Law => ({ ...law, weights: experts.map((_, other) => Number(other === k)) })

describe('a surface given that its moment is come to', () => {
  test('what each expert says of a barrier is what the law of that expert alone says, and adds up to what all say', () => {
    const { given, p } = reachOf(0.6)
    for (const k of [0, 7, 13, 31, experts.length - 1]) {
      const [own] = createBarrier(alone(k), [300])({ distance: 0.6, sigma: 0.25 }, new Float64Array(1))
      expect(given[k]).toBeCloseTo(own as number, 7)
    }
    expect(law.weights.reduce((sum, weight, k) => sum + weight * (given[k] as number), 0)).toBeCloseTo(p, 12)
    expect([...reachOf(0).given]).toEqual(experts.map(() => 1))
  })

  test('is the mean of the experts’ surfaces by weight times probability of coming: Bayes by hand', () => {
    const { given, p } = reachOf(0.8)
    const expected = new Float64Array(probabilities - 1)
    for (const k of experts.keys()) {
      const own = createSurface(alone(k), spec).at(moment)
      const weight = ((law.weights[k] as number) * (given[k] as number)) / p
      for (let h = 0; h < expected.length; h++) expected[h] = (expected[h] as number) + weight * (own[h] as number)
    }
    const values = surface.at(moment, { given })
    for (let h = 0; h < expected.length; h++) expect(values[h]).toBeCloseTo(expected[h] as number, 6)
  })

  test('has livelier price the farther it comes from, and is the law’s own where nothing is learned', () => {
    const reach = (given: Float64Array): number => surface.at(moment, { given })[0] as number
    const own = surface.at(moment)
    expect([...surface.at(moment, { given: new Float64Array(experts.length).fill(0.3) })]).toEqual(
      [...own].map((value) => expect.closeTo(value, 12) as number),
    )
    expect([...surface.at(moment, { given: new Float64Array(experts.length) })]).toEqual([...own])
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 1.5, noNaN: true }), (distance) => {
        expect(reach(reachOf(distance + 0.2).given)).toBeGreaterThan(reach(reachOf(distance).given))
        expect(reach(reachOf(distance).given)).toBeGreaterThan(own[0] as number)
      }),
      { numRuns: 100 },
    )
  })

  test('its slope by drift is that of the tilt', () => {
    const { given } = reachOf(0.8)
    const size = surface.questions.length
    const slopes = new Float64Array(DIRECTIONS.length * size)
    surface.at(moment, { tilt: 0.4, given, slopes })
    const step = 1e-5
    const [up, down] = [0.4 + step, 0.4 - step].map((tilt) => surface.at(moment, { tilt, given }))
    for (let h = 0; h < probabilities; h++) {
      const difference = (((up as Float64Array)[h] as number) - ((down as Float64Array)[h] as number)) / (2 * step)
      expect(slopes[DIRECTIONS.indexOf('drift') * size + h]).toBeCloseTo(difference, 6)
    }
  })

  test('is refused where what is given is no probability of each expert', () => {
    expect(() => surface.at(moment, { given: new Float64Array(3) })).toThrow(
      `passage: options.given=[0, 0, 0]: must be ${experts.length} probabilities, one an expert.`,
    )
    const wrong = new Float64Array(experts.length).fill(0.5)
    wrong[2] = Number.NaN
    expect(() => surface.at(moment, { given: wrong })).toThrow('passage: options.given=[0.5, 0.5, NaN')
  })
})
