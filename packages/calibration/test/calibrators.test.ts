import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyCalibrator,
  fitBeta,
  fitCalibrator,
  fitCentredIsotonic,
  fitIsotonic,
  fitPlatt,
  FITTED_KINDS,
  fitTemperature,
  fitVennAbers,
  logLoss,
  vennAbersInterval,
} from '@breakwater/calibration'
import { anyForecasts, uniforms } from './forecasts.ts'
import { fitted, oracles } from './oracles.ts'

const { predictions, outcomes, asked } = oracles

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length)
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))))
}

describe('fits against other programs', () => {
  test('platt is scikit-learn sigmoid calibration on log odds', () => {
    const { slope, intercept } = fitted(fitPlatt(predictions, outcomes))
    expect(slope).toBeCloseTo(oracles.platt.slope, 5)
    expect(intercept).toBeCloseTo(oracles.platt.intercept, 5)
  })

  test('beta is betacal', () => {
    const beta = fitted(fitBeta(predictions, outcomes))
    expect(largestGap(applyCalibrator(beta, oracles.beta.asked), oracles.beta.values)).toBeLessThan(2e-4)
  })

  test('temperature is a bounded minimiser of the log loss', () => {
    expect(fitted(fitTemperature(predictions, outcomes)).temperature).toBeCloseTo(oracles.temperature, 6)
  })

  test('isotonic is scikit-learn, between the points too', () => {
    const isotonic = fitted(fitIsotonic(predictions, outcomes))
    expect(largestGap(applyCalibrator(isotonic, asked), oracles.isotonic)).toBeLessThan(1e-12)
  })

  test('venn-abers is its definition: isotonic regression with one more row of either label', () => {
    const calibrator = fitted(fitVennAbers(predictions, outcomes))
    const intervals = asked.map((p) => vennAbersInterval(calibrator, p))
    expect(
      largestGap(
        intervals.map(({ low }) => low),
        oracles.vennAbers.map(([low]) => low),
      ),
    ).toBeLessThan(1e-12)
    expect(
      largestGap(
        intervals.map(({ high }) => high),
        oracles.vennAbers.map(([, high]) => high),
      ),
    ).toBeLessThan(1e-12)
    const single = oracles.vennAbers.map(([low, high]) => high / (1 - low + high))
    expect(largestGap(applyCalibrator(calibrator, asked), single)).toBeLessThan(1e-12)
  })
})

describe('fits worked by hand', () => {
  // With half a positive of one row more at each end: 0.1: 1.5 of 3; 0.3: 0 of 1; 0.6: 1 of 1; 0.8: 0.5 of 2.
  // Pooled: {0.1, 0.3} 1.5/4, {0.6, 0.8} 1.5/3
  const p = [0.1, 0.1, 0.3, 0.6, 0.8]
  const y = [1, 0, 0, 1, 0]

  test('isotonic pools what is out of order', () => {
    expect(fitIsotonic(p, y).calibrator).toStrictEqual({
      kind: 'isotonic',
      x: [0.1, 0.3, 0.6, 0.8],
      y: [3 / 8, 3 / 8, 1 / 2, 1 / 2],
    })
  })

  test('the centred variant puts a block at its mean prediction and rises between', () => {
    const centred = fitted(fitCentredIsotonic(p, y))
    expect(centred.x[0]).toBeCloseTo((0.1 + 0.1 + 0.3) / 3, 15)
    expect(centred.x[1]).toBeCloseTo(0.7, 15)
    expect(centred.y).toStrictEqual([3 / 8, 1 / 2])
    const [below, middle, above] = applyCalibrator(centred, [0, (0.5 / 3 + 0.7) / 2, 1])
    expect(below).toBe(3 / 8)
    expect(middle).toBeCloseTo((3 / 8 + 1 / 2) / 2, 12)
    expect(above).toBe(1 / 2)
  })

  test('the centred variant keeps both ends of a block of one outcome', () => {
    const { calibrator } = fitCentredIsotonic([0.1, 0.2, 0.5, 0.8, 0.9], [0, 0, 1, 1, 1])
    // 0 of 2 and 3 of 3, each with half of one row more
    expect(calibrator).toMatchObject({ x: [0.1, 0.2, 0.5, 0.9], y: [0.5 / 3, 0.5 / 3, 3.5 / 4, 3.5 / 4] })
  })

  test('platt has its smoothed targets: two rows that separate stay finite', () => {
    // targets 2/3 and 1/3 at log odds +-ln 4: slope = ln 2 / ln 4
    const { slope, intercept } = fitted(fitPlatt([0.2, 0.8], [0, 1]))
    expect(slope).toBeCloseTo(0.5, 9)
    expect(intercept).toBeCloseTo(0, 9)
  })

  test('a forecast that orders backwards becomes the base rate, and is not turned around', () => {
    const backwards = [0.9, 0.8, 0.7, 0.3, 0.2, 0.1]
    const labels = [0, 0, 1, 0, 1, 1]
    expect(fitPlatt(backwards, labels).calibrator).toMatchObject({
      slope: 0,
      intercept: expect.closeTo(0, 9) as number,
    })
    expect(fitBeta(backwards, labels).calibrator).toMatchObject({ a: 0, b: 0 })
    for (const kind of ['platt', 'beta', 'isotonic', 'centred-isotonic'] as const) {
      const [low, high] = applyCalibrator(fitted(fitCalibrator(kind, backwards, labels)), [0.1, 0.9])
      expect([kind, low, high]).toStrictEqual([kind, expect.closeTo(0.5, 9), expect.closeTo(0.5, 9)])
    }
  })
})

