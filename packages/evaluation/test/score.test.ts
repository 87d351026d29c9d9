import type { MetricKey } from '@breakwater/calibration'
import type { Forecasts } from '@breakwater/evaluation'
import { columnScores, score } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { forecastsOf, planted } from './forecast-sample.ts'
import { notFinite } from './not-finite.ts'
import { uniforms } from './seeded.ts'

const sample = planted({
  sessions: 24,
  rowsPerSession: 25,
  seed: 5,
  columns: {
    // rounded, so that there are ties
    raw: (p) => Math.round(10 * (p < 0.5 ? p * 0.6 : 1 - (1 - p) * 0.6)) / 10,
    calibrated: (p) => p,
    noisy: (p, random) => p + 0.3 * (random() - 0.5),
  },
})

/** Surprise in nats at the outcome y of probability p, which is clipped at 1e-15 from 0 and 1. */
function loss(p: number, y: number): number {
  const clipped = Math.min(1 - 1e-15, Math.max(1e-15, p))
  return -Math.log(y === 1 ? clipped : 1 - clipped)
}
const width = (interval?: { low: number | null; high: number | null }): number =>
  (interval?.high ?? 0) - (interval?.low ?? 9)

const column = (forecasts: Forecasts, id: string): number[] => [...(forecasts.columns.get(id) ?? [])]
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const estimates = (forecasts: Forecasts, id: string, metrics: readonly MetricKey[]): (number | null)[] => {
  const { metrics: found } = columnScores(score(forecasts, { metrics }), id)
  return metrics.map((key) => found[key].estimate)
}

describe('score, against brute force', () => {
  const y = [...sample.targets]

  test.each(['raw', 'calibrated', 'noisy'])('Brier, log loss and AUC of %s', (id) => {
    const p = column(sample, id)
    const [brier, surprise, auc] = estimates(sample, id, ['brier', 'log_loss', 'auc'])
    expect(brier).toBeCloseTo(mean(p.map((value, i) => (value - (y[i] ?? 0)) ** 2)), 12)
    expect(surprise).toBeCloseTo(mean(p.map((value, i) => loss(value, y[i] ?? 0))), 10)
    // every pair of a positive and a negative, a tie counts one half
    const pairs = p.flatMap((high, i) =>
      y[i] === 1 ? p.flatMap((low, j) => (y[j] === 0 ? [high > low ? 1 : high === low ? 0.5 : 0] : [])) : [],
    )
    expect(auc).toBeCloseTo(mean(pairs), 12)
  })

  test('skill against a column, and against the base rate of the rows themselves', () => {
    const brierOf = (p: readonly number[]): number => mean(p.map((value, i) => (value - (y[i] ?? 0)) ** 2))
    const over = score(sample, { metrics: ['brier_skill'], reference: 'raw' })
    expect(columnScores(over, 'calibrated').metrics.brier_skill.estimate).toBeCloseTo(
      1 - brierOf(column(sample, 'calibrated')) / brierOf(column(sample, 'raw')),
      12,
    )
    expect(columnScores(over, 'raw').metrics.brier_skill.estimate).toBe(0)
    const rate = mean(y)
    expect(estimates(sample, 'calibrated', ['brier_skill'])[0]).toBeCloseTo(
      1 - brierOf(column(sample, 'calibrated')) / (rate * (1 - rate)),
      12,
    )
  })

  test('errors, correlation and bias of dollars', () => {
    const random = uniforms(8)
    const targets = Float64Array.from({ length: 200 }, () => 4 * (random() - 0.5))
    const guess = targets.map((value) => 0.5 * value + random())
    const dollars = forecastsOf({ task: 'regression', targets, columns: new Map([['p', guess]]) })
    const errors = [...guess].map((value, i) => value - (targets[i] ?? 0))
    const [mae, rmse, bias, r] = estimates(dollars, 'p', ['mae', 'rmse', 'bias', 'correlation'])
    expect(mae).toBeCloseTo(mean(errors.map(Math.abs)), 12)
    expect(rmse).toBeCloseTo(Math.sqrt(mean(errors.map((error) => error ** 2))), 12)
    expect(bias).toBeCloseTo(mean(errors), 12)
    const [mx, my] = [mean([...guess]), mean([...targets])]
    const product = (a: Float64Array, ma: number, b: Float64Array, mb: number): number =>
      mean([...a].map((value, i) => (value - ma) * ((b[i] ?? 0) - mb)))
    expect(r).toBeCloseTo(
      product(guess, mx, targets, my) / Math.sqrt(product(guess, mx, guess, mx) * product(targets, my, targets, my)),
      12,
    )
  })

  test('counts rows, sessions and positives', () => {
    expect(score(sample, { metrics: [] })).toMatchObject({
      rows: 600,
      sessions: 24,
      positives: y.filter((value) => value === 1).length,
    })
    const { columns } = score(sample, { metrics: ['brier'], columns: ['noisy'] })
    expect([...columns.keys()]).toEqual(['noisy'])
    expect(columns.get('noisy')?.mean_prediction).toBeCloseTo(mean(column(sample, 'noisy')), 12)
  })
})

