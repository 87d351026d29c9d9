import type { Evaluation, EvaluationSet, Score } from '@breakwater/evaluation'
import type { TrainingDetails } from '@breakwater/models'
import { memoryTracker, type RecordedRun, type TrackedRun } from '@breakwater/tracking'
import { expect, test } from 'vitest'
import { recordCalibration } from '../src/tracking/calibration.ts'
import { recordTraining } from '../src/tracking/training.ts'

/** What a run records. */
async function recorded(record: (run: TrackedRun) => Promise<void>): Promise<RecordedRun | undefined> {
  const tracker = memoryTracker()
  const run = await tracker.start({ id: '0'.repeat(32), name: 'run', job: 'boosted_trees', tags: {} })
  await record(run)
  await run.end('finished')
  return tracker.runs()[0]
}

const valuesOf = (run: RecordedRun | undefined): ReadonlyMap<string, number> =>
  new Map((run?.metrics ?? []).map(({ key, value }) => [key, value]))

const figures = (logLoss: number): object => ({ brier: 0.2, logLoss, smoothEce: 0.01 })
const score = (estimate: number): Score => ({ estimate, low: estimate - 1, high: estimate + 1 })

test('a training records what is served beside its trees, and what that saves beyond the law and the base rate', async () => {
  const details = {
    stage: 'stage_b',
    ablation: 'full',
    data: { hash: 'h' },
    plan: { folds: [{ index: 0 }] },
    predictions: { file: 'versions/1/predictions.parquet' },
    heads: [
      {
        name: 'direction',
        folds: [
          { fold: 0, status: 'trained', trees: 3, trainRows: 9, metrics: { validation: {}, test: { log_loss: 0.7 } } },
        ],
      },
    ],
    tested: [
      { name: 'direction', rows: 50, served: figures(0.5), law: figures(0.53), baseLogLoss: 0.69 },
      { name: 't1_60s', rows: 50, served: figures(0.3), law: null },
    ],
  } as unknown as TrainingDetails
  const values = valuesOf(await recorded((run) => recordTraining(run, { details, version: '/models/versions/1' })))
  expect(values.get('direction/test/log_loss')).toBe(0.7)
  expect(values.get('direction/served/log_loss')).toBe(0.5)
  expect(values.get('direction/served/beyond_law')).toBeCloseTo(0.03, 12)
  expect(values.get('direction/served/beyond_base')).toBeCloseTo(0.19, 12)
  // Without a law, and in a set that does not know its base rate, there is nothing to be beyond.
  expect([...values.keys()].filter((key) => key.startsWith('t1_60s'))).toEqual(
    ['rows', 'brier', 'log_loss', 'smooth_ece'].map((key) => `t1_60s/served/${key}`),
  )
})

test('a calibration records skill beyond the law by head, by group and by column', async () => {
  const group = { heads: 1, rows: 9, sessions: 3, beyond_law: score(0.01), beyond_base: score(0.2) }
  const set = {
    stage: 'stage_b',
    ablation: 'full',
    summary: { anchor: '4min', reach: { ...group, mean_log_loss: score(0.3) }, tradeable: null },
    heads: [
      {
        name: 'strength_signed',
        task: 'regression',
        status: 'scored',
        rows: 9,
        sessions: 3,
        scores: { mae: score(0.4), beyond_law: score(0.02), beyond_base: score(0.1) },
      },
    ],
    ahead: [],
    columnsBeyondLaw: { columns: [{ column: 'tape_imbalance', gain: score(0.001), direction: score(0.004) }] },
    calibration: null,
  } as unknown as EvaluationSet
  const evaluation = { sets: [set] } as unknown as Evaluation
  const texts = { json: '{}', html: '<p>' }
  const values = valuesOf(
    await recorded((run) => recordCalibration(run, { json: 'a.json', html: 'a.html', evaluation, texts })),
  )
  expect(values.get('stage_b_full/strength_signed/beyond_law/estimate')).toBe(0.02)
  expect(values.get('stage_b_full/strength_signed/beyond_law/low')).toBeCloseTo(-0.98, 12)
  expect(values.get('stage_b_full/summary/reach/beyond_law/estimate')).toBe(0.01)
  expect(values.get('stage_b_full/summary/reach/beyond_base/high')).toBe(1.2)
  expect(values.get('stage_b_full/columns_beyond_law/tape_imbalance/gain/estimate')).toBe(0.001)
  expect(values.get('stage_b_full/columns_beyond_law/tape_imbalance/direction/estimate')).toBe(0.004)
})
