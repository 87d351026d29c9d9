import { barrierCurve, createBarrier, defaultExperts, type Law } from '@breakwater/passage'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const HORIZONS = [60, 120, 180, 300]
const experts = defaultExperts()
const total = experts.reduce((sum, _, k) => sum + 1 + (k % 7), 0)
const law: Law = { version: 1, experts, weights: experts.map((_, k) => (1 + (k % 7)) / total), breakShare: 0.5 }

describe('the curve of a barrier', () => {
  test('is the barrier at any distance and tilt, and its slope that of the barrier as volatility grows', () => {
    const reach = createBarrier(law, HORIZONS)
    const curve = barrierCurve(law, HORIZONS)
    const [values, slopes] = [new Float64Array(4), new Float64Array(4)]
    const one = fc.record({
      distance: fc.double({ min: 0.02, max: 4, noNaN: true }),
      sigma: fc.double({ min: 0.05, max: 1, noNaN: true }),
      tilt: fc.double({ min: -2, max: 2, noNaN: true }),
    })
    fc.assert(
      fc.property(one, ({ distance, sigma, tilt }) => {
        curve.at(Math.log(distance / sigma), tilt, values, slopes)
        const at = (factor: number): Float64Array =>
          reach({ distance, sigma: sigma * factor, tilt }, new Float64Array(4))
        const [exact, up, down] = [at(1), at(Math.exp(0.01)), at(Math.exp(-0.01))]
        for (let j = 0; j < 4; j++) {
          expect(Math.abs((values[j] as number) - (exact[j] as number))).toBeLessThan(1e-4)
          const slope = ((up[j] as number) - (down[j] as number)) / 0.02
          expect(Math.abs((slopes[j] as number) - slope)).toBeLessThan(0.02)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is beyond its tables what it is at their ends', () => {
    const curve = barrierCurve(law, HORIZONS)
    const at = (logDistance: number): number[] => {
      const values = new Float64Array(4)
      curve.at(logDistance, 0.5, values, new Float64Array(4))
      return [...values]
    }
    for (const end of [-5, 5]) {
      const ends = at(end)
      for (const [j, value] of at(2 * end).entries()) expect(value).toBeCloseTo(ends[j] as number, 9)
    }
  })
})