describe('paired gains', () => {
  test('are what is saved of the mean loss, row by row, against the first column unless another is named', () => {
    const { columns } = score(sample, { metrics: ['brier', 'gain_brier'], resampling: { seed: 3 } })
    const [raw, calibrated] = [columns.get('raw')?.metrics, columns.get('calibrated')?.metrics]
    expect(calibrated?.gain_brier.estimate).toBeCloseTo(
      (raw?.brier.estimate ?? 0) - (calibrated?.brier.estimate ?? 0),
      12,
    )
    expect(raw?.gain_brier).toMatchObject({ estimate: 0, low: 0, high: 0 })
    const other = score(sample, { metrics: ['gain_brier'], baseline: 'noisy', columns: ['raw', 'noisy'] })
    expect(columnScores(other, 'noisy').metrics.gain_brier.estimate).toBe(0)
  })

  test('have the interval that resampling sessions by hand gives', () => {
    const scores = score(sample, { metrics: ['gain_log_loss'], resampling: { seed: 11, samples: 4000 } })
    const { low, high } = columnScores(scores, 'calibrated').metrics.gain_log_loss
    const saved = [...sample.targets].map(
      (y, i) => loss(column(sample, 'raw')[i] ?? 0, y) - loss(column(sample, 'calibrated')[i] ?? 0, y),
    )
    const bySession = Array.from({ length: 24 }, (_, session) => mean(saved.slice(session * 25, session * 25 + 25)))
    const random = uniforms(99)
    const drawn = Array.from({ length: 4000 }, () =>
      mean(Array.from({ length: 24 }, () => bySession[Math.floor(24 * random())] ?? 0)),
    ).toSorted((a, b) => a - b)
    const spread = (drawn[3899] ?? 0) - (drawn[99] ?? 0)
    expect(Math.abs((low ?? 9) - (drawn[99] ?? 0))).toBeLessThan(0.1 * spread)
    expect(Math.abs((high ?? 9) - (drawn[3899] ?? 0))).toBeLessThan(0.1 * spread)
  })

  test('do not depend on what both columns share', () => {
    const shared = planted({
      sessions: 24,
      rowsPerSession: 25,
      seed: 6,
      columns: { one: (p) => p, other: (p) => 0.97 * p + 0.01 },
    })
    const { columns } = score(shared, { metrics: ['brier', 'gain_brier'], resampling: { seed: 3 } })
    const own = columns.get('other')?.metrics
    expect(width(own?.gain_brier)).toBeLessThan(width(own?.brier) / 5)
  })
})

