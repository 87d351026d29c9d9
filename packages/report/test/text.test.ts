import type { Comparison, IndexSummary, Score } from '@breakwater/evaluation'
import { comparisonTable, evaluationTable, indexTable, renderReport, sideBySideTable } from '@breakwater/report'
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
/** The cells of the last line that begins with `name`. */
const cells = (text: string, name: string): string[] =>
  (text.split('\n').findLast((line) => line.startsWith(`${name} `)) ?? '').split(/ {2,}/)

/** Heads of the last table of heads. */
const names = (text: string): string[] =>
  text
    .slice(text.lastIndexOf('\nhead '))
    .split('\n')
    .slice(2)
    .flatMap((line) => /^[a-z]\w+/.exec(line)?.[0] ?? [])

const last = (options: Parameters<typeof evaluationTable>[1]): string[] => names(evaluationTable(evaluation, options))

describe('evaluationTable', () => {
  const [direction, strength] = [headNamed('direction'), headNamed('strength_signed')]
  if (direction.status !== 'scored' || direction.task !== 'binary') throw new Error('direction is scored')
  if (strength.status !== 'scored' || strength.task !== 'regression') throw new Error('strength is scored')

  test('has a line for each head, with what it saves beyond the law first', () => {
    const text = evaluationTable(withHeads([direction, strength, headNamed('t2_break_60s')]), { width: 400 })
    expect(text.split('\n')).toContain('stage_a full (out of fold)')
    const { log_loss, beyond_law, beyond_base, auc, brier_skill, brier_skill_law } = direction.scores
    expect(cells(text, 'direction').slice(-11)).toEqual([
      'direction',
      '1440',
      interval(beyond_law, 4),
      interval(beyond_base, 4),
      log_loss.estimate?.toFixed(4),
      auc.estimate?.toFixed(3),
      direction.reliability[0]?.ece?.toFixed(3),
      direction.base_rate.toFixed(3),
      brier_skill.estimate?.toFixed(3),
      brier_skill_law.estimate?.toFixed(3),
      '24',
    ])
    expect(cells(text, 'strength_signed').slice(2, 6)).toEqual([
      // The sample has no law of strength.
      '-',
      interval(strength.scores.beyond_base, 4),
      `$${strength.scores.mae.estimate?.toFixed(4)}`,
      strength.scores.correlation.estimate?.toFixed(3),
    ])
    expect(text).toContain('t2_break_60s skipped: one class only: no fold has 20 positives in training')
  })

  test('begins with the verdict, in at most eight lines, of the last stage', () => {
    const verdict = evaluationTable(evaluation, { width: 200 }).split('\n\n')[0]?.split('\n') ?? []
    expect(verdict.length).toBeLessThanOrEqual(8)
    // Of the sample's summary: reach is not distinguishable, strength is.
    expect(verdict[0]).toBe('Skill beyond the law: yes, on strength (stage_b full)')
    expect(verdict[1]).toBe('  reach: log loss 0.3100; beyond law 0.0032 [-0.0005, 0.0064], base 0.0160')
    expect(verdict[2]).toBe('  direction: log loss 0.6900; the law does not forecast this head, base 0.0100')
    expect(verdict[4]).toMatch(
      /^Events: 1440 touches in 24 sessions; fewer than 50 positives or negatives of t2_bounce_60s; 1 head not trained$/,
    )
    // The sample serves heads in the first of its four folds.
    expect(verdict[5]).toBe('Served: the law (heads lost 0.0020 more, SE 0.0010)')
    // The same on a terminal of 80 columns, where the line of a head without a law runs on.
    const narrow = evaluationTable(evaluation, { width: 80 }).split('\n\n')[0]?.split('\n') ?? []
    expect(narrow.length).toBeLessThanOrEqual(8)
    expect(narrow.every((line) => line.length <= 80)).toBe(true)
    expect(verdict.at(-1)).toBe('Next: breakwater calibrate --stage stage_b --ablation full')
    const without = evaluationTable(evaluation, { width: 200, next: false }).split('\n\n')[0]?.split('\n') ?? []
    expect(without).toEqual(verdict.slice(0, -1))
  })

  test('says why a set serves what it does, and what the figures of validation rows are of', () => {
    const [set] = evaluation.sets
    if (set === undefined) throw new Error('the sample has sets')
    const [first] = set.serving
    const lines = (changed: Partial<typeof set>): string[] =>
      evaluationTable({ ...evaluation, sets: [{ ...set, ...changed }] }, { width: 300 }).split('\n')
    const line = (changed: Partial<typeof set>): string | undefined =>
      lines(changed).find((text) => text.startsWith('Served: '))
    const heads = { serving: first === undefined ? [] : [first] }
    expect(line(heads)).toBe('Served: heads (heads saved 0.0040, SE 0.0010)')
    expect(lines(heads)).toContain('served: heads saved more: they are served (out of fold)')
    expect(line({ serving: [] })).toBe('Served: independent heads with their calibrators (out of fold)')
    expect(line({ source: 'validation (used for early stopping)', calibrated: false })).toBe(
      'Served: heads of fold 3 lost more: the law is served; figures are of independent heads, raw (validation (used for early stopping))',
    )
  })

  test('says that models of all sessions are served, and that no figure is theirs', async () => {
    const [set] = evaluation.sets
    if (set === undefined) throw new Error('the sample has sets')
    const final = { sessions: 40, firstDate: '2025-01-02', lastDate: '2025-03-03', rows: 2400 }
    const fitted = { ...evaluation, sets: [{ ...set, final }] }
    const text = evaluationTable(fitted, { width: 400 })
    expect(text).toMatch(/^Served: the law \(heads lost 0.0020 more, SE 0.0010\); fitted on all sessions$/m)
    expect(text).toMatch(
      /^served: .*; the served models are a fit on all sessions, which none of these figures describes$/m,
    )
    const sentence =
      'the served models were fitted on all 40 sessions, 2025-01-02 to 2025-03-03, after the folds: every figure comes from the folds, ' +
      'whose models had not seen the rows they are scored on'
    expect(text.split('\n')).toContain(sentence)
    const page = await renderReport(fitted)
    expect(page).toContain(`T${sentence.slice(1)}.`)
    expect(page).toContain('the served model has seen them too')
    expect(await renderReport(evaluation)).not.toContain('the served model')
  })

  test('says how neighbours and gate enter what is served, and that the figures of an evaluation are without them', () => {
    const [set] = evaluation.sets
    if (set === undefined) throw new Error('the sample has sets')
    const terms = [{ anchor: '4min' as const, neighbours: 'neighbours saved: used', gate: 'the gate saved: left out' }]
    const text = (changed: Partial<typeof set>): string =>
      evaluationTable({ ...evaluation, sets: [{ ...set, ...changed }] }, { width: 400 })
    expect(text({ mix: { kind: 'fitted', terms } })).toContain(
      'neighbours and gate in direction: fitted (4min: neighbours saved: used; the gate saved: left out); the figures leave them out, and `breakwater calibrate` scores them',
    )
    expect(text({ mix: { kind: 'none', terms: [] } })).toContain('\nneighbours and gate in direction: none\n')
    expect(text({})).not.toContain('neighbours and gate')
  })

  test('says what P(touch) comes from before a touch, and what trees save there with its interval', async () => {
    const [set] = evaluation.sets
    if (set === undefined) throw new Error('the sample has sets')
    const reason = 'trees lost less than the law: they shift its volatility in P(touch)'
    const trees = { saved: 0.0032, low: 0.0015, high: 0.0049 }
    const touch = { isShifted: true, reason, law: 0.2587, served: 0.2555, trees, sessions: 76, rows: 11_270 }
    const changed = { ...evaluation, sets: [{ ...set, touch }] }
    const sentence = `P(touch) before a touch: ${reason}; in 76 test sessions the law alone has a log loss of 0.2587, and the trees save 0.0032 [0.0015, 0.0049]`
    expect(evaluationTable(changed, { width: 400 }).split('\n')).toContain(sentence)
    expect(await renderReport(changed)).toContain(`${sentence}.`)
    const left = { ...changed, sets: [{ ...set, touch: { ...touch, isShifted: false, served: touch.law } }] }
    expect(evaluationTable(left, { width: 400 })).toContain('and the trees would have saved 0.0032 [0.0015, 0.0049]')
    const untested = { ...touch, law: null, served: null, trees: null, sessions: 0, rows: 0 }
    expect(
      evaluationTable({ ...evaluation, sets: [{ ...set, touch: untested }] }, { width: 400 }).split('\n'),
    ).toContain(`P(touch) before a touch: ${reason}`)
    expect(evaluationTable(evaluation)).not.toContain('P(touch)')
  })

  test('shows the primary anchor unless asked for others, and says how many heads it leaves out', () => {
    expect(last({})).toHaveLength(27)
    expect(evaluationTable(evaluation)).toContain('\n54 more heads: --all, --anchors <anchors>, --heads <names>\n')
    expect(last({ all: true })).toHaveLength(81)
    expect(last({ anchors: ['8min'], heads: ['direction'] })).toEqual(['direction_8min'])
    expect(last({ heads: ['direction', 't1_60s_2min'] })).toEqual(['direction', 't1_60s_2min'])
  })

  test.each([40, 60, 80, 100, 132])('has no line above %i characters', (width) => {
    const text = evaluationTable(evaluation, { width, all: true })
    expect(text.split('\n').filter((line) => line.length > width)).toEqual([])
    // What matters most is left where the terminal is narrow.
    expect(text).toContain('beyond law')
  })
})

