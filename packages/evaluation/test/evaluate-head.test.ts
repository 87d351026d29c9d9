import { brierScore, logLoss, meanAbsoluteError, rocAuc } from '@breakwater/calibration'
import type { Forecasts, HeadInput } from '@breakwater/evaluation'
import { evaluateHead } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { forecastsOf } from './forecast-sample.ts'

const predictions = Float64Array.of(0.2, 0.7, 0.4, 0.9, 0.1, 0.6)

const forecasts: Forecasts = forecastsOf({
  head: 'direction_8min',
  targets: Float64Array.of(0, 1, 1, 1, 0, 0),
  columns: new Map([['served', predictions]]),
  sessions: Int32Array.of(0, 0, 1, 1, 2, 2),
  folds: Int32Array.of(0, 0, 0, 0, 1, 1),
})

const binary: HeadInput = { forecasts, anchor: '8min', column: 'served', resampling: { seed: 3, samples: 50 } }

const regression: HeadInput = {
  ...binary,
  anchor: '4min',
  forecasts: {
    ...forecasts,
    head: 'strength_signed',
    task: 'regression',
    targets: Float64Array.of(1, 2, -1, 0.5, 0.5, 3),
  },
}

const EMPTY = { targets: new Float64Array(), columns: new Map([['served', new Float64Array()]]) }

