import { planTrials, type SweepConfig } from '@breakwater/models/sweep'
import { expect, test } from 'vitest'
import { parseSweep, sweepJsonSchema } from '../src/sweep/config.ts'

const BASE = {
  method: 'grid',
  metric: { head: 'direction', name: 'auc' },
  data: { bars: ['bars.csv'] },
}
const config = (more: Readonly<Record<string, unknown>>): SweepConfig =>
  parseSweep(JSON.stringify({ ...BASE, ...more }), 'sweep.json')

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
  [{ train: { seed: [1, 2, 3] } }, 'seed: a seed is luck, not an option'],
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
