import type { TrainingDetails } from '@breakwater/models'
import {
  checkSweep,
  openSweep,
  type OptionSpace,
  type OptionValue,
  planTrials,
  rankTrials,
  scoreTrial,
  type SweepConfig,
  type TrialResult,
} from '@breakwater/models/sweep'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const BASE: SweepConfig = {
  method: 'grid',
  seed: 7,
  metric: { head: 'direction', name: 'auc' },
  data: { bars: ['bars.csv'] },
  signals: {},
  train: {},
  plan: { embargoSessions: 0 },
}
const choice = (...values: readonly OptionValue[]): OptionSpace => ({ kind: 'choice', values })
const range = (min: number, max: number, kind: 'log' | 'whole'): OptionSpace => ({
  kind: 'range',
  min,
  max,
  scale: kind === 'log' ? 'log' : 'linear',
  whole: kind === 'whole',
})
const random = (trials: number, more: Partial<SweepConfig>): SweepConfig => ({
  ...BASE,
  method: 'random',
  trials,
  ...more,
})

test('a grid has every combination once, the last option changing fastest', () => {
  const trials = planTrials({
    ...BASE,
    signals: { touchBand: choice(0.05, 0.1) },
    train: { maxDepth: choice(3, 4), stage: choice('stage_a') },
  })
  expect(trials).toEqual([
    { number: 1, signals: { touchBand: 0.05 }, train: { maxDepth: 3, stage: 'stage_a' } },
    { number: 2, signals: { touchBand: 0.05 }, train: { maxDepth: 4, stage: 'stage_a' } },
    { number: 3, signals: { touchBand: 0.1 }, train: { maxDepth: 3, stage: 'stage_a' } },
    { number: 4, signals: { touchBand: 0.1 }, train: { maxDepth: 4, stage: 'stage_a' } },
  ])
})

test('a grid with a range is refused by the name of its option', () => {
  const config: SweepConfig = { ...BASE, train: { maxDepth: range(2, 5, 'whole') } }
  expect(() => checkSweep(config, 'sweep.json')).toThrow('models: sweep.json: maxDepth: a grid has lists of values.')
})

test('a folder keeps the trials that succeeded, and refuses another config', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-sweep-'))
  try {
    const begun = await openSweep(folder, BASE, () => 'first')
    expect([begun.run, begun.resumed, begun.done.size]).toEqual(['first', false, 0])
    const good: TrialResult = { number: 1, signals: {}, train: {}, value: 0.5, folds: [0.5, null], error: null }
    await begun.save(good)
    await begun.save({ ...good, number: 2, value: null, folds: [], error: 'no rows' })
    const again = await openSweep(folder, BASE, () => 'second')
    expect([again.run, again.resumed]).toEqual(['first', true])
    expect([...again.done]).toEqual([[1, good]])
    await expect(openSweep(folder, { ...BASE, seed: 8 }, () => 'third')).rejects.toThrow(
      'was begun with another config',
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('draws at random are the same for the same seed, differ for another, and a longer search begins with a shorter one', () => {
  const space = { train: { learningRate: range(0.01, 0.3, 'log'), maxDepth: range(2, 9, 'whole') } }
  const ten = planTrials(random(10, space))
  expect(planTrials(random(10, space))).toEqual(ten)
  expect(planTrials(random(4, space))).toEqual(ten.slice(0, 4))
  expect(planTrials(random(10, { ...space, seed: 8 }))).not.toEqual(ten)
})

test('draws cover a range as they should: logarithms evenly, whole numbers with equal shares, both ends included', () => {
  const space = { train: { learningRate: range(0.001, 1, 'log'), maxDepth: range(1, 4, 'whole') } }
  const trials = planTrials(random(4000, space))
  const rates = trials.map(({ train }) => Number(train['learningRate']))
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.001)
  expect(Math.max(...rates)).toBeLessThanOrEqual(1)
  for (const [low, high] of [
    [0.001, 0.01],
    [0.01, 0.1],
    [0.1, 1],
  ] as const) {
    expect(rates.filter((rate) => rate >= low && rate < high).length / 4000).toBeCloseTo(1 / 3, 1)
  }
  for (const depth of [1, 2, 3, 4]) {
    expect(trials.filter(({ train }) => train['maxDepth'] === depth).length / 4000).toBeCloseTo(1 / 4, 1)
  }
})

test('no draw comes twice, and a space with fewer values than trials gives them all', () => {
  const trials = planTrials(random(50, { train: { maxDepth: choice(2, 3, 4), stage: choice('stage_a', 'stage_b') } }))
  expect(trials).toHaveLength(6)
  expect(new Set(trials.map(({ train }) => JSON.stringify(train))).size).toBe(6)
})

/** Details of a training as far as a score reads them. */
function details(validation: readonly (number | null)[]): TrainingDetails {
  const folds = validation.map((auc, fold) => ({
    fold,
    status: auc === null ? 'skipped' : 'trained',
    metrics: { validation: { auc }, test: { auc: 0.99 } },
  }))
  return { heads: [{ name: 'direction', folds }] } as unknown as TrainingDetails
}

test('a trial’s score is the mean over folds on validation dates, whatever the test dates say', () => {
  const metric = { head: 'direction', name: 'auc' } as const
  expect(scoreTrial(details([0.5, 0.7, null]), metric)).toEqual({ value: 0.6, folds: [0.5, 0.7, null] })
  expect(scoreTrial(details([null]), metric)).toEqual({ value: null, folds: [null] })
  expect(() => scoreTrial(details([0.5]), { head: 'directon', name: 'auc' })).toThrow(
    'metric.head=directon: there is no such head. Name one of direction.',
  )
})

test('the best comes first by the metric’s own direction, trials without a value last', () => {
  const results = [0.3, null, 0.7, 0.3].map((value, at) => ({ number: at + 1, value }))
  const order = (name: 'auc' | 'brier'): number[] =>
    rankTrials(results, { head: 'h', name }).map(({ number }) => number)
  expect(order('auc')).toEqual([3, 1, 4, 2])
  expect(order('brier')).toEqual([1, 4, 3, 2])
})
