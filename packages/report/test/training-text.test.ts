import type { SetFiles } from '@breakwater/models/node'
import { trainText } from '@breakwater/report'
import { describe, expect, test } from 'vitest'

const fold = (auc: number, trees: number): object => ({
  status: 'trained',
  trees,
  metrics: { test: { auc, mae: auc } },
})

/** A set of two heads at two anchors, as far as its text reads it. */
function setOf(ablation: string, more: object = {}): SetFiles {
  const details = {
    stage: 'stage_b',
    ablation,
    predictions: { role: 'test' },
    data: { rows: 500, dates: ['2025-01-02', '2025-01-03', '2025-01-06', '2025-01-07'] },
    plan: {
      folds: [
        { index: 0, train: ['2025-01-02'], validation: ['2025-01-03'], test: ['2025-01-06'], counts: { purged: 2 } },
      ],
      outer: ['2025-01-07'],
    },
    heads: [
      { name: 'direction_2min', anchor: '2min', task: 'binary', folds: [fold(0.61, 12)] },
      { name: 'direction', anchor: '4min', task: 'binary', folds: [fold(0.72, 30)] },
      {
        name: 'strength_signed',
        anchor: '4min',
        task: 'regression',
        folds: [{ status: 'skipped', reason: 'no rows' }],
      },
    ],
    serving: [{ kind: 'law', reason: 'the law is served', saved: -0.0123, standardError: 0.001 }],
    quality: { missing: { gamma: 500, tape: 3 }, knownTooLate: { '2min': ['a', 'b'] } },
    ...more,
  }
  return { metadata: `models/${ablation}.json`, details } as unknown as SetFiles
}

describe('the text of a training', () => {
  test('begins with what is served and what to run next, and lists heads of the primary anchor first', () => {
    expect(trainText([setOf('full')])).toBe(
      [
        'Trained: stage_b full, 3 heads x 1 fold, 500 rows, 4 sessions',
        'Served: the law (heads lost 0.0123 more, SE 0.0010)',
        'Next: breakwater evaluate shows whether there is skill beyond the law, and in which heads',
        '',
        'stage_b full: 500 rows, 4 sessions',
        '  fold 1: train 2025-01-02..2025-01-02, validation 2025-01-03..2025-01-03, test 2025-01-06..2025-01-06, 2 rows purged',
        '  outer block 2025-01-07..2025-01-07: not used to train, stop or calibrate any fold',
        '  direction        test AUC by fold 0.720; trees 30',
        '  strength_signed  skipped: no rows',
        '  direction_2min   test AUC by fold 0.610; trees 12',
        '  1 column has no values, such as gamma',
        '  2min heads leave out 2 columns that become known after their anchor',
        '  written: models/full.json',
        '',
      ].join('\n'),
    )
  })

  test('names each of several sets, in at most eight lines before the plans', () => {
    const final = { rows: 500, dates: ['2025-01-02', '2025-01-07'], heads: [{ trees: 3 }, { trees: 9 }] }
    const text = trainText([setOf('full', { final }), setOf('ta', { serving: [] })])
    const verdict = text.split('\n\n')[0]?.split('\n') ?? []
    expect(verdict).toHaveLength(5)
    expect(verdict.slice(2, 4)).toEqual([
      'Served: the law (heads lost 0.0123 more, SE 0.0010); fitted on all sessions (stage_b full)',
      'Served: independent heads (stage_b ta)',
    ])
    expect(text).toContain(
      '  final fit: 500 rows, all 2 sessions 2025-01-02..2025-01-07; 3 to 9 trees a head. This fit is served\n',
    )
  })
})
