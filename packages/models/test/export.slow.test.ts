import { applyCalibrator, type Calibrator } from '@breakwater/calibration'
import type { Table } from '@breakwater/features'
import {
  forecastTable,
  notExported,
  type SetDescription,
  type SetGraph,
  setGraph,
  tableAtAnchor,
} from '@breakwater/models'
import type { Json } from '@breakwater/trees'
import { describe, expect, test } from 'vitest'
import { largestGap, runGraph } from './run-graph.ts'
import { sampleSet, sampleSignals } from './sample.ts'

const signals = sampleSignals()
const trained = await sampleSet(signals)
/** The heads alone: what a law adds to a graph has tests of its own. */
const set = { ...trained.set, law: null }

const run = (graph: SetGraph, raw: Table): Promise<Map<string, Float64Array>> =>
  runGraph(graph, tableAtAnchor(graph.inputs, raw, '4min'))

/** The sample with the same calibrator for each probability. */
function calibratedBy(calibrator: Calibrator): SetDescription & { readonly law: null } {
  const bundles = new Map(
    [...set.bundles].map(([name, bundle]) => {
      const own = name.startsWith('strength') ? bundle.description.calibrator : (calibrator as unknown as Json)
      return [name, { ...bundle, description: { ...bundle.description, calibrator: own } }]
    }),
  )
  return { ...set, bundles }
}

const CALIBRATORS: readonly Calibrator[] = [
  { kind: 'identity' },
  { kind: 'temperature', temperature: 0.7 },
  { kind: 'platt', slope: 1.8, intercept: -0.3 },
  { kind: 'beta', a: 0.6, b: 1.4, c: 0.2 },
  { kind: 'isotonic', x: [0.21, 0.4, 0.63], y: [0.1, 0.35, 0.9] },
  { kind: 'centred-isotonic', x: [0.5], y: [0.4] },
  {
    kind: 'venn-abers',
    low: { x: [0.3, 0.55, 0.7], y: [0.2, 0.4, 0.8] },
    high: { x: [0.32, 0.6, 0.75], y: [0.3, 0.5, 0.85] },
  },
]

const serving = (kind: 'law' | 'heads'): Parameters<typeof notExported>[0] => ({
  serving: [{ fold: 0, kind, reason: '', saved: null, standardError: null, sessions: 1, rows: 1 }],
})

describe('the graph of a set without a law', () => {
  test('gives what our own forecast of raw columns gives, as calibrated', async () => {
    const graph = setGraph(set, '4min')
    const found = await run(graph, signals.table)
    const { calibrated } = forecastTable(set, signals.table)
    expect(graph.heads.map(({ name }) => name)).toEqual([...set.bundles.keys()])
    for (const { name, output } of graph.heads)
      expect([name, largestGap(found.get(output), calibrated.get(name) ?? []) < 1e-6]).toEqual([name, true])
    expect(graph.inputs.filter(({ kind }) => kind === 'category').map(({ name }) => name)).toContain('barrier_state')
    expect(graph.inputs.map(({ name }) => name)).toContain('moved')
  })

  test.each(CALIBRATORS)('has calibrators of every kind: $kind', async (calibrator) => {
    const described = calibratedBy(calibrator)
    const graph = setGraph(described, '4min')
    const found = await run(graph, signals.table)
    const { calibrated, heads } = forecastTable(described, signals.table)
    for (const { name, output } of graph.heads)
      expect([name, largestGap(found.get(output), calibrated.get(name) ?? []) < 1e-6]).toEqual([name, true])
    // Of a head that no order binds the map alone.
    const own = applyCalibrator(calibrator, heads.get('direction') ?? [])
    expect(largestGap(found.get('p_direction'), own)).toBeLessThan(1e-6)
  })

  test('takes words that training did not have and absent words as missing, as our encoder does', async () => {
    const { columns, rows } = signals.table
    const odd: Table = {
      rows,
      columns: {
        ...columns,
        barrier_state: {
          type: 'string',
          dictionary: ['NEVER_SEEN'],
          codes: new Int32Array(rows).map((_, i) => (i % 2) - 1),
        },
        tape_imbalance: { type: 'number', values: new Float64Array(rows).fill(Number.NaN) },
      },
    }
    const found = await run(setGraph(set, '4min'), odd)
    const { calibrated } = forecastTable(set, odd)
    expect(largestGap(found.get('p_direction'), calibrated.get('direction') ?? [])).toBeLessThan(1e-6)
    expect(largestGap(found.get('strength_signed'), calibrated.get('strength_signed') ?? [])).toBeLessThan(1e-6)
  })

  test('keeps the order among reach heads that calibrators of their own break', async () => {
    const [steep, flat]: Calibrator[] = [
      { kind: 'platt', slope: 1, intercept: 3 },
      { kind: 'platt', slope: 1, intercept: -3 },
    ]
    const bundles = new Map(
      [...set.bundles].map(([name, bundle]) => {
        const own = name.startsWith('t2') ? steep : name.startsWith('t1') ? flat : null
        return [name, { ...bundle, description: { ...bundle.description, calibrator: (own ?? null) as Json } }]
      }),
    )
    const graph = setGraph({ ...set, bundles }, '4min')
    const found = await run(graph, signals.table)
    const { calibrated } = forecastTable({ ...set, bundles }, signals.table)
    for (const { name, output } of graph.heads)
      expect([name, largestGap(found.get(output), calibrated.get(name) ?? []) < 1e-6]).toEqual([name, true])
    const [one, two] = [found.get('p_t1_60s'), found.get('p_t2_60s')]
    expect(two?.every((value, row) => value <= (one?.[row] ?? 0) + 1e-12)).toBe(true)
  })

  test('says what it leaves out, and refuses an anchor without heads', () => {
    expect(() => setGraph(set, '8min')).toThrow('models: anchor=8min: the set has no head there. It has heads at 4min.')
    expect(notExported(serving('law'))).toEqual([])
    expect(notExported(serving('heads'))).toEqual([])
    const mixed = [expect.stringContaining('the mix by which neighbours and gate enter direction')]
    const mix = { kind: 'fitted', neighbours: 50, episodeCap: 2, fits: [] } as const
    expect(notExported({ serving: [] })).toEqual(mixed)
    expect(notExported({ serving: [], mix })).toEqual(mixed)
    expect(notExported({ ...serving('law'), mix })).toEqual(mixed)
    expect(notExported({ serving: [], mix: { ...mix, kind: 'none' } })).toEqual([])
  })
})