describe('planted calibration', () => {
  const many = planted({
    sessions: 40,
    rowsPerSession: 100,
    seed: 9,
    columns: { honest: (p) => p, bold: (p) => (p < 0.5 ? 0.5 * p : 1 - 0.5 * (1 - p)) },
  })
  const { columns } = score(many, {
    metrics: ['ece', 'smooth_ece'],
    resampling: { seed: 3 },
    reliability: { points: 50 },
    checks: true,
  })

  test('passes an honest forecast and fails a bold one', () => {
    const [honest, bold] = [columns.get('honest'), columns.get('bold')]
    expect(honest?.metrics.ece.estimate).toBeLessThan(honest?.checks?.null_ece.high ?? 0)
    expect(honest?.metrics.smooth_ece.estimate).toBeLessThan(honest?.checks?.null_smooth_ece.high ?? 0)
    expect(honest?.checks?.spiegelhalter.p).toBeGreaterThan(0.05)
    expect(honest?.checks?.debiased_ece.value).toBeLessThan(0.01)
    expect(bold?.metrics.ece.estimate).toBeGreaterThan(bold?.checks?.null_ece.high ?? 1)
    expect(bold?.metrics.smooth_ece.estimate).toBeGreaterThan(bold?.checks?.null_smooth_ece.high ?? 1)
    expect(bold?.checks?.spiegelhalter.p).toBeLessThan(1e-6)
    // on average the bold forecast lies an eighth of the distance to the nearer end away: 0.25 x mean of min(p, 1 - p) x 2
    expect(bold?.metrics.ece.estimate).toBeCloseTo(0.5 * (0.05 + 0.45 / 2), 1)
  })

  test('shows in the curves: bins of equal count, and a smooth curve near the diagonal', () => {
    const { curves, smooth, sharpness, brier_parts } = columns.get('honest')?.reliability ?? {}
    expect(curves?.quantile.bins.map(({ count }) => count)).toEqual(Array.from({ length: 10 }, () => 400))
    for (const { meanPrediction, low, high } of curves?.quantile.bins ?? []) {
      expect((low ?? 1) - 0.03).toBeLessThan(meanPrediction ?? 0)
      expect((high ?? 0) + 0.03).toBeGreaterThan(meanPrediction ?? 1)
    }
    expect(curves?.width.bins).toHaveLength(20)
    const middle = smooth?.points.filter(({ prediction }) => prediction > 0.2 && prediction < 0.8) ?? []
    expect(middle.length).toBeGreaterThan(20)
    for (const { prediction, observedRate } of middle)
      expect(Math.abs((observedRate ?? 9) - prediction)).toBeLessThan(0.1)
    expect(sharpness?.counts.reduce((sum, count) => sum + count, 0)).toBe(4000)
    // a uniform spread over 0.9
    expect(sharpness?.deviation).toBeCloseTo(0.9 / Math.sqrt(12), 1)
    const { reliability = 9, resolution = 9, uncertainty = 9, within_bin = 9 } = brier_parts ?? {}
    const [brier] = estimates(many, 'honest', ['brier'])
    expect(reliability - resolution + uncertainty + within_bin).toBeCloseTo(brier ?? 0, 12)
  })
})

describe('score, at its limits', () => {
  const few = forecastsOf({ targets: Float64Array.of(0, 0), columns: new Map([['p', Float64Array.of(0.2, 0.4)]]) })

  test('has nulls and no NaN where a metric does not exist', () => {
    expect(estimates(few, 'p', ['auc', 'brier_skill'])).toEqual([null, null])
    const { columns } = score(few, {
      metrics: ['auc', 'brier', 'brier_skill'],
      resampling: { seed: 1 },
      reliability: { points: 10 },
      checks: true,
    })
    expect(columns.get('p')?.metrics.brier).toMatchObject({
      low: null,
      reason: 'fewer than two sessions: nothing to resample',
    })
    expect(notFinite(Object.fromEntries(columns))).toEqual([])
  })

  test('gives the same figures for the same seed', () => {
    const options = { metrics: ['brier', 'auc', 'smooth_ece'] as const, resampling: { seed: 4, samples: 50 } }
    expect(score(sample, options)).toStrictEqual(score(sample, options))
  })

  test.each([
    [{ ...few, targets: new Float64Array() }, {}, 'evaluation: forecasts of direction: have no row or no column.'],
    [{ ...few, columns: new Map() }, {}, 'evaluation: forecasts of direction: have no row or no column.'],
    [
      { ...few, columns: new Map([['p', Float64Array.of(0.5)]]) },
      {},
      'evaluation: p.length=1: must be 2, one for each target of direction. Align the columns.',
    ],
    [
      few,
      { metrics: ['mae'] as const },
      'evaluation: metrics=mae: is not a metric of a binary head (direction). Leave it out.',
    ],
    [few, { reference: 'base' }, 'evaluation: column=base: must be one of p, which forecast direction.'],
    [few, { columns: ['q'] }, 'evaluation: column=q: must be one of p, which forecast direction.'],
    [few, { checks: true }, 'evaluation: resampling=undefined: reliability and checks need it. Pass a seed.'],
    [
      { ...few, columns: new Map([['p', Float64Array.of(0.5, Number.NaN)]]) },
      {},
      'calibration: predictions[1]=NaN: must be a probability in [0, 1].',
    ],
  ])('refuses what cannot be scored: %#', (forecasts, options, message) => {
    expect(() => score(forecasts, { metrics: ['brier'], ...options })).toThrow(message)
  })
})
