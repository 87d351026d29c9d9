import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expectedCalibrationError,
  maximumCalibrationError,
  type ReliabilityBin,
  reliabilityCurve,
  wilsonInterval,
} from '@breakwater/calibration'
import { anyForecasts, apart, calibrated } from './forecasts.ts'

const counts = (bins: readonly ReliabilityBin[]): number[] => bins.map((bin) => bin.count)

describe('reliabilityCurve', () => {
  test('by width takes a prediction on an edge into the upper bin, and 1 into the last', () => {
    const { bins } = reliabilityCurve([0, 0.25, 0.49, 0.5, 1], [0, 1, 0, 1, 1], { binning: 'width', bins: 4 })
    expect(bins.map(({ lower, upper, count }) => [lower, upper, count])).toStrictEqual([
      [0, 0.25, 1],
      [0.25, 0.5, 2],
      [0.5, 0.75, 1],
      [0.75, 1, 1],
    ])
    expect(bins[1]).toMatchObject({ meanPrediction: 0.37, observedRate: 0.5 })
  })

  test('by width agrees with its edges where multiplying would round the other way', () => {
    const { bins } = reliabilityCurve([0.29], [1], { binning: 'width', bins: 100 })
    expect(bins[29]).toMatchObject({ lower: 0.29, count: 1 })
  })

  test('keeps an empty bin with count 0 and nulls', () => {
    const { bins } = reliabilityCurve([0.1, 0.9], [0, 1], { binning: 'width', bins: 3 })
    expect(bins[1]).toStrictEqual({
      lower: 1 / 3,
      upper: 2 / 3,
      count: 0,
      meanPrediction: null,
      observedRate: null,
      low: null,
      high: null,
    })
  })

  test('by quantile makes counts that differ by one at most, and ends at the extremes', () => {
    const p = Array.from({ length: 23 }, (_, i) => ((i * 7) % 23) / 23)
    const { bins } = reliabilityCurve(
      p,
      p.map(() => 1),
      { bins: 5 },
    )
    expect(counts(bins)).toStrictEqual([4, 5, 4, 5, 5])
    expect([bins[0]?.lower, bins.at(-1)?.upper]).toStrictEqual([0, 22 / 23])
  })

  test('by quantile leaves bins between equal edges empty where predictions are tied', () => {
    const { bins } = reliabilityCurve([0.5, 0.5, 0.5, 0.5], [0, 1, 1, 1], { bins: 4 })
    expect(counts(bins)).toStrictEqual([0, 0, 0, 4])
    expect(bins[3]).toMatchObject({ lower: 0.5, upper: 0.5, meanPrediction: 0.5, observedRate: 0.75 })
  })

  test('puts every row into one bin, between its edges, whatever the forecasts', () => {
    const options = fc.record({
      binning: fc.constantFrom('quantile' as const, 'width' as const),
      bins: fc.integer({ min: 1, max: 20 }),
    })
    fc.assert(
      fc.property(anyForecasts, options, ({ p, y }, binned) => {
        const { bins } = reliabilityCurve(p, y, binned)
        expect(bins).toHaveLength(binned.bins)
        for (const [k, bin] of bins.entries()) {
          const last = k === bins.length - 1
          const inside = p.filter((x) => x >= bin.lower && (x < bin.upper || (last && x <= bin.upper)))
          expect(bin.count).toBe(inside.length)
          const mean = inside.reduce((sum, x) => sum + x, 0) / inside.length
          expect(apart(bin.meanPrediction, inside.length === 0 ? null : mean)).toBeLessThan(1e-12)
        }
        expect(counts(bins).reduce((sum, count) => sum + count, 0)).toBe(p.length)
        expect(JSON.stringify(bins)).not.toContain('NaN')
      }),
    )
  })

  test('of calibrated forecasts holds the forecast in its Wilson intervals about as often as they claim', () => {
    const inside = Array.from({ length: 100 }, (_, seed) => {
      const { p, y } = calibrated(1000, seed)
      return reliabilityCurve(p, y).bins.filter(
        ({ meanPrediction, low, high }) => (low ?? 1) <= (meanPrediction ?? 0) && (meanPrediction ?? 0) <= (high ?? 0),
      ).length
    }).reduce((sum, count) => sum + count, 0)
    // 1000 bins at 95%: three standard deviations are 0.021
    expect(inside / 1000).toBeGreaterThan(0.929)
    expect(inside / 1000).toBeLessThan(0.975)
  })

  test('refuses bad input', () => {
    expect(() => reliabilityCurve([], [])).toThrow('predictions=[]')
    expect(() => reliabilityCurve([0.5], [1], { bins: 0 })).toThrow(
      'calibration: bins=0: must be a whole number of at least 1.',
    )
    expect(() => reliabilityCurve([0.5], [1], { level: 95 })).toThrow(
      'calibration: level=95: must lie between 0 and 1, both excluded. Write 95% as 0.95.',
    )
  })
})

describe('calibration errors of a curve', () => {
  test('weigh the gaps by count, or take the largest', () => {
    // gaps: 0.1 over 3 rows, 0.2 over 1 row
    const curve = reliabilityCurve([0.1, 0.1, 0.1, 0.8], [0, 0, 0, 1], { binning: 'width', bins: 2 })
    expect(expectedCalibrationError(curve)).toBeCloseTo((3 * 0.1 + 0.2) / 4, 15)
    expect(maximumCalibrationError(curve)).toBeCloseTo(0.2, 15)
  })

  test('are small for calibrated forecasts and large for overconfident ones', () => {
    const { p, y } = calibrated(20_000, 11)
    expect(expectedCalibrationError(reliabilityCurve(p, y))).toBeLessThan(0.015)
    const overconfident = p.map((x) => (x > 0.5 ? 1 : 0))
    expect(expectedCalibrationError(reliabilityCurve(overconfident, y, { binning: 'width' }))).toBeCloseTo(0.25, 1)
  })
})

describe('wilsonInterval', () => {
  test.each([
    // Newcombe 1998, table I, method 3, at 95%
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is the published one', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  test('solves the equation that defines it: the ends lie z standard errors from the rate', () => {
    const z = 1.6448536269514722
    const { low, high } = wilsonInterval(7, 30, 0.9)
    for (const end of [low, high]) {
      expect(Math.abs(7 / 30 - end) / Math.sqrt((end * (1 - end)) / 30)).toBeCloseTo(z, 7)
    }
  })

  test('refuses no trials, and more successes than trials', () => {
    expect(() => wilsonInterval(0, 0)).toThrow('calibration: trials=0: must be a whole number of at least 1.')
    expect(() => wilsonInterval(3, 2)).toThrow('calibration: successes=3: must be at most trials=2.')
  })
})
