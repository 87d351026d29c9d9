import { createBarrier, createSurface, defaultExperts, DIRECTIONS, type Law, type Moment } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniformSource } from './random.ts'

const spec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const experts = defaultExperts()
const next = uniformSource(5)
const raw = experts.map(() => 0.2 + next())
const total = raw.reduce((sum, weight) => sum + weight, 0)
const law: Law = { version: 1, experts, weights: raw.map((weight) => weight / total), breakShare: 0.5 }
const moment: Moment = { displacement: 0.2, sigma: 0.25 }
const SIZE = 30
const PROBABILITIES = 26

function slopesAt(at: Moment, tilt: number, of: Law = law): Float64Array {
  const slopes = new Float64Array(DIRECTIONS.length * SIZE)
  createSurface(of, spec).at(at, { tilt, slopes })
  return slopes
}

/** The surface where jumps weigh `share` times as much. */
function jumping(share: number): Float64Array {
  const scaled = law.weights.map((w, k) => (experts[k]?.kind === 'jump' ? w * share : w))
  const sum = scaled.reduce((all, weight) => all + weight, 0)
  const weights = scaled.map((weight) => weight / sum)
  return createSurface({ ...law, weights }, spec).at(moment)
}

describe('the slopes of a surface', () => {
  test.each([-1.5, 0, 0.8])('by drift are those of the tilt, at a tilt of %f', (tilt) => {
    const slopes = slopesAt(moment, tilt).subarray(SIZE, SIZE + PROBABILITIES)
    const surface = createSurface(law, spec)
    const step = 1e-5
    const [up, down] = [surface.at(moment, { tilt: tilt + step }), surface.at(moment, { tilt: tilt - step })]
    for (const [h, slope] of slopes.entries())
      expect(slope).toBeCloseTo(((up[h] as number) - (down[h] as number)) / (2 * step), 6)
  })

  test('by jumps are those of their weight', () => {
    const slopes = slopesAt(moment, 0).subarray(3 * SIZE, 3 * SIZE + PROBABILITIES)
    const step = 1e-5
    const [up, down] = [jumping(1 + step), jumping(1 - step)]
    for (const [h, slope] of slopes.entries())
      expect(slope).toBeCloseTo(((up[h] as number) - (down[h] as number)) / (2 * step), 6)
  })

  test('by scale are near those of the volatility where the grid is fine', () => {
    const fine = Array.from({ length: 41 }, (_, i) => ({
      kind: 'diffusion' as const,
      volatility: Math.exp((i - 20) / 15),
      drift: 0,
    }))
    const bell = fine.map((_, i) => Math.exp(-(((i - 20) / 5) ** 2) / 2))
    const sum = bell.reduce((all, weight) => all + weight, 0)
    const smooth: Law = { version: 1, experts: fine, weights: bell.map((weight) => weight / sum), breakShare: 0.5 }
    const slopes = slopesAt(moment, 0, smooth).subarray(0, PROBABILITIES)
    const surface = createSurface(smooth, spec)
    const step = 1e-4
    const at = (by: number): Float64Array => surface.at({ ...moment, sigma: moment.sigma * Math.exp(by) })
    const [up, down] = [at(step), at(-step)]
    for (const [h, slope] of slopes.entries())
      expect(Math.abs(slope - ((up[h] as number) - (down[h] as number)) / (2 * step))).toBeLessThan(2e-3)
  })

  test('are 0 where an answer is certain', () => {
    const slopes = slopesAt({ displacement: 1.2, sigma: 0.25 }, 0.3)
    const surface = createSurface(law, spec).at({ displacement: 1.2, sigma: 0.25 }, { tilt: 0.3 })
    const certain = [...surface.subarray(0, PROBABILITIES).entries()].filter(([, p]) => p === 1).map(([h]) => h)
    expect(certain.length).toBeGreaterThan(15)
    for (const h of certain) for (let d = 0; d < DIRECTIONS.length; d++) expect(slopes[d * SIZE + h]).toBe(0)
  })

  test('leave the surface as it is, and have one number a direction and question', () => {
    const slopes = new Float64Array(DIRECTIONS.length * SIZE)
    const surface = createSurface(law, spec)
    expect(surface.at(moment, { tilt: 0.4, slopes })).toEqual(surface.at(moment, { tilt: 0.4 }))
    expect(() => surface.at(moment, { slopes: new Float64Array(3) })).toThrow(
      'passage: options.slopes.length=3: must be 120, one number a direction and question.',
    )
  })
})

test('the slopes of one barrier by drift are those of the tilt', () => {
  const reach = createBarrier(law, spec.horizons)
  const slopes = new Float64Array(DIRECTIONS.length * 4)
  const at = (tilt: number): Float64Array => reach({ distance: 0.4, sigma: 0.25, tilt }, new Float64Array(4))
  reach({ distance: 0.4, sigma: 0.25, tilt: 0.5 }, new Float64Array(4), { slopes })
  const step = 1e-5
  const [up, down] = [at(0.5 + step), at(0.5 - step)]
  for (let j = 0; j < 4; j++)
    expect(slopes[4 + j]).toBeCloseTo(((up[j] as number) - (down[j] as number)) / (2 * step), 6)
})
