import { createBarrier, createSurface, defaultExperts, hit, type Law } from '@breakwater/passage'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const HORIZONS = [60, 120, 180, 300]
const experts = defaultExperts()
const total = experts.reduce((sum, _, k) => sum + 1 + (k % 7), 0)
const law: Law = { version: 1, experts, weights: experts.map((_, k) => (1 + (k % 7)) / total), breakShare: 0.5 }
const reach = createBarrier(law, HORIZONS)
const at = (barrier: Parameters<typeof reach>[0]): number[] => [...reach(barrier, new Float64Array(4))]

const barrier = fc.record({
  distance: fc.double({ min: 1e-3, max: 4, noNaN: true }),
  sigma: fc.double({ min: 0.02, max: 1, noNaN: true }),
  tilt: fc.double({ min: -3, max: 3, noNaN: true }),
})

describe('one barrier', () => {
  test.each([-2.5, -0.3, 0, 1.7])(
    'is that of a surface whose break side it is, far from the other side, tilted by %d',
    (tilt) => {
      const surface = createSurface(law, { thresholds: [5], horizons: HORIZONS, window: 480 })
      let worst = 0
      for (let distance = 0.002; distance < 4; distance *= 1.3) {
        for (let sigma = 0.03; sigma < 1; sigma *= 1.5) {
          const values = surface.at({ displacement: 5 - distance, sigma }, { tilt })
          for (const [j, p] of at({ distance, sigma, tilt }).entries()) {
            worst = Math.max(worst, Math.abs(p - (values[HORIZONS.length + j] as number)))
          }
        }
      }
      expect(worst).toBeLessThan(1e-9)
    },
  )

  test('is the mixture by hand: 32 closed forms and three jumps', () => {
    const [distance, sigma, minutes] = [0.7, 0.3, 2]
    const expected = experts.reduce((sum, expert, k) => {
      const weight = law.weights[k] as number
      if (expert.kind === 'jump') {
        return (
          sum +
          (expert.size > 0
            ? weight * (1 - Math.exp(-expert.rate * minutes)) * Math.exp(-distance / (expert.size * sigma))
            : 0)
        )
      }
      const unit = expert.volatility * Math.sqrt(minutes)
      return sum + weight * hit(distance / (sigma * unit), (expert.drift * minutes) / unit)
    }, 0)
    expect(at({ distance, sigma })[1]).toBeCloseTo(expected, 7)
    expect(at({ distance, sigma, secondsLeft: 120 })[3]).toBeCloseTo(expected, 8)
  })

  test('rises with the horizon and falls with the distance, and is certain where it has been reached', () => {
    fc.assert(
      fc.property(barrier, fc.double({ min: 0, max: 1, noNaN: true }), (one, further) => {
        const [near, far] = [at(one), at({ ...one, distance: one.distance + further })]
        for (let j = 0; j < 4; j++) {
          expect(near[j]).toBeGreaterThanOrEqual((far[j] as number) - 1e-8)
          expect(near[j]).toBeGreaterThanOrEqual(near[j - 1] ?? 0)
          expect(near[j]).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 300 },
    )
    expect(at({ distance: -0.1, sigma: 0.2 })).toEqual([1, 1, 1, 1])
    expect(at({ distance: 0.1, sigma: 0.2, secondsLeft: 0 })).toEqual([0, 0, 0, 0])
  })

  test('refuses what is no barrier', () => {
    expect(() => at({ distance: Number.NaN, sigma: 1 })).toThrow('passage: barrier={"distance":null')
    expect(() => at({ distance: 1, sigma: 0 })).toThrow('sigma positive')
    expect(() => createBarrier(law, [60, 60])).toThrow('passage: horizons=[60, 60]: must be seconds above 0 that rise.')
  })
})
