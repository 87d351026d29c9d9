import {
  createSurface,
  defaultExperts,
  incoherence,
  type Law,
  type Moment,
  type SurfaceSpec,
} from '@breakwater/passage'
import { expect, test } from 'vitest'
import { uniformSource } from './random.ts'

/** How many random moments: some, or with BREAKWATER_ATTACK=1, as `npm run attack` sets it, a million. */
const MOMENTS = process.env['BREAKWATER_ATTACK'] === '1' ? 1_000_000 : 30_000
/** A law and its questions serve so many moments, one in 25 of which is compared with the formulas. */
const MOMENTS_A_LAW = 2500
const COMPARED = 25

type Uniform = () => number

/** A spec of one to three thresholds and two to four horizons, or the usual one. */
function randomSpec(uniform: Uniform): SurfaceSpec {
  if (uniform() < 0.3) return { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
  const rising = (count: number, first: number, most: number): number[] => {
    const numbers = [first]
    while (numbers.length < count) numbers.push((numbers.at(-1) as number) * (1.05 + (most - 1.05) * uniform()))
    return numbers
  }
  const horizons = rising(2 + Math.floor(3 * uniform()), 10 + 110 * uniform(), 3)
  const thresholds = rising(1 + Math.floor(3 * uniform()), 0.2 + uniform(), 3)
  return { thresholds, horizons, window: (horizons.at(-1) as number) * (1 + Math.floor(2 * uniform())) }
}

/** Weights over six decades. */
function randomLaw(uniform: Uniform): Law {
  const experts = defaultExperts()
  const raw = experts.map(() => 10 ** (-6 * uniform()))
  const sum = raw.reduce((total, weight) => total + weight, 0)
  return { version: 1, experts, weights: raw.map((weight) => weight / sum), breakShare: uniform() }
}

/** Price within the band mostly, volatility over three decades; half of the sessions end soon, half of the moments follow a touch. */
function randomMoment({ thresholds, window }: SurfaceSpec, uniform: Uniform): Moment {
  const band = thresholds.at(-1) as number
  const displacement = 2.2 * band * (uniform() - 0.5)
  const sigma = band * 10 ** (3 * uniform() - 2.5)
  const [beyond, back] = [0.4 * band * uniform(), 0.4 * band * uniform()]
  const past = { elapsed: window * uniform(), furthestBeyond: displacement + beyond, furthestBack: back - displacement }
  const secondsLeft = [Infinity, window * uniform(), 60 * Math.floor(9 * uniform()), Infinity][
    Math.floor(4 * uniform())
  ]
  return {
    displacement,
    sigma,
    ...(secondsLeft !== undefined && { secondsLeft }),
    ...(uniform() < 0.5 && { past }),
  }
}

/** How far two surfaces of a moment are apart: in probability (of direction, that the break side is first), in the forecast's unit. */
function distance(spec: SurfaceSpec, a: Float64Array, b: Float64Array, sigma: number): number {
  const direction = 3 * spec.thresholds.length * spec.horizons.length + 1
  const value = (values: Float64Array, h: number): number =>
    (values[h] as number) * (h === direction ? (values[h - 1] as number) : 1)
  let worst = 0
  for (let h = 0; h < a.length; h++) {
    expect(Number.isNaN(a[h])).toBe(Number.isNaN(b[h]))
    const gap = Math.abs(value(a, h) - value(b, h)) / (h <= direction ? 1 : Math.max(1, sigma))
    if (gap > worst) worst = gap
  }
  return worst
}

test(
  'no surface of random laws, questions, moments, clocks and tilts is incoherent, and tables give what the formulas give',
  { timeout: 1_800_000 },
  () => {
    const uniform = uniformSource(20)
    let breach = 0
    let apart = 0
    for (let i = 0; i < MOMENTS;) {
      const [spec, law] = [randomSpec(uniform), randomLaw(uniform)]
      const surface = createSurface(law, spec)
      const formulas = createSurface(law, spec, { by: 'formulas' })
      for (const end = i + MOMENTS_A_LAW; i < end; i++) {
        const moment = randomMoment(spec, uniform)
        const options = {
          tilt: 6 * (uniform() - 0.5),
          clock: uniform() < 0.5 ? ('touch' as const) : ('moment' as const),
        }
        const values = surface.at(moment, options)
        if (i % COMPARED === 0)
          apart = Math.max(apart, distance(spec, values, formulas.at(moment, options), moment.sigma))
        const direction = values.length - 5
        // Where both sides of the band have been reached, which was first is not known.
        if (Number.isNaN(values[direction])) values[direction] = 0.5
        breach = Math.max(breach, incoherence(spec, values))
      }
    }
    expect(breach).toBeLessThan(1e-9)
    expect(apart).toBeLessThan(1e-7)
  },
)
