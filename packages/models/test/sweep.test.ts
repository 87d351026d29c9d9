import {
  type AnsweredRows,
  checkSweep,
  openSweep,
  type OptionSpace,
  type OptionValue,
  planQuestion,
  planTrials,
  rankTrials,
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
    const good: TrialResult = {
      number: 1,
      signals: {},
      train: {},
      value: 0.5,
      folds: [0.5, null],
      error: null,
      stopped: null,
    }
    const forecasts = Float64Array.of(0.25, 0.5)
    await begun.save({ result: good, forecasts })
    const failed = { ...good, number: 2, value: null, folds: [], error: 'no rows' }
    await begun.save({ result: failed, forecasts: new Float64Array() })
    const again = await openSweep(folder, BASE, () => 'second')
    expect([again.run, again.resumed]).toEqual(['first', true])
    expect([...again.done]).toEqual([[1, { result: good, forecasts }]])
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

/** Signals of two sessions in three, as far as a question reads them. */
function answers(name: string, rows: readonly (readonly [string, string, number])[]): AnsweredRows {
  return {
    name,
    sessions: ['04', '05', '06', '07', '08', '11'].map((day) => `2024-03-${day}`),
    targets: new Map(rows.map(([id, , target]) => [id, target])),
    dates: new Map(rows.map(([id, day]) => [id, `2024-03-${day}`])),
  }
}

const PLAN = { folds: 2, testSessions: 1, valSessions: 1, embargoSessions: 0 }
const ALL = [
  ['a', '04', 1],
  ['d', '07', 0],
  ['b', '07', 1],
  ['c', '08', 1],
  ['e', '11', 0],
] as const

test('a question’s rows are those that all signals have, in the test blocks of inner folds, never in the outer block', () => {
  const question = planQuestion(
    [
      answers('one', ALL),
      answers(
        'two',
        ALL.filter(([id]) => id !== 'd'),
      ),
    ],
    PLAN,
  )
  expect(question.plan.outer).toEqual(['2024-03-11'])
  expect(question.plan.folds.map(({ test: dates }) => dates)).toEqual([['2024-03-07'], ['2024-03-08']])
  expect(question.events).toEqual(['b', 'c'])
  expect([...question.targets]).toEqual([1, 1])
  expect([...question.folds]).toEqual([0, 1])
  expect([...question.sessions]).toEqual([0, 1])
  expect(question.unshared).toBe(1)
})

test('signals that answer another question are refused, and so are signals without a common row', () => {
  const other = ALL.map(([id, day, target]) => [id, day, id === 'c' ? 1 - target : target] as const)
  expect(() => planQuestion([answers('trial 1', ALL), answers('trial 2', other)], PLAN)).toThrow(
    'models: trial 2: 1 of 3 rows, such as c, have another target than with trial 1: these trials would answer different questions.',
  )
  expect(() => planQuestion([answers('one', ALL.slice(0, 3)), answers('two', ALL.slice(3))], PLAN)).toThrow(
    'the signals of the trials share no row with a target',
  )
})

test('several seeds are refused: the best of them would be the luckiest', () => {
  expect(() => checkSweep({ ...BASE, train: { seed: choice(1, 2) } }, 'sweep.json')).toThrow(
    'models: sweep.json: seed: a seed is luck, not an option',
  )
  expect(() => checkSweep({ ...random(3, {}), train: { seed: range(1, 9, 'whole') } }, 'sweep.json')).toThrow('seed')
  expect(() => checkSweep({ ...BASE, train: { seed: choice(3) } }, 'sweep.json')).not.toThrow()
})

test('the best comes first by the metric’s own direction, trials without a value last', () => {
  const results = [0.3, null, 0.7, 0.3].map((value, at) => ({ number: at + 1, value }))
  const order = (name: 'auc' | 'brier'): number[] =>
    rankTrials(results, { head: 'h', name }).map(({ number }) => number)
  expect(order('auc')).toEqual([3, 1, 4, 2])
  expect(order('brier')).toEqual([1, 4, 3, 2])
})
