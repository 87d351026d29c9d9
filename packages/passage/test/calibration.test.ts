import {
  createSurface,
  defaultExperts,
  fitCalibration,
  incoherence,
  type Law,
  LAW_VERSION,
  poweredLaw,
  surfaceQuestions,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniformSource as uniforms } from './random.ts'

const SPEC = { thresholds: [0.5, 1], horizons: [60, 180, 300], window: 480 }
const QUESTIONS = surfaceQuestions(SPEC).length - 4
const PER_SESSION = 30

const experts = defaultExperts()
/** Weight falls with the distance from the forecast's own volatility. */
const raw = experts.map((expert) =>
  expert.kind === 'jump'
    ? 0.002
    : Math.exp(-4 * Math.log(expert.volatility) ** 2) * (Math.abs(expert.drift) < 0.3 ? 2 : 1),
)
const LAW: Law = {
  version: LAW_VERSION,
  experts,
  weights: raw.map((weight) => weight / raw.reduce((a, b) => a + b, 0)),
  breakShare: 0.5,
}

/** What happens is the law with its log volatility, drift and log power off by so much in a session. */
type Truth = (session: number) => readonly [volatility: number, drift: number, power: number]

/** Moments of a law, forecast without a shift, with outcomes drawn from the truth. */
function sample(truth: Truth, sessions: number, seed: number): Parameters<typeof fitCalibration>[0] {
  const next = uniforms(seed)
  const rows = sessions * PER_SESSION
  const session = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / PER_SESSION))
  const displacement = Float64Array.from({ length: rows }, () => 0.8 * (next() - 0.5))
  const sigma = Float64Array.from({ length: rows }, () => 0.1 + 0.3 * next())
  const labels = new Int8Array(rows * QUESTIONS).fill(-1)
  for (let row = 0; row < rows; row++) {
    const [volatility, drift, power] = truth(session[row] as number)
    const surface = createSurfaceOf(power)
    const p = surface.at(
      { displacement: displacement[row] as number, sigma: (sigma[row] as number) * Math.exp(volatility) },
      { tilt: drift },
    )
    // Direction is asked where the band is left; every other question of every row.
    const isLeft = next() < (p[QUESTIONS - 2] as number)
    for (let h = 0; h < QUESTIONS - 2; h++) labels[row * QUESTIONS + h] = Number(next() < (p[h] as number))
    labels[row * QUESTIONS + QUESTIONS - 2] = Number(isLeft)
    if (isLeft) labels[row * QUESTIONS + QUESTIONS - 1] = Number(next() < (p[QUESTIONS - 1] as number))
  }
  return {
    law: LAW,
    spec: SPEC,
    displacement,
    sigma,
    tilt: new Float64Array(rows),
    outcomes: { labels, rowWeights: new Float64Array(rows).fill(1) },
    sessions: session,
  }
}

const surfaces = new Map<number, ReturnType<typeof createSurface>>()
function createSurfaceOf(power: number): ReturnType<typeof createSurface> {
  const known = surfaces.get(power) ?? createSurface(poweredLaw(LAW, Math.exp(power)), SPEC)
  surfaces.set(power, known)
  return known
}

describe('fitCalibration', () => {
  test('finds a volatility forecast that is 15% too low, and a drift', { timeout: 600_000 }, () => {
    const { calibration, saved, standardError, reason } = fitCalibration(sample(() => [Math.log(1.15), 0.4, 0], 24, 1))
    expect(calibration.volatility).toBeCloseTo(Math.log(1.15), 1)
    expect(Math.abs(calibration.drift - 0.4)).toBeLessThan(0.15)
    expect(saved).toBeGreaterThan(2 * (standardError ?? Infinity))
    expect(reason).toMatch(/^calibrations of earlier sessions saved 0\.\d{5} .* 24 sessions\): calibrated$/)
    const high = fitCalibration(sample(() => [-Math.log(1.15), 0, 0], 24, 2))
    expect(high.calibration.volatility).toBeCloseTo(-Math.log(1.15), 1)
    expect(Math.abs(high.calibration.drift)).toBeLessThan(0.15)
  })

  test(
    'changes nothing where forecasts are right, but in as many samples as two standard errors let through',
    { timeout: 600_000 },
    () => {
      const used = Array.from({ length: 8 }, (_, seed) => fitCalibration(sample(() => [0, 0, 0], 8, 100 + seed)))
      const acting = used.filter(({ calibration }) => calibration.volatility !== 0)
      // One in 44 by chance; three of eight have a chance of 0.0006.
      expect(acting.length).toBeLessThanOrEqual(2)
      const left = used.filter(({ reason }) => reason.endsWith('kept as it is'))
      expect(left.length + acting.length).toBe(used.length)
      for (const { calibration } of left) expect(calibration).toEqual({ volatility: 0, drift: 0, power: 1 })
    },
  )

  test('changes nothing where what was wrong is not wrong any more', { timeout: 600_000 }, () => {
    const turned = fitCalibration(sample((session) => [session < 12 ? 0.14 : -0.14, 0, 0], 24, 3))
    expect(turned.calibration).toEqual({ volatility: 0, drift: 0, power: 1 })
    expect(turned.saved).toBeLessThan(0)
  })

  test('changes nothing by few sessions', () => {
    expect(fitCalibration(sample(() => [0.5, 0, 0], 7, 4))).toEqual({
      calibration: { volatility: 0, drift: 0, power: 1 },
      reason: '7 out-of-fold sessions are too few to calibrate on (it needs 8): kept as it is',
      saved: null,
      standardError: null,
      sessions: 7,
      rows: 7 * PER_SESSION,
    })
  })

  test('refuses columns of another length', () => {
    const rows = sample(() => [0, 0, 0], 8, 5)
    expect(() => fitCalibration({ ...rows, tilt: new Float64Array(3) })).toThrow(
      'passage: calibration.tilt.length=3: must be one per row. There are 240 rows.',
    )
  })
})

describe('a law with powered weights', () => {
  test('has weights with sum 1 in the same order, and coherent surfaces', () => {
    expect(poweredLaw(LAW, 1)).toBe(LAW)
    const next = uniforms(6)
    for (const power of [0.4, 2.5]) {
      const { weights } = poweredLaw(LAW, power)
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
      for (const [k, weight] of LAW.weights.entries()) {
        const ratio = (weights[k] as number) / (weights[0] as number)
        expect(ratio / (weight / (LAW.weights[0] as number)) ** power).toBeCloseTo(1, 10)
      }
      const surface = createSurface(poweredLaw(LAW, power), SPEC)
      for (let i = 0; i < 200; i++) {
        const moment = { displacement: 3 * (next() - 0.5), sigma: 0.02 + next() }
        expect(incoherence(SPEC, surface.at(moment, { tilt: 4 * (next() - 0.5) }))).toBeLessThanOrEqual(1e-9)
      }
    }
  })
})