describe('sideBySideTable', () => {
  const [set] = evaluation.sets
  if (set === undefined) throw new Error('the sample has sets')
  const calibration = sideBySide()
  const heads = [
    ...calibration.heads,
    { name: 'gone', anchor: '4min', task: 'binary', status: 'skipped', reason: 'no rows' } as const,
  ]
  const compared = { ...evaluation, sets: [{ ...set, calibration: { ...calibration, heads } }] }

  test('has a line for each head and column; the first column saves nothing', () => {
    const text = sideBySideTable(compared, { width: 400 })
    const lines = text.split('\n')
    const at = lines.findIndex((line) => line.startsWith('direction'))
    const direction = calibration.heads.find(({ name }) => name === 'direction')
    const calibrated = direction?.status === 'scored' ? direction.columns['calibrated'] : undefined
    if (calibrated?.task !== 'binary' || calibrated.gain_log_loss === null) throw new Error('calibrated is scored')
    expect(lines[at]?.split(/ {2,}/)[3]).toBe('-')
    expect(lines[at + 1]?.trim().split(/ {2,}/).slice(0, 4)).toEqual([
      'calibrated',
      '-',
      interval(calibrated.gain_log_loss, 4),
      calibrated.log_loss.estimate?.toFixed(4),
    ])
    expect(text).toContain('gone skipped: no rows')
    expect(text).toContain('interval covers')
  })

  test.each([60, 80, 120])('has no line above %i characters', (width) => {
    const lines = sideBySideTable(compared, { width }).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
  })
})

