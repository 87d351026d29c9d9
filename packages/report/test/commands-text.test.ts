import { sequencesText, sweepTable } from '@breakwater/report'
import { expect, test } from 'vitest'

test('the table shows the options that differ, the value of each trial, and why one has none', () => {
  const table = sweepTable({
    metric: { head: 'direction', name: 'brier' },
    better: 'lower',
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
      '',
    ].join('\n'),
  )
})
