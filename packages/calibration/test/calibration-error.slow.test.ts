import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  calibrationNullBand,
  debiasedCalibrationError,
  debiasedRootCalibrationError,
  eceBySession,
  eceStatistic,
  expectedCalibrationError,
  reliabilityCurve,
  sessionBlockBootstrap,
  smoothCalibrationError,
  smoothEceBySession,
  smoothEceStatistic,
  smoothReliabilityCurve,
  spiegelhalterTest,
} from '@breakwater/calibration'
import { anyForecasts, calibrated, uniforms } from './forecasts.ts'
import { oracles } from './oracles.ts'

const { predictions, outcomes } = oracles

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length

/** Share of 200 samples of bent forecasts that the test rejects at 5%. */
const rejected = (bend: (p: number) => number): number =>
  Array.from({ length: 200 }, (_, seed) => {
    const { p, y } = calibrated(400, seed)
    return spiegelhalterTest(p.map(bend), y).p ?? 1
  }).filter((p) => p < 0.05).length / 200

/** Share of 100 samples rejected at 5%: 40 sessions of 25 rows, each session's rates shifted as a whole. */
const share = (bySession: boolean): number =>
  Array.from({ length: 100 }, (_, seed) => {
    const random = uniforms(seed + 50)
    const codes = Array.from({ length: 1000 }, (_row, row) => Math.floor(row / 25))
    const shifts = Array.from({ length: 40 }, () => 2 * (random() - 0.5))
    const p = codes.map(() => 0.2 + 0.2 * random())
    const y = codes.map((code, row) => Number(random() < (p[row] ?? 0) + 0.15 * (shifts[code] ?? 0)))
    return spiegelhalterTest(p, y, bySession ? codes : undefined).p ?? 1
  }).filter((p) => p < 0.05).length / 100

describe('smoothCalibrationError', () => {
  test('is its definition, integrated on a fine grid in numpy, and close to relplot', () => {
    const { value, sigma } = smoothCalibrationError(predictions, outcomes)
    expect(value).toBeCloseTo(oracles.smoothEce.definition, 5)
    expect(sigma).toBeCloseTo(value, 6)
    // relplot stops its search for the bandwidth at 1/1024
    expect(Math.abs(value - oracles.smoothEce.relplot)).toBeLessThan(0.001)
  })

  test('is the gap itself for one forecast far off, and 0 for certain forecasts that come true', () => {
    // all of the residual has one sign, and a reflected kernel keeps its mass
    expect(smoothCalibrationError([0.3, 0.3, 0.3], [1, 1, 1]).value).toBeCloseTo(0.7, 6)
    expect(smoothCalibrationError([0, 1], [0, 1]).value).toBeLessThan(1e-8)
  })

  test('lies between 0 and the mean absolute residual, and moves no faster than the predictions', () => {
    fc.assert(
      fc.property(anyForecasts, fc.double({ min: 0, max: 1e-3, noNaN: true }), ({ p, y }, step) => {
        const { value } = smoothCalibrationError(p, y)
        const residual = p.reduce((sum, q, i) => sum + Math.abs((y[i] ?? 0) - q), 0) / p.length
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(residual * 1.001 + 1e-9)
        const moved = p.map((q) => Math.min(1, q + step))
        expect(Math.abs(smoothCalibrationError(moved, y).value - value)).toBeLessThan(3 * step + 2e-3)
      }),
      { numRuns: 60 },
    )
  })
})

describe('debiased errors', () => {
  const curve = reliabilityCurve(predictions, outcomes, { binning: 'width', bins: oracles.debiased.bins })

  test('are those of Kumar et al.; the simulated one to its noise', () => {
    expect(debiasedRootCalibrationError(curve).value).toBeCloseTo(oracles.debiased.l2, 12)
    expect(Math.abs((debiasedCalibrationError(curve).value ?? 1) - oracles.debiased.l1)).toBeLessThan(2e-4)
  })

  test('are nearer 0 than the plain ECE for calibrated forecasts, on average over 50 samples', () => {
    const curves = Array.from({ length: 50 }, (_, seed) => {
      const { p, y } = calibrated(400, seed)
      return reliabilityCurve(p, y)
    })
    const plain = mean(curves.map(expectedCalibrationError))
    const debiased = mean(curves.map((each) => debiasedCalibrationError(each).value ?? Number.NaN))
    expect(plain).toBeGreaterThan(0.03)
    // the closed form takes the folded normal about the gap that was seen, so some bias is left near 0
    expect(debiased).toBeLessThan(plain * 0.65)
  })

  test('do not exist where a bin holds one row', () => {
    const thin = reliabilityCurve([0.1, 0.9], [0, 1], { bins: 2 })
    const none = { value: null, reason: 'a bin has only one row, so its variance is unknown' }
    expect(debiasedCalibrationError(thin)).toStrictEqual(none)
    expect(debiasedRootCalibrationError(thin)).toStrictEqual(none)
  })
})

