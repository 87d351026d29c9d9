import { judgedFirst, setHeadlines, trainingHeadlines, trainingTable } from '@breakwater/evaluation'
import type { GroupSummary, Score, SetSummary } from '@breakwater/evaluation'
import type { HeadRecord, TestedHead, TrainingDetails } from '@breakwater/models'
import { describe, expect, test } from 'vitest'

const calibration = { kind: null, reason: '', rows: 0, sessions: 0, interval: null, scores: [] }

/** A head that two folds trained, with these log losses on validation and test rows. */
const head = (name: string, losses: readonly [validation: number, test: number][], skipped = false): HeadRecord => ({
  name,
  anchor: '4min',
  task: name.startsWith('strength') ? 'regression' : 'binary',
  used: 100,
  masked: {},
  importance: [],
  folds: losses.map(([validation, tested], fold) => ({
    fold,
    status: skipped ? 'skipped' : 'trained',
    reason: null,
    trees: 10 + fold,
    trainRows: 50 * (fold + 1),
    validationRows: 20,
    reference: 0.5,
    metrics: name.startsWith('strength')
      ? { validation: { mae: validation }, test: { mae: tested, correlation: null } }
      : { validation: { log_loss: validation, auc: 0.6 }, test: { log_loss: tested, auc: 0.5 } },
    calibration,
  })),
})

const figures = (logLoss: number): TestedHead['served'] => ({ brier: 0.1, logLoss, smoothEce: 0.01 })
const tested = (name: string, served: number, law: number): TestedHead => ({
  name,
  rows: 30,
  served: figures(served),
  law: figures(law),
})

const details = {
  heads: [
    head('direction', [
      [0.6, 0.5],
      [0.7, 0.4],
    ]),
    head('t1_60s', [
      [0.2, 0.3],
      [0.3, 0.2],
    ]),
    head('t2_60s', [[0, 0]], true),
    head('strength_signed', [
      [1, 2],
      [3, 4],
    ]),
  ],
  tested: [tested('direction', 0.45, 0.5), tested('t1_60s', 0.25, 0.24), tested('t1_120s', 0.35, 0.4)],
  plan: { folds: [{ index: 0 }, { index: 1 }] },
} as unknown as TrainingDetails

describe('headlines of a training', () => {
  const { folds, all } = trainingHeadlines(details)

  test('are means by fold, and what groups of heads save beyond the law', () => {
    expect(folds).toEqual([
      {
        fold: 0,
        metrics: {
          'validation/log_loss': 0.4,
          'validation/auc': 0.6,
          'test/log_loss': 0.4,
          'test/auc': 0.5,
          trees: 30,
          train_rows: 50,
        },
      },
      {
        fold: 1,
        metrics: expect.objectContaining({ 'validation/log_loss': 0.5, trees: 33, train_rows: 100 }) as object,
      },
    ])
    expect(Object.keys(all)).toEqual([
      'reach/log_loss',
      'reach/beyond_law',
      'direction/log_loss',
      'direction/beyond_law',
      'strength/mae',
      'rows_tested',
      'heads_trained',
      'heads_skipped',
    ])
    expect(all['reach/log_loss']).toBeCloseTo(0.3, 12)
    expect(all['reach/beyond_law']).toBeCloseTo(0.02, 12)
    expect(all['direction/beyond_law']).toBeCloseTo(0.05, 12)
    expect([all['strength/mae'], all['heads_trained'], all['heads_skipped']]).toEqual([3, 3, 1])
  })

  test('are from 10 to 20, and the rest is a table', () => {
    const keys = new Set([...Object.keys(all), ...folds.flatMap(({ metrics }) => Object.keys(metrics))])
    expect(keys.size).toBe(14)
    const { columns, rows } = trainingTable(details)
    expect(columns).toEqual(['head', 'fold', 'rows', 'metric', 'value'])
    expect(rows).toContainEqual(['direction', 1, 'validation', 'log_loss', 0.7])
    expect(rows).toContainEqual(['strength_signed', 0, 'test', 'correlation', null])
    expect(rows).toContainEqual(['t1_60s', 1, null, 'trees', 11])
    expect(rows.filter(([name]) => name === 't2_60s')).toEqual([])
  })
})

const score = (estimate: number): Score => ({ estimate, low: estimate - 0.1, high: estimate + 0.1 })
const group = (loss: number): GroupSummary => ({
  heads: 2,
  rows: 40,
  sessions: 5,
  mean_log_loss: score(loss),
  beyond_law: score(loss / 10),
  beyond_base: score(0.2),
})
const summary: SetSummary = {
  anchor: '4min',
  reach: group(0.5),
  tradeable: group(0.6),
  direction: group(0.7),
  strength: { ...group(1), mae: score(1.5) },
  strength_ahead: { ...group(1), mae: score(1.7) },
  extremes_ahead: null,
}
const set = (stage: string, ablation: string): { stage: string; ablation: string; summary: SetSummary } => ({
  stage,
  ablation,
  summary,
})

describe('headlines of an evaluation', () => {
  const sets = ['stage_a', 'stage_b'].flatMap((stage) =>
    ['ta', 'mechanics', 'full'].map((ablation) => set(stage, ablation)),
  )

  test('are those of the judged set, and of each other what reach heads save: at most 20', () => {
    const metrics = setHeadlines(sets)
    expect(Object.keys(metrics)).toHaveLength(20)
    expect(metrics).toMatchObject({
      'stage_b_full/reach/log_loss': 0.5,
      'stage_b_full/reach/beyond_law': 0.05,
      'stage_b_full/strength/mae': 1.5,
      'stage_b_full/rows': 40,
      'stage_a_ta/reach/beyond_law': 0.05,
    })
    expect(metrics['stage_b_full/direction/beyond_law_low']).toBeCloseTo(-0.03, 12)
    expect(Object.keys(setHeadlines(sets.slice(0, 1)))).toHaveLength(15)
    expect(setHeadlines([])).toEqual({})
  })

  test('leave out what does not exist', () => {
    const none = {
      anchor: '4min',
      reach: null,
      tradeable: null,
      direction: null,
      strength: null,
      strength_ahead: null,
      extremes_ahead: null,
    } as const
    expect(setHeadlines([{ ...set('stage_b', 'full'), summary: none }])).toEqual({})
    expect(judgedFirst(sets).map(({ stage, ablation }) => `${stage} ${ablation}`)[0]).toBe('stage_b full')
  })
})
