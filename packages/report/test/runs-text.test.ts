import type { PairedGroup, RunDifference, RunSummary, Score } from '@breakwater/evaluation'
import { runDifferenceText, runsTable } from '@breakwater/report'
import { describe, expect, test } from 'vitest'

const run = (id: string, part: Partial<RunSummary> = {}): RunSummary => ({
  id: `${id}0000000000000000`.slice(0, 16),
  stage: 'stage_b',
  ablation: 'full',
  trained: '2025-06-02T10:03:00.000Z',
  current: false,
  data: { hash: 'abcdef0123456789', rows: 900, sessions: 16, firstDate: '2025-01-02', lastDate: '2025-01-24' },
  scored: { role: 'test', sessions: 4 },
  served: { kind: 'law', reason: 'the law alone' },
  skill: {
    anchor: '4min',
    group: 'reach',
    heads: 6,
    rows: 300,
    log_loss: 0.5,
    law_log_loss: 0.5012,
    beyond_law: 0.0012,
  },
  ...part,
})

const score = (estimate: number, low: number, high: number): Score => ({ estimate, low, high })
const group = (saved: Score): PairedGroup => ({
  heads: 6,
  rows: 300,
  sessions: 4,
  loss_a: score(0.5, 0.4, 0.6),
  loss_b: score(0.45, 0.4, 0.5),
  saved,
})

const difference: RunDifference = {
  format: 'breakwater-run-difference',
  version: 1,
  a: run('aa'),
  b: run('bb', { current: true }),
  settings: [
    { name: 'gitSha', a: null, b: 'f00' },
    { name: 'thresholds', a: [1, 2], b: [1, 3] },
    { name: 'trees.rounds', a: 2, b: 20 },
  ],
  data: { same: true, onlyA: [], onlyB: [] },
  common: { sessions: ['2025-01-20', '2025-01-21'], rowsA: 300, rowsB: 310, rows: 1 },
  targets: 'abcdef0123456789',
  method: { level: 0.95, samples: 1000, seed: 7 },
  summary: {
    anchor: '4min',
    reach: group(score(0.05, 0.01, 0.09)),
    tradeable: group(score(-0.05, -0.09, -0.01)),
    direction: group(score(0.05, -0.01, 0.09)),
    strength: null,
  },
  heads: [{ ...group(score(0.05, 0.01, 0.09)), name: 'direction', anchor: '4min', task: 'binary', leftOut: 0 }],
}

describe('runsTable', () => {
  test('has a line a run, with dashes for what a run has not', () => {
    const validated = run('cc', { id: null, scored: { role: 'validation', sessions: 2 }, served: null, skill: null })
    expect(runsTable([run('aa', { current: true }), validated], { width: 200 }).split('\n')).toEqual([
      'run           set           trained (UTC)     served  beyond law  tested           sessions  data          last session',
      'aa0000000000  stage_b_full  2025-06-02 10:03  law         0.0012       4  current        16  abcdef012345  2025-01-24',
      '-             stage_b_full  2025-06-02 10:03  -                -       -                 16  abcdef012345  2025-01-24',
      'beyond law: log loss saved compared with the law alone on test rows, mean of the reach heads at 4min, nats',
      '',
      '2 runs, 1 of them current',
      'Next: breakwater evaluate',
      '',
    ])
  })

  test('ends with the comparison of the newest two that have an id, in the same folder', () => {
    const runs = [run('cc', { current: true }), run('bb', { id: null }), run('aa')]
    const text = runsTable(runs, { width: 200, flags: '--model-dir models' })
    expect(text).toMatch(
      /\n\n3 runs, 1 of them current\nNext: breakwater runs diff aa0{10} cc0{10} --model-dir models\n$/,
    )
  })

  test.each([60, 80, 100])('leaves out what does not fit %i characters', (width) => {
    expect(
      runsTable([run('aa')], { width })
        .split('\n')
        .filter((line) => line.length > width),
    ).toEqual([])
  })
})

describe('runDifferenceText', () => {
  test('says first where one run is better beyond doubt, then losses, settings and data', () => {
    const lines = runDifferenceText(difference, { width: 120 }).split('\n')
    expect(lines[0]).toBe('B is better on reach; A is better on tradeable.')
    expect(lines).toContain('reach      0.0500 [0.0100, 0.0900]        0.5000     0.4500   300         4')
    expect(lines).toContain('  gitSha: - -> f00')
    expect(lines).toContain('  thresholds: 1 2 -> 1 3')
    expect(lines).toContain('data: the same (abcdef012345)')
    expect(lines[3]).toMatch(/^paired on 1 touch in 2 sessions that both predict \(A 300, B 310\)/)
  })

  test('says so where nothing can be told apart, nothing differs, and rows chose the trees', () => {
    const { summary } = difference
    const same = runDifferenceText({
      ...difference,
      b: run('bb', { scored: { role: 'validation', sessions: 2 } }),
      settings: [],
      summary: { ...summary, reach: null, tradeable: null },
    })
    expect(same).toContain('No difference that these sessions can distinguish from 0.')
    expect(same).toContain('settings: the same')
    expect(same).toContain('the rows of B are validation rows, which chose the number of trees')
  })

  test('ends with what makes the better run the current one, and where neither is, with a page of both', () => {
    const { summary } = difference
    const clear = { ...summary, tradeable: null }
    const next = (part: Partial<RunDifference>): string | undefined =>
      runDifferenceText({ ...difference, ...part }, { width: 200, flags: '--model-dir models' })
        .split('\n')
        .at(-2)
    const compared = 'Next: breakwater ui --compare aa0000000000 bb0000000000 --model-dir models'
    expect(next({})).toBe(compared)
    expect(next({ summary: clear })).toBe(compared)
    expect(next({ summary: clear, a: run('aa', { current: true }), b: run('bb') })).toBe(
      'Next: breakwater rollback --set metadata_stage_b_full --to bb0000000000 --model-dir models',
    )
    expect(next({ summary: { ...summary, reach: null } })).toBe(
      'Next: breakwater rollback --set metadata_stage_b_full --to aa0000000000 --model-dir models',
    )
    expect(next({ summary: clear, b: run('bb', { stage: 'stage_a' }) })).toBe(compared)
    expect(next({ a: run('aa', { id: null }) })).toBe(
      'Next: breakwater ui --compare stage_b_full bb0000000000 --model-dir models',
    )
  })

  test('tells data apart by hash, sessions, and whose outcomes are read', () => {
    const b = run('bb', { data: { ...difference.b.data, hash: 'fedcba9876543210', rows: 950 } })
    const data = { same: false, onlyA: [], onlyB: ['2025-01-25', '2025-01-26'] }
    const text = runDifferenceText({ ...difference, b, data }, { width: 400 })
    expect(text).toContain(
      'data that differ: A abcdef012345 (900 rows), B fedcba987654 (950 rows); only B has 2 sessions (2025-01-25 to 2025-01-26); outcomes are those in the signals of A',
    )
  })
})