describe('comparisonTable', () => {
  const comparison: Comparison = {
    format: 'breakwater-comparison',
    version: 3,
    anchor: '4min',
    dates: ['2025-01-02', '2025-01-03'],
    models: [
      { id: 'served', title: 'Served', note: '', trainSessions: 20, lastTrainDate: '2024-12-31' },
      { id: 'base', title: 'Base rate', note: '', trainSessions: 20, lastTrainDate: '2024-12-31' },
    ],
    events: { sequences: 40, served: 50 },
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
          served: { brier: score(0.2, 0.1, 0.3), log_loss: score(0.6), auc: score(null), brier_skill: score(0.2) },
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
      ['head', 'model', 'Brier', 'log loss', 'AUC', 'skill over base', 'gain vs served (log loss)', 'beyond law'],
      ['direction', 'Served', '0.2000 [0.1000, 0.3000]', '0.6000', '-', '0.200', '-', '-'],
      ['Base rate', '0.2500', '0.7000', '0.500', '-', '-0.1000 [-0.2000, 0.0000]', '-'],
    ])
    expect(lines.at(-3)?.split(/ {2,}/)).toEqual(['direction', '30', '2', '3'])
    expect(lines.at(-2)).toBe('Next: breakwater replay --bars <file> --ui shows what is served live')
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
          brier: { neighbours: 0.2, base: 0.25, served: null },
          brier_skill: { base: score(0.2, 0.1, 0.3), served: score(null), law: score(0.1) },
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
        ['20', '10'].map((k) => [name, k, '90', '4', '0.2000', '0.2500', '-', '0.200 [0.100, 0.300]', '-', '0.100']),
      ),
    )
    expect(text).toContain('with one, two and three dropped: k=20: 80, 10, 5, 5\n')
  })
})
