import type { Comparison, IndexSummary, Score } from '@breakwater/evaluation'
import { comparisonTable, evaluationTable, indexTable, sideBySideTable } from '@breakwater/report'
import { describe, expect, test } from 'vitest'
import { sideBySide } from './block-sample.ts'
import { evaluation, headNamed, withHeads } from './report-parts.ts'

const score = (estimate: number | null, low: number | null = null, high: number | null = null): Score => ({
  estimate,
  low,
  high,
})
const interval = ({ estimate, low, high }: Score, digits = 3): string =>
  `${estimate?.toFixed(digits)} [${low?.toFixed(digits)}, ${high?.toFixed(digits)}]`
/** The cells of the line that begins with `name`. */
const cells = (text: string, name: string): string[] =>
  (text.split('\n').find((line) => line.startsWith(`${name} `)) ?? '').split(/ {2,}/)

describe('evaluationTable', () => {
  test('has a line for each head, numbers to the right, each score with its interval', () => {
    const [direction, strength] = [headNamed('direction'), headNamed('strength_signed')]
    if (direction.status !== 'scored' || direction.task !== 'binary') throw new Error('direction is scored')
    if (strength.status !== 'scored' || strength.task !== 'regression') throw new Error('strength is scored')
    const text = evaluationTable(withHeads([direction, strength, headNamed('t2_break_60s')]))
    expect(text.split('\n')[0]).toBe('stage_a full (out of fold)')
    expect(cells(text, 'direction')).toEqual([
      'direction',
      '1440',
      '24',
      direction.base_rate.toFixed(3),
      `Brier ${interval(direction.scores.brier)}`,
      interval(direction.scores.brier_skill),
      interval(direction.scores.auc),
      direction.reliability[0]?.ece?.toFixed(3),
    ])
    expect(cells(text, 'strength_signed').slice(3)).toEqual([
      strength.mean_target.toFixed(3),
      `MAE ${interval(strength.scores.mae)}`,
      interval(strength.scores.mae_skill),
      interval(strength.scores.correlation),
      '-',
    ])
    expect(cells(text, 't2_break_60s').slice(1)).toEqual([
      '0',
      '-',
      '-',
      'skipped: one class only: no fold has 20 positives in training',
    ])
  })
})

describe('sideBySideTable', () => {
  test('has a line for each head and column; the first column saves nothing', () => {
    const [set] = evaluation.sets
    if (set === undefined) throw new Error('the sample has sets')
    const calibration = sideBySide()
    const heads = [
      ...calibration.heads,
      { name: 'gone', anchor: '4min', task: 'binary', status: 'skipped', reason: 'no rows' } as const,
    ]
    const text = sideBySideTable({ ...evaluation, sets: [{ ...set, calibration: { ...calibration, heads } }] })
    const lines = text.split('\n')
    const at = lines.findIndex((line) => line.startsWith('direction'))
    const direction = calibration.heads.find(({ name }) => name === 'direction')
    const calibrated = direction?.status === 'scored' ? direction.columns['calibrated'] : undefined
    if (calibrated?.task !== 'binary' || calibrated.gain_brier === null) throw new Error('calibrated is scored')
    expect(lines[at]?.split(/ {2,}/)[4]).toBe('-')
    expect(lines[at + 1]?.trim().split(/ {2,}/).slice(0, 5)).toEqual([
      'calibrated',
      direction?.status === 'scored' ? String(direction.rows) : '',
      interval(calibrated.brier, 4),
      interval(calibrated.gain_brier, 4),
      calibrated.log_loss.estimate?.toFixed(4),
    ])
    expect(cells(text, 'gone')).toEqual(['gone', 'skipped: no rows'])
    expect(text).toContain('80% interval covers')
  })
})

describe('comparisonTable', () => {
  const comparison: Comparison = {
    format: 'breakwater-comparison',
    version: 2,
    anchor: '4min',
    dates: ['2025-01-02', '2025-01-03'],
    models: [
      { id: 'trees', title: 'Trees', note: '', trainSessions: 20, lastTrainDate: '2024-12-31' },
      { id: 'base', title: 'Base rate', note: '', trainSessions: 20, lastTrainDate: '2024-12-31' },
    ],
    events: { sequences: 40, trees: 50 },
    method: { level: 0.95, samples: 1000, seed: 7 },
    heads: [
      {
        name: 'direction',
        anchor: '4min',
        task: 'binary',
        rows: 30,
        sessions: 2,
        positives: 14,
        leftOut: 3,
        models: {
          trees: { brier: score(0.2, 0.1, 0.3), log_loss: score(0.6), auc: score(null), brier_skill: score(0.2) },
          base: { brier: score(0.25), log_loss: score(0.7), auc: score(0.5), gain_log_loss: score(-0.1, -0.2, 0) },
        },
      },
    ],
    provenance: {
      patchTst: '',
      stage: 'stage_b',
      ablation: 'full',
      dataHash: '',
      gitSha: null,
      libraryVersion: '',
      timestamp: '',
    },
  }

  test('sets the models of a head one below another, with - where a model has no such score', () => {
    const lines = comparisonTable(comparison).split('\n')
    expect(lines.slice(5, 8).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['head', 'model', 'Brier', 'log loss', 'AUC', 'skill over base', 'gain vs trees (log loss)'],
      ['direction', 'Trees', '0.2000 [0.1000, 0.3000]', '0.6000', '-', '0.200', '-'],
      ['Base rate', '0.2500', '0.7000', '0.500', '-', '-0.1000 [-0.2000, 0.0000]'],
    ])
    expect(lines.at(-2)?.split(/ {2,}/)).toEqual(['direction', '30', '2', '3'])
  })
})

describe('indexTable', () => {
  const record: IndexSummary = {
    stage: 'stage_b',
    ablation: 'full',
    anchor: '4min',
    rows: 900,
    sessions: ['2025-01-02', '2025-01-03'],
    features: ['a', 'b', 'c'],
    dropped: [{ reason: 'constant' }],
    evaluation: {
      role: 'test',
      rows: 100,
      folds: 1,
      scores: [20, 10].flatMap((k) =>
        (['p_break', 'p_tradeable_2'] as const).map((question) => ({
          question,
          k,
          rows: 90,
          sessions: 4,
          brier: { neighbours: 0.2, base: 0.25, trees: null },
          brier_skill: { base: score(0.2, 0.1, 0.3), trees: score(null) },
        })),
      ),
      ladder: [{ k: 20, rungs: [80, 10, 5, 5], distancePercentile: 0.1 }],
    },
  }

  test('groups the numbers of neighbours by question, and says what was dropped', () => {
    const text = indexTable(record)
    expect(text).toMatch(/^stage_b full at 4min: 900 touches of 2 sessions \(2025-01-02\.\.2025-01-03\), 2 columns/)
    expect(text).toContain('1 dropped as uninformative (1 constant)')
    const asked = text.split('\n').filter((line) => line.startsWith('p_'))
    expect(asked.map((line) => line.split(/ {2,}/))).toEqual(
      ['p_break', 'p_tradeable_2'].flatMap((name) =>
        ['20', '10'].map((k) => [name, k, '90', '4', '0.2000', '0.2500', '-', '0.200 [0.100, 0.300]', '-']),
      ),
    )
    expect(text).toContain('with one, two and three dropped: k=20: 80, 10, 5, 5\n')
  })
})