describe('evaluateHead', () => {
  test('fills a probability head', () => {
    const head = evaluateHead({ ...binary, masked: [{ reason: 'window incomplete', rows: 4 }] })
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
    expect(head).toMatchObject({
      name: 'direction_8min',
      anchor: '8min',
      rows: 6,
      positives: 3,
      sessions: 3,
      base_rate: 0.5,
      reference: 'constant of the scored rows',
      intervals: { unit: 'session', level: 0.95, samples: 50, seed: 3 },
      masked: [{ reason: 'window incomplete', rows: 4 }],
    })
    const brier = brierScore(predictions, forecasts.targets)
    expect(head.scores.brier.estimate).toBeCloseTo(brier, 12)
    expect(head.scores.brier_skill.estimate).toBeCloseTo(1 - brier / 0.25, 12)
    expect(head.scores.auc.estimate).toBe(rocAuc(predictions, forecasts.targets).value)
    const { reliability, resolution, uncertainty, within_bin } = head.brier_parts
    expect(reliability - resolution + uncertainty + within_bin).toBeCloseTo(brier, 12)
    expect(head.reliability.map(({ binning, bins }) => [binning, bins.length])).toStrictEqual([
      ['quantile', 10],
      ['width', 20],
    ])
  })

  test('scores each fold, with null where a score does not exist', () => {
    const head = evaluateHead(binary)
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
    expect(head.folds.map(({ fold, rows, sessions: days }) => [fold, rows, days])).toStrictEqual([
      [0, 4, 2],
      [1, 2, 1],
    ])
    expect(head.folds[0]?.scores.auc).toBe(1)
    expect(head.folds[1]?.scores).toMatchObject({ auc: null, brier_skill: null })
    expect(head.folds[1]?.scores.brier).toBeCloseTo((0.01 + 0.36) / 2, 12)
  })

  test('measures skill against the reference that the training rows gave', () => {
    const reference = new Float64Array(6).fill(0.25)
    const head = evaluateHead({
      ...binary,
      forecasts: { ...forecasts, columns: new Map([...forecasts.columns, ['rate', reference]]) },
      reference: 'rate',
    })
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
    expect(head.reference).toBe('constant of the training rows')
    const given = brierScore(reference, forecasts.targets)
    expect(head.scores.brier_skill.estimate).toBeCloseTo(1 - brierScore(predictions, forecasts.targets) / given, 12)
  })

  test('says what is saved beyond the law and beyond the reference, of all rows and by fold', () => {
    const law = Float64Array.of(0.3, 0.6, 0.5, 0.7, 0.3, 0.5)
    const rate = new Float64Array(6).fill(0.25)
    const columns = new Map([...forecasts.columns, ['law', law], ['rate', rate]])
    const head = evaluateHead({ ...binary, forecasts: { ...forecasts, columns }, reference: 'rate', law: 'law' })
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
    const { targets } = forecasts
    expect(head.scores.brier_skill_law.estimate).toBeCloseTo(
      1 - brierScore(predictions, targets) / brierScore(law, targets),
      12,
    )
    expect(head.scores.beyond_law.estimate).toBeCloseTo(logLoss(law, targets) - logLoss(predictions, targets), 12)
    expect(head.scores.beyond_base.estimate).toBeCloseTo(logLoss(rate, targets) - logLoss(predictions, targets), 12)
    const first = (values: Float64Array): number => logLoss(values.subarray(0, 4), targets.subarray(0, 4))
    expect(head.folds[0]?.scores.beyond_law).toBeCloseTo(first(law) - first(predictions), 12)
  })

  test('has nothing beyond a law that is not there, and the base rate of the rows where no reference is', () => {
    const head = evaluateHead(binary)
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
    const none = { estimate: null, low: null, high: null, reason: 'the law does not forecast this head' }
    expect(head.scores.beyond_law).toMatchObject(none)
    expect(head.scores.brier_skill_law).toMatchObject(none)
    const { targets } = forecasts
    expect(head.scores.beyond_base.estimate).toBeCloseTo(Math.LN2 - logLoss(predictions, targets), 12)
  })

  test('fills a regression head, against the median of its targets', () => {
    const head = evaluateHead(regression)
    if (head.status !== 'scored' || head.task !== 'regression') throw new Error('it is scored')
    const mae = meanAbsoluteError(predictions, regression.forecasts.targets)
    // the median of -1, 0.5, 0.5, 1, 2, 3 is 0.75
    const constant = meanAbsoluteError(new Float64Array(6).fill(0.75), regression.forecasts.targets)
    expect(head.scores.mae.estimate).toBeCloseTo(mae, 12)
    expect(head.scores.mae_skill.estimate).toBeCloseTo(1 - mae / constant, 12)
    expect(head.scores.beyond_base.estimate).toBeCloseTo(constant - mae, 12)
    expect(head.mean_target).toBe(1)
    expect(head.target_deviation).toBeCloseTo(Math.sqrt((0 + 1 + 4 + 0.25 + 0.25 + 4) / 6), 12)
  })

  test('sorts importances by falling gain', () => {
    const importance = [
      { column: 'b', gain: 1, share: 0.2 },
      { column: 'c', gain: 3, share: 0.6 },
      { column: 'a', gain: 1, share: 0.2 },
    ]
    const head = evaluateHead({ ...binary, importance })
    expect(head.status === 'scored' && head.importance.map(({ column }) => column)).toStrictEqual(['c', 'a', 'b'])
  })

  test('gives the same figures for the same seed, and JSON without loss', () => {
    const head = evaluateHead(binary)
    expect(evaluateHead(binary)).toStrictEqual(head)
    expect(JSON.parse(JSON.stringify(head))).toStrictEqual(head)
  })

  test('skips a head without rows, and says why', () => {
    const head = evaluateHead({ ...binary, forecasts: forecastsOf({ ...EMPTY, head: 'direction_8min' }) })
    expect(head).toStrictEqual({
      name: 'direction_8min',
      anchor: '8min',
      masked: [],
      task: 'binary',
      status: 'skipped',
      reason: 'no scored row has a target',
    })
  })

  test('refuses rows that were not masked', () => {
    const gap = new Map([['served', predictions.with(2, Number.NaN)]])
    expect(() => evaluateHead({ ...binary, forecasts: { ...forecasts, columns: gap } })).toThrow(
      'calibration: predictions[2]=NaN: must be a probability in [0, 1].',
    )
    const targets = Float64Array.of(1, 2, 3, Number.NaN, 5, 6)
    expect(() => evaluateHead({ ...regression, forecasts: { ...regression.forecasts, targets } })).toThrow(
      'calibration: targets[3]=NaN: must be finite. Leave masked rows out before scoring.',
    )
  })
})