describe('calibrationNullBand', () => {
  test.each([
    ['ECE', eceStatistic(), (p: Float64Array, y: Uint8Array) => expectedCalibrationError(reliabilityCurve(p, y))],
    ['smooth ECE', smoothEceStatistic(), (p: Float64Array, y: Uint8Array) => smoothCalibrationError(p, y).value],
  ] as const)('holds the %s of calibrated forecasts about as often as it says', (_, statistic, error) => {
    let inside = 0
    const trials = 60
    for (let trial = 0; trial < trials; trial++) {
      const { p, y } = calibrated(300, trial + 1)
      const { low, high } = calibrationNullBand(p, statistic, { seed: trial, samples: 100, level: 0.9 })
      const value = error(p, y)
      if (low <= value && value <= high) inside++
    }
    // binomial with 60 trials at 0.9: three standard deviations are 7
    expect(inside).toBeGreaterThanOrEqual(47)
    expect(inside).toBeLessThan(trials)
  })

  test('does not hold the error of forecasts that are twice too certain', () => {
    const { p, y } = calibrated(2000, 5)
    const certain = p.map((q) => 1 / (1 + ((1 - q) / q) ** 2))
    const ece = expectedCalibrationError(reliabilityCurve(certain, y))
    expect(ece).toBeGreaterThan(calibrationNullBand(certain, eceStatistic(), { seed: 1 }).high * 2)
    const smooth = smoothCalibrationError(certain, y).value
    expect(smooth).toBeGreaterThan(calibrationNullBand(certain, smoothEceStatistic(), { seed: 1 }).high * 2)
  })

  test('is the same for the same seed, and refuses bad input', () => {
    const { p } = calibrated(50, 2)
    const band = calibrationNullBand(p, eceStatistic(), { seed: 4, samples: 50 })
    expect(calibrationNullBand(p, eceStatistic(), { seed: 4, samples: 50 })).toStrictEqual(band)
    expect(calibrationNullBand(p, eceStatistic(), { seed: 5, samples: 50 })).not.toStrictEqual(band)
    expect(() => calibrationNullBand(p, eceStatistic(), { seed: 0.5 })).toThrow('calibration: seed=0.5')
    expect(() => calibrationNullBand([], eceStatistic(), { seed: 1 })).toThrow('predictions=[]')
    expect(() => calibrationNullBand([2], eceStatistic(), { seed: 1 })).toThrow('predictions[0]=2')
  })
})

describe('calibration errors by session', () => {
  test('are the plain errors of the rows as they are', () => {
    const codes = predictions.map((_, row) => row % 7)
    const scores = { ece: eceBySession(predictions, outcomes), smooth: smoothEceBySession(predictions, outcomes) }
    const { ece, smooth } = sessionBlockBootstrap(codes, scores, { seed: 1, samples: 100 })
    expect(ece.estimate).toBeCloseTo(expectedCalibrationError(reliabilityCurve(predictions, outcomes)), 12)
    expect(smooth.estimate).toBeCloseTo(oracles.smoothEce.definition, 3)
    expect(ece.low).toBeLessThan(ece.high ?? 0)
    expect(smooth.low).toBeLessThan(smooth.high ?? 0)
  })
})

describe('spiegelhalterTest', () => {
  test('is z and p as scipy has them', () => {
    const { z, p } = spiegelhalterTest(predictions, outcomes)
    expect(z).toBeCloseTo(oracles.spiegelhalter.z, 10)
    expect(p).toBeCloseTo(oracles.spiegelhalter.p, 10)
  })

  test('rejects calibrated forecasts about as often as it says, and overconfident ones nearly always', () => {
    expect(rejected((p) => p)).toBeLessThan(0.1)
    expect(rejected((p) => 1 / (1 + ((1 - p) / p) ** 2))).toBeGreaterThan(0.95)
  })

  test('with sessions allows for rows that hang together, where the plain test cries wolf', () => {
    expect(share(false)).toBeGreaterThan(0.1)
    expect(share(true)).toBeLessThan(0.12)
  })

  test('has no value where nothing can vary, with the reason', () => {
    const none = { z: null, p: null, reason: 'every forecast is 0, 1 or one half, so nothing can vary' }
    expect(spiegelhalterTest([0, 1, 0.5], [0, 1, 1])).toStrictEqual(none)
    expect(spiegelhalterTest([0.2, 0.3], [0, 1], [4, 4]).reason).toBe('fewer than two sessions')
    expect(() => spiegelhalterTest([0.2], [0], [])).toThrow('calibration: sessions.length=0')
  })
})

describe('smoothReliabilityCurve', () => {
  test('is near the diagonal for calibrated forecasts, inside its band', () => {
    const { p, y } = calibrated(6000, 9)
    const codes = Int32Array.from(p, (_, row) => row % 30)
    const { sigma, points } = smoothReliabilityCurve(p, y, codes, { seed: 1, samples: 100 })
    expect(sigma).toBeGreaterThanOrEqual(0.02)
    const off = points.filter(
      ({ prediction, low, high }) => low === null || high === null || prediction < low || prediction > high,
    )
    // pointwise at 95%, and neighbours share their rows; the ends are bent by the kernel
    expect(off.length).toBeLessThan(25)
    for (const { prediction, observedRate, density } of points) {
      expect(Math.abs((observedRate ?? 9) - prediction)).toBeLessThan(0.08)
      expect(density).toBeGreaterThan(0.8)
    }
  })

  test('shows which way forecasts are wrong, and nothing where none lie', () => {
    const p = Array.from({ length: 900 }, (_, row) => (row % 2 === 0 ? 0.2 : 0.3))
    const y = p.map((_, row) => Number([0, 2, 4, 1, 3, 5, 7].includes(row % 20)))
    const { points } = smoothReliabilityCurve(
      p,
      y,
      p.map((_, row) => row % 9),
      { seed: 1, samples: 50 },
    )
    expect(points[19]?.observedRate).toBeGreaterThan(0.27)
    expect(points[29]?.observedRate).toBeLessThan(0.43)
    expect(points[24]?.observedRate).toBeCloseTo(0.35, 2)
    expect(points.at(-1)).toMatchObject({ observedRate: null, low: null, high: null })
  })

  test('has no band from one session', () => {
    const { points } = smoothReliabilityCurve([0.4, 0.6], [0, 1], [3, 3], { seed: 1 })
    expect(points.every(({ low, high }) => low === null && high === null)).toBe(true)
  })
})
