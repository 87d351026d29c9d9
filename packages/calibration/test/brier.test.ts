import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brierDecomposition, brierScore, logLoss, skill } from '@breakwater/calibration'
import { anyForecasts, calibrated } from './forecasts.ts'

describe('brierScore', () => {
  test('is the mean squared difference, worked by hand', () => {
    // (0.2^2 + 0.4^2 + 1^2) / 3
    expect(brierScore([0.8, 0.4, 0], [1, 0, 1])).toBeCloseTo(1.2 / 3, 15)
    expect(brierScore(Float32Array.of(1, 0), Uint8Array.of(1, 0))).toBe(0)
    expect(brierScore([0.5], [1])).toBe(0.25)
  })

  test('refuses what is no probability, no outcome, uneven or empty, naming the argument and the value', () => {
    expect(() => brierScore([0.5, 1.2], [0, 1])).toThrow(
      'calibration: predictions[1]=1.2: must be a probability in [0, 1]. Pass probabilities, not margins.',
    )
    expect(() => brierScore([Number.NaN], [0])).toThrow('calibration: predictions[0]=NaN: must be a probability')
    expect(() => brierScore([-1e-9], [0])).toThrow('predictions[0]=-1e-9')
    expect(() => brierScore([0.5], [2])).toThrow('calibration: outcomes[0]=2: must be 0 or 1.')
    expect(() => brierScore([0.5], [Number.NaN])).toThrow('outcomes[0]=NaN: must be 0 or 1. Leave masked rows out')
    expect(() => brierScore([0.5, 0.5], [1])).toThrow(
      'calibration: outcomes.length=1: must be one per prediction. There are 2 predictions.',
    )
    expect(() => brierScore([], [])).toThrow('calibration: predictions=[]: must have at least one row.')
  })
})

describe('brierDecomposition', () => {
  test('is Murphy 1973 on forecasts that are constant inside each bin, worked by hand', () => {
    // forecasts 0.2 (1 of 4 came) and 0.6 (1 of 2 came); base rate 1/3
    const parts = brierDecomposition([0.2, 0.2, 0.2, 0.2, 0.6, 0.6], [1, 0, 0, 0, 1, 0], { binning: 'width', bins: 5 })
    expect(parts.reliability).toBeCloseTo((4 * 0.05 ** 2 + 2 * 0.1 ** 2) / 6, 15)
    expect(parts.resolution).toBeCloseTo((4 * (1 / 12) ** 2 + 2 * (1 / 6) ** 2) / 6, 15)
    expect(parts.uncertainty).toBeCloseTo(2 / 9, 15)
    expect(parts.withinVariance).toBeCloseTo(0, 15)
    expect(parts.withinCovariance).toBeCloseTo(0, 15)
    expect(parts.brier).toBeCloseTo(parts.reliability - parts.resolution + parts.uncertainty, 15)
  })

  test('adds up to the Brier score for any forecasts and bins, with the terms within bins', () => {
    const options = fc.record({
      binning: fc.constantFrom('quantile' as const, 'width' as const),
      bins: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(anyForecasts, options, ({ p, y }, binned) => {
        const d = brierDecomposition(p, y, binned)
        const sum = d.reliability - d.resolution + d.uncertainty + d.withinVariance - d.withinCovariance
        expect(sum).toBeCloseTo(brierScore(p, y), 12)
      }),
    )
  })

  test('finds almost no reliability error in calibrated forecasts', () => {
    const { p, y } = calibrated(20_000, 3)
    const d = brierDecomposition(p, y)
    expect(d.reliability).toBeLessThan(0.0005)
    expect(d.brier).toBeCloseTo(1 / 6, 2)
    expect(d.uncertainty).toBeCloseTo(1 / 4, 2)
  })
})

describe('skill', () => {
  test('is the share of the reference that is saved', () => {
    expect(skill(0.1, 0.25)).toStrictEqual({ value: 0.6 })
    expect(skill(0.5, 0.25)).toStrictEqual({ value: -1 })
  })

  test('has no value against a perfect reference', () => {
    expect(skill(0.1, 0)).toStrictEqual({ value: null, reason: 'the reference forecast is already perfect' })
  })
})

describe('logLoss', () => {
  test('is the mean of -ln of what was given to the outcome', () => {
    expect(logLoss([0.5, 0.25], [1, 1])).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 15)
    expect(logLoss([0.25], [0])).toBeCloseTo(-Math.log(0.75), 15)
  })

  test('clips certainty at 1e-15', () => {
    expect(logLoss([0], [1])).toBeCloseTo(34.538776, 5)
    expect(logLoss([1], [0])).toBeCloseTo(34.538776, 1)
    expect(logLoss([1, 0], [1, 0])).toBeLessThan(2e-15)
  })

  test('is least, for a constant forecast, at the base rate', () => {
    const y = [1, 0, 0, 1, 0]
    const at = (p: number): number => logLoss(new Float64Array(5).fill(p), y)
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (p) => {
        expect(at(p)).toBeGreaterThanOrEqual(at(0.4))
      }),
    )
  })

  test('refuses bad input', () => {
    expect(() => logLoss([], [])).toThrow('predictions=[]')
    expect(() => logLoss([2], [1])).toThrow('predictions[0]=2')
  })
})