describe('isotonic regression', () => {
  test('is the min-max formula over rows with half a positive of one row more at each end', () => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y }) => {
        const { calibrator } = fitIsotonic(p, y)
        fc.pre(calibrator !== null)
        const x = [...new Set(p)].toSorted((a, b) => a - b)
        const groups = x.map((at, i) => {
          const labels = y.filter((_, row) => p[row] === at)
          const more = i === 0 || i === x.length - 1 ? 1 : 0
          return { rows: labels.length + more, positives: labels.reduce((a, b) => a + b, 0) + more / 2 }
        })
        const rate = (from: number, to: number): number => {
          const part = groups.slice(from, to + 1)
          return part.reduce((sum, g) => sum + g.positives, 0) / part.reduce((sum, g) => sum + g.rows, 0)
        }
        const at = x.map((_, i) =>
          Math.max(
            ...x.slice(0, i + 1).map((__, from) => Math.min(...x.slice(i).map((___, ahead) => rate(from, i + ahead)))),
          ),
        )
        expect(largestGap(applyCalibrator(calibrator, x), at)).toBeLessThan(1e-12)
      }),
    )
  })

  test('prices a surprise at the end of the map by how many rows speak against it', () => {
    for (const rows of [4, 40, 4000]) {
      const p = Array.from({ length: 2 * rows }, (_, row) => row / (2 * rows))
      const y = p.map((value) => Number(value >= 0.5))
      for (const kind of ['isotonic', 'centred-isotonic'] as const) {
        const [low, high] = applyCalibrator(fitted(fitCalibrator(kind, p, y)), [0, 1])
        expect(low).toBeCloseTo(0.5 / (rows + 1), 12)
        expect(high).toBeCloseTo(1 - 0.5 / (rows + 1), 12)
        expect(logLoss([low ?? 0], [1])).toBeCloseTo(Math.log(2 * (rows + 1)), 6)
      }
    }
  })
})

