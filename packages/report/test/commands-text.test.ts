import { exportText, sequencesText, sweepTable } from '@breakwater/report'
import { expect, test } from 'vitest'

test('the table shows the options that differ, the value of each trial, why one has none, and what the choice is worth', () => {
  const sweep = {
    metric: { head: 'direction', name: 'brier' },
    better: 'lower' as const,
    planned: 2,
    resumed: 1,
    rows: { scored: 200, unshared: 3 },
    sessions: { scored: ['2025-01-02', '2025-01-03'], outer: ['2025-01-06'] },
    choice: { number: 2, value: 0.21, trials: 2, gain: 0.01, gainByChance: 0.004, corrected: 0.214, pValue: 0.021 },
    results: [
      { number: 2, signals: { touchBand: 0.1 }, train: { seed: 7 }, value: 0.21, folds: [0.2, 0.22], error: null },
      { number: 1, signals: { touchBand: 0.05 }, train: { seed: 7 }, value: null, folds: [], error: 'no rows' },
    ],
  }
  expect(sweepTable(sweep)).toBe(
    [
      '2 trials, 1 of them done earlier; brier of direction, lower is better',
      'scored on 200 rows of inner folds (2 sessions, 2025-01-02 to 2025-01-03); 3 rows that not all trials have are left out',
      'outer block (1 session, 2025-01-06 to 2025-01-06): read by no trial',
      'trial  touchBand  direction brier  by fold',
      '2      0.1        0.2100           0.2000, 0.2200',
      '1      0.05       -                no rows',
      'trial 2 is 0.0100 better than the mean of 2 trials; the best of 2 equally good trials would be 0.0040 better (p = 0.021)',
      'its value corrected for the choice: 0.2140',
      'Next: breakwater train with the options of trial 2, then breakwater evaluate',
      '',
    ].join('\n'),
  )
  const alone = { ...sweep.choice, trials: 1, gainByChance: null, corrected: null, pValue: null }
  const text = sweepTable({
    ...sweep,
    sessions: { ...sweep.sessions, outer: [] },
    choice: { ...alone, reason: 'one trial: nothing was chosen' },
  })
  expect(text).toContain('no outer block: score the choice on sessions after all of these')
  expect(text).toContain('trial 2 is best; not corrected for the choice: one trial: nothing was chosen')
})

test('sequences are counted over all files, with the first and the last of them', () => {
  const file = { samples: 5, breaks: 2, bounces: 1, leftOut: 0 }
  const text = sequencesText({
    length: 30,
    channels: ['close', 'volume'],
    anchor: '4min',
    statics: [],
    files: [
      { ...file, file: 'a.npz', date: '2025-01-02' },
      { ...file, file: 'b.npz', date: '2025-01-03', leftOut: 3 },
    ],
  })
  expect(text).toBe(
    [
      '10 sequences of 30 bars in 2 files, 2025-01-02 to 2025-01-03',
      '  channels: close, volume',
      '  statics: none',
      '  labels at 4min: 4 breaks, 2 bounces, the rest neither',
      '  left out: 3 touches without a bar on which every channel is known',
      '  written: a.npz .. b.npz',
      'Next: breakwater patchtst --train-files <earlier> --val-files <later>',
      '',
    ].join('\n'),
  )
})

test('an export names its files, what they give and what they lack, within the width', () => {
  const summary = {
    stage: 'stage_b',
    ablation: 'full',
    anchors: ['4min'],
    heads: ['direction', 'tradeable_2'],
    files: ['out/a.onnx', 'out/a.parquet', 'out/check.py'],
    gives: 'The graphs give what this set serves',
    notExported: ['Not exported: the mix'],
  }
  const text = exportText(summary, 60)
  expect(text.split('\n')).toEqual([
    'stage_b full: 2 heads at 4min in 3 files: out/a.onnx ..',
    '  out/check.py',
    'The graphs give what this set serves',
    'Not exported: the mix',
    'Next: python out/check.py checks them against our numbers',
    '',
  ])
  expect(exportText({ ...summary, files: ['out/a.json'], gives: null, notExported: [] })).toBe(
    'stage_b full: 2 heads at 4min in out/a.json\n',
  )
})
