import { expect, test } from 'vitest'
import { parseSweep, sweepJsonSchema } from '../src/sweep/config.ts'
import type { SweepConfig } from '../src/sweep/config.ts'
import { rankTrials, scoreTrial } from '../src/sweep/score.ts'
import { sweepTable } from '../src/sweep/table.ts'
import { planTrials } from '../src/sweep/trials.ts'
import type { TrainingDetails } from '@breakwater/models'

const BASE = {
  method: 'grid',
  metric: { head: 'direction', name: 'auc' },
  data: { bars: ['bars.csv'] },
}
const config = (more: Readonly<Record<string, unknown>>): SweepConfig =>
  parseSweep(JSON.stringify({ ...BASE, ...more }), 'sweep.json')
const random = (trials: number, more: Readonly<Record<string, unknown>>): SweepConfig =>
  config({ method: 'random', trials, ...more })

test('a grid has every combination once, the last option changing fastest, constants under the names of the settings', () => {
  const trials = planTrials(
    config({
      signals: { TOUCH_BAND: [0.05, 0.1], LOOKFORWARD_MINUTES: 8 },
      train: { maxDepth: [3, 4], stage: 'stage_a' },
    }),
  )
  expect(trials).toEqual([
    { number: 1, signals: { touchBand: 0.05, lookforward: 8 }, train: { stage: 'stage_a', maxDepth: 3 } },
    { number: 2, signals: { touchBand: 0.05, lookforward: 8 }, train: { stage: 'stage_a', maxDepth: 4 } },
    { number: 3, signals: { touchBand: 0.1, lookforward: 8 }, train: { stage: 'stage_a', maxDepth: 3 } },
    { number: 4, signals: { touchBand: 0.1, lookforward: 8 }, train: { stage: 'stage_a', maxDepth: 4 } },
  ])
})

test('a pair of thresholds is one value, and a list of pairs a choice', () => {
  expect(planTrials(config({ signals: { thresholds: [1, 2] } })).map(({ signals }) => signals['thresholds'])).toEqual([
    [1, 2],
  ])
  const choice = planTrials(
    config({
      signals: {
        thresholds: [
          [1, 2],
          [0.5, 1],
        ],
      },
    }),
  )
  expect(choice.map(({ signals }) => signals['thresholds'])).toEqual([
    [1, 2],
    [0.5, 1],
  ])
})

test('draws at random are the same for the same seed, differ for another, and a longer search begins with a shorter one', () => {
  const space = { train: { learningRate: { min: 0.01, max: 0.3, scale: 'log' }, maxDepth: { min: 2, max: 9 } } }
  const ten = planTrials(random(10, space))
  expect(planTrials(random(10, space))).toEqual(ten)
  expect(planTrials(random(4, space))).toEqual(ten.slice(0, 4))
  expect(planTrials(random(10, { ...space, seed: 8 }))).not.toEqual(ten)
})

test('draws cover a range as they should: logarithms evenly, whole numbers with equal shares, both ends included', () => {
  const space = { train: { learningRate: { min: 0.001, max: 1, scale: 'log' }, maxDepth: { min: 1, max: 4 } } }
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
  const trials = planTrials(random(50, { train: { maxDepth: [2, 3, 4], stage: ['stage_a', 'stage_b'] } }))
  expect(trials).toHaveLength(6)
  expect(new Set(trials.map(({ train }) => JSON.stringify(train))).size).toBe(6)
})

test.each([
  [{ signals: { TOUCH_BANDS: 1 } }, /sweep\.json: .*Unrecognized key: "TOUCH_BANDS".*--print-schema/s],
  [
    { signals: { TOUCH_BAND: 1, touchBand: 2 } },
    'touchBand is touchBand, which is also set|TOUCH_BAND is touchBand, which is also set',
  ],
  [{ train: { learningRate: [2] } }, /at train\.learningRate/],
  [{ train: { rounds: 1.5 } }, /at train\.rounds/],
  [{ train: { stage: { min: 1, max: 2 } } }, /at train\.stage/],
  [
    { train: { maxDepth: { min: 2, max: 5 } } },
    'maxDepth: a grid has lists of values. Write a list, or search at random.',
  ],
  [{ trials: 4 }, 'trials=4: a grid tries every combination'],
  [{ method: 'random' }, 'a random search needs the number of trials'],
  [
    { method: 'random', trials: 2, train: { maxDepth: { min: 5, max: 5 } } },
    'maxDepth: min=5, max=5: min must be below max',
  ],
  [{ data: { signals: ['s.parquet'] }, signals: { lookback: 5 } }, 'options of signals can be swept only from bars'],
  [{ metric: { head: 'direction', name: 'test_auc' } }, /at metric\.name/],
])('a config with %j says what is wrong', (more, message) => {
  const wanted = typeof message === 'string' && message.includes('|') ? new RegExp(message) : message
  expect(() => config(more)).toThrow(wanted)
})

test('a file that is not JSON is named', () => {
  expect(() => parseSweep('{ // no', 'my.json')).toThrow('trainer: my.json: is not JSON')
})

test('the JSON Schema names every option, and what a config must have', () => {
  const schema = sweepJsonSchema() as { required: string[]; properties: Record<string, { properties: object }> }
  expect(schema.required).toEqual(['method', 'metric', 'data'])
  expect(Object.keys(schema.properties['signals']?.properties ?? {})).toEqual(
    expect.arrayContaining([
      'touchBand',
      'TOUCH_BAND',
      'lookforward',
      'LOOKFORWARD_MINUTES',
      'volatilityMinutes',
      'atrBars',
    ]),
  )
  expect(Object.keys(schema.properties['train']?.properties ?? {})).toEqual(
    expect.arrayContaining(['stage', 'ablation', 'rounds', 'learningRate', 'maxDepth', 'earlyStoppingRounds', 'seed']),
  )
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

test('the table shows the options that differ, the value of each trial, and why one has none', () => {
  const table = sweepTable({
    metric: { head: 'direction', name: 'brier' },
    planned: 2,
    resumed: 1,
    results: [
      { number: 2, signals: { touchBand: 0.1 }, train: { seed: 7 }, value: 0.21, folds: [0.2, 0.22], error: null },
      { number: 1, signals: { touchBand: 0.05 }, train: { seed: 7 }, value: null, folds: [], error: 'no rows' },
    ],
  })
  expect(table).toBe(
    [
      '2 trials, 1 of them done earlier; brier of direction on validation dates, mean over folds, lower is better',
      'trial  touchBand  direction brier  by fold',
      '2      0.1        0.2100           0.2000, 0.2200',
      '1      0.05       -                no rows',
      '',
    ].join('\n'),
  )
})
