import {
  createBarrier,
  createSurface,
  defaultExperts,
  type Law,
  type Moment,
  surfaceQuestions,
  type SurfaceSpec,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniformSource } from './random.ts'

/** Moments that are looked at; `npm run attack -- nearer` looks at a million. */
const ROWS = Number(process.env['BREAKWATER_FUZZ'] ?? 20_000)
const PER_LAW = 2_500

/** A law with random weights, some of them close to nothing. */
function randomLaw(next: () => number): Law {
  const experts = defaultExperts()
  const raw = experts.map(() => Math.exp(-12 * next()))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  return { version: 1, experts, weights: raw.map((weight) => weight / total), breakShare: next() }
}

function randomSpec(next: () => number): SurfaceSpec {
  const near = Math.exp(3 * next() - 2)
  const horizons = [0.2, 0.4, 0.6, 1].map((share, i) => 60 * Math.ceil(10 * share * next()) + 60 * i)
  const rising = horizons.toSorted((a, b) => a - b).map((horizon, i) => horizon + i)
  return {
    thresholds: [near, near * (1.01 + 3 * next())],
    horizons: rising,
    window: (rising.at(-1) ?? 60) + 300 * next(),
  }
}

/** A moment whose volatility lies within six decades, at times on a threshold. */
function randomMoment(next: () => number, { thresholds: [near = 1, far = 2] }: SurfaceSpec): Moment {
  const kinds = [near, -near, far, -far, 0, near * (1 - 1e-12)]
  const displacement = next() < 0.1 ? (kinds[Math.floor(kinds.length * next())] as number) : 2.4 * far * (next() - 0.5)
  return { displacement, sigma: far * 10 ** (6 * next() - 4.5) }
}

describe(`${ROWS} random moments under random laws`, { timeout: 1_800_000 }, () => {
  test('never reach a side less likely from nearer to it, nor a barrier', () => {
    const next = uniformSource(7)
    let worst = 0
    for (let done = 0; done < ROWS; done += PER_LAW) {
      const spec = randomSpec(next)
      const law = randomLaw(next)
      const surface = createSurface(law, spec)
      const barrier = createBarrier(law, spec.horizons)
      const way = surfaceQuestions(spec).map((question) =>
        question.kind !== 'reach' || question.side === 'either' ? 0 : question.side === 'break' ? 1 : -1,
      )
      const [from, to] = [new Float64Array(way.length), new Float64Array(way.length)]
      const [far, close] = [new Float64Array(spec.horizons.length), new Float64Array(spec.horizons.length)]
      for (let row = 0; row < PER_LAW; row += 2) {
        const { displacement, sigma } = randomMoment(next, spec)
        const step = sigma * next()
        const tilt = 6 * (next() - 0.5)
        surface.at({ displacement, sigma }, { tilt }, from)
        surface.at({ displacement: displacement + step, sigma }, { tilt }, to)
        for (const [h, side] of way.entries()) worst = Math.max(worst, side * ((from[h] as number) - (to[h] as number)))
        barrier({ distance: displacement + step, sigma, tilt }, far)
        barrier({ distance: displacement, sigma, tilt }, close)
        for (const [j, p] of far.entries()) worst = Math.max(worst, p - (close[j] as number))
      }
    }
    // Tables are within 1e-7 of the formulas.
    expect(worst).toBeLessThanOrEqual(2e-7)
  })
})