describe('every calibrator', () => {
  test('never falls and never gives 0 or 1, for any rows and predictions', () => {
    const anyPredictions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(anyForecasts, anyPredictions, fc.constantFrom(...FITTED_KINDS), ({ p, y }, more, kind) => {
        const { calibrator } = fitCalibrator(kind, p, y)
        fc.pre(calibrator !== null)
        const mapped = applyCalibrator(
          calibrator,
          [...more, ...p, 0, 1].toSorted((a, b) => a - b),
        )
        for (const [i, value] of mapped.entries()) {
          expect(value).toBeGreaterThanOrEqual((mapped[i - 1] ?? 0) - 1e-12)
          expect(value).toBeGreaterThan(0)
          expect(value).toBeLessThan(1)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('keeps off 0 and 1 where a steep curve, or a map stored by an earlier version, would not', () => {
    const steep = applyCalibrator({ kind: 'platt', slope: 3, intercept: 0 }, [1e-14, 1 - 1e-14])
    const stored = applyCalibrator({ kind: 'isotonic', x: [0.2, 0.8], y: [0, 1] }, [0, 0.5, 1])
    for (const mapped of [steep, stored]) {
      expect([mapped[0], mapped.at(-1)]).toStrictEqual([1e-15, 1 - 1e-15])
    }
    expect(stored[1]).toBeCloseTo(0.5, 12)
    expect([...applyCalibrator({ kind: 'identity' }, [0, 1])]).toStrictEqual([0, 1])
  })

  test('gives the same map for the same rows in any order', () => {
    fc.assert(
      fc.property(anyForecasts, fc.constantFrom(...FITTED_KINDS), ({ p, y }, kind) => {
        const turned = fitCalibrator(kind, p.toReversed(), y.toReversed())
        const straight = fitCalibrator(kind, p, y)
        expect(turned.calibrator === null).toBe(straight.calibrator === null)
        if (turned.calibrator === null || straight.calibrator === null) return
        const at = [0, 0.2, 0.5, 0.9, 1]
        expect(
          largestGap(applyCalibrator(turned.calibrator, at), applyCalibrator(straight.calibrator, at)),
        ).toBeLessThan(1e-6)
      }),
    )
  })

  test('finds the map that bent the probabilities, from 20,000 rows', () => {
    const random = uniforms(21)
    const truth = Float64Array.from({ length: 20_000 }, () => 0.05 + 0.9 * random())
    const labels = truth.map((p) => Number(random() < p))
    // twice the log odds, plus one half: what an overconfident, too high model says
    const bent = truth.map((p) => 1 / (1 + Math.exp(-(2 * Math.log(p / (1 - p)) + 0.5))))
    const best = logLoss(truth, labels)
    expect(logLoss(bent, labels)).toBeGreaterThan(best + 0.05)
    for (const kind of FITTED_KINDS) {
      const mapped = applyCalibrator(fitted(fitCalibrator(kind, bent, labels)), bent)
      const slack = kind === 'temperature' ? 0.02 : 0.001
      expect([kind, logLoss(mapped, labels) < best + slack]).toStrictEqual([kind, true])
    }
    const platt = fitted(fitPlatt(bent, labels))
    expect(platt.slope).toBeCloseTo(0.5, 1)
    expect(platt.intercept).toBeCloseTo(-0.25, 1)
  })

  test('has no fit of one class or of constant predictions, and says why', () => {
    for (const kind of FITTED_KINDS) {
      expect(fitCalibrator(kind, [0.1, 0.4], [1, 1])).toStrictEqual({
        calibrator: null,
        reason: 'only one class is present',
      })
      expect(fitCalibrator(kind, [0.4, 0.4], [0, 1])).toStrictEqual({
        calibrator: null,
        reason: 'all predictions are 0.4: there is nothing to map',
      })
    }
    expect(fitBeta([0.1, 0.4, 0.6], [0, 0, 1])).toStrictEqual({
      calibrator: null,
      reason: 'the predictions separate the classes',
    })
  })

  test('refuses bad rows and predictions, naming argument and value', () => {
    for (const kind of FITTED_KINDS) {
      expect(() => fitCalibrator(kind, [], [])).toThrow('calibration: predictions=[]: must have at least one row.')
      expect(() => fitCalibrator(kind, [0.5, 1.5], [0, 1])).toThrow(
        'calibration: predictions[1]=1.5: must be a probability',
      )
      expect(() => fitCalibrator(kind, [0.5, Number.NaN], [0, 1])).toThrow('predictions[1]=NaN')
      expect(() => fitCalibrator(kind, [0.5, 0.6], [0, 2])).toThrow('calibration: outcomes[1]=2: must be 0 or 1.')
    }
    expect(() => applyCalibrator({ kind: 'identity' }, [0.5, -0.1])).toThrow(
      'calibration: predictions[1]=-0.1: must be a probability in [0, 1]. Pass probabilities, not margins.',
    )
    expect(() => applyCalibrator({ kind: 'platt', slope: 1, intercept: 0 }, [Number.NaN])).toThrow('predictions[0]=NaN')
    expect(() => fitCalibrator('spline' as 'platt', [0.1], [1])).toThrow(
      'calibration: kind=spline: is unknown. Use one of temperature, platt, beta, centred-isotonic, isotonic, venn-abers.',
    )
  })
})

describe('vennAbersInterval', () => {
  test('is the whole of [0, 1] at most, holds the single figure, and narrows with rows', () => {
    const widths = [50, 500, 5000].map((rows) => {
      const random = uniforms(4)
      const p = Float64Array.from({ length: rows }, random)
      const y = p.map((value) => Number(random() < value))
      const calibrator = fitted(fitVennAbers(p, y))
      const { low, high } = vennAbersInterval(calibrator, 0.5)
      const [single = Number.NaN] = applyCalibrator(calibrator, [0.5])
      expect(low).toBeLessThan(single)
      expect(high).toBeGreaterThan(single)
      return high - low
    })
    expect(widths[1]).toBeLessThan(widths[0] ?? 0)
    expect(widths[2]).toBeLessThan(widths[1] ?? 0)
  })

  test('holds the true rate: one of p0 and p1 is the mean of its own group over many trials', () => {
    // Fit on 60 rows, test on one more; sum over trials of (y - p_y) is 0 on average by validity of Venn predictors.
    let sum = 0
    const trials = 2000
    const random = uniforms(8)
    for (let trial = 0; trial < trials; trial++) {
      const p = Float64Array.from({ length: 61 }, random)
      const y = p.map((value) => Number(random() < value ** 2))
      const fit = fitVennAbers(p.subarray(0, 60), y.subarray(0, 60))
      if (fit.calibrator === null) continue
      const { low, high } = vennAbersInterval(fit.calibrator, p[60] ?? 0)
      sum += y[60] === 1 ? 1 - high : -low
    }
    // 2000 trials of variance below 1/4: one standard error is 0.01
    expect(Math.abs(sum / trials)).toBeLessThan(0.03)
  })
})
