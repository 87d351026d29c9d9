import type { Column, Table } from '@breakwater/features'
import {
  describeSet,
  exportedForecasts,
  fitSet,
  forecastTable,
  graphRows,
  probabilityHeads,
  type SetDescription,
  setGraph,
  VOLATILITY_REGRESSORS,
} from '@breakwater/models'
import { createSurface, defaultExperts, type Law, poweredLaw } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { largestGap, runGraph } from './run-graph.ts'
import { bars as sampleBars, ORIGIN, sampleSet, sampleSignals, TREES } from './sample.ts'
import { uniforms } from './seeded.ts'

const signals = sampleSignals()
const { plan, set } = await sampleSet(signals)
const bars = sampleBars()
const [planned] = plan.sets
if (planned === undefined) throw new Error('a set is planned')
const withBars = describeSet(await fitSet(plan, planned, { trees: TREES, calibrationFolds: 1, bars }), ORIGIN)

const serving = (one: SetDescription, kind: 'law' | 'heads'): SetDescription => ({
  ...one,
  details: { ...one.details, serving: one.details.serving.map((choice) => ({ ...choice, kind })) },
})

/** The largest gap of each output from what is served. */
async function gaps(one: SetDescription, source: Parameters<typeof forecastTable>[2]): Promise<[string, number][]> {
  const graph = setGraph(one, '4min')
  const request = { inputs: graph.inputs, law: one.law, anchor: '4min' as const }
  const found = await runGraph(graph, graphRows({ ...request, signals: { table: signals.table, ...source } }))
  const { served } = forecastTable(one, signals.table, source)
  expect(graph.heads.map(({ name }) => name).toSorted()).toEqual([...served.keys()].toSorted())
  return graph.heads.map(({ name, output }) => [name, largestGap(found.get(output), served.get(name) ?? [])])
}

const above = (found: readonly [string, number][], most: number): readonly [string, number][] =>
  found.filter(([, gap]) => !(gap < most))

describe('the graph of a set with a law', () => {
  test.each(['law', 'heads'] as const)('gives what is served where %s is, from signals alone', async (kind) => {
    const one = serving(set, kind)
    // Both the law's own rows and those past the session's end are there.
    const { tilted } = forecastTable(one, signals.table)
    const absent = tilted.get('direction')?.filter((value) => Number.isNaN(value)).length ?? 0
    expect([absent > 20, absent < signals.table.rows / 2]).toEqual([true, true])
    expect(above(await gaps(one, {}), 1e-6)).toEqual([])
  })

  test.each(['law', 'heads'] as const)('gives what is served where %s is, from bars', async (kind) => {
    expect([withBars.law?.path.correction === null, withBars.law?.path.tilt === null]).toEqual([false, false])
    const one = serving(withBars, kind)
    expect(above(await gaps(one, { bars, state: signals.state }), 1e-6)).toEqual([])
    // Without the bars there is no law, and the heads answer.
    expect(above(await gaps(one, {}), 1e-6)).toEqual([])
  })

  test.each(['law', 'heads'] as const)('has the law for heads without trees where %s is served', async (kind) => {
    const bundles = new Map(
      [...set.bundles].filter(([name]) => !['direction', 't1_60s', 'strength_signed'].includes(name)),
    )
    const one = { ...serving(set, kind), bundles }
    expect(above(await gaps(one, {}), 1e-6)).toEqual([])
  })

  test('leaves out of the tilt the features that are not known at the anchor', async () => {
    const { law } = set
    if (law?.features == null) throw new Error('the law sees features')
    const { encoder } = law.features
    const late = new Set(encoder.encodings.filter((_, i) => i % 2 === 0).map(({ name }) => name))
    const knownAfterS = encoder.columns.map((column) => (late.has(column.split('=')[0] ?? '') ? 241 : 240))
    const one = { ...serving(set, 'law'), law: { ...law, features: { encoder, knownAfterS } } }
    const [all, fewer] = [serving(set, 'law'), one].map((each) => forecastTable(each, signals.table).served)
    expect(largestGap(all?.get('direction'), fewer?.get('direction') ?? [])).toBeGreaterThan(1e-3)
    expect(above(await gaps(one, {}), 1e-6)).toEqual([])
  })

  test('says of every moment what the formulas of first passage say', async () => {
    const spec = set.law?.path.spec
    if (spec === undefined) throw new Error('the set has a law')
    const next = uniforms(12)
    const experts = defaultExperts()
    const raw = experts.map(() => next() ** 3)
    const total = raw.reduce((sum, weight) => sum + weight, 0)
    const law: Law = { version: 1, experts, weights: raw.map((weight) => weight / total), breakShare: 0.55 }
    const calibration = { volatility: 0, drift: -0.7, power: 0.8 }
    // A forecast that is the volatility of the minute itself.
    const coefficients = VOLATILITY_REGRESSORS.map((name) => Number(name === 'log_sigma_1m'))
    const volatility = { coefficients, means: coefficients.map(() => 0), profile: null }
    const plain = { correction: null, tilt: null, tiltScale: 1, approach: null, features: [], uncertainty: null }
    const path = { spec, law, volatility, calibration, ...plain }
    const rows = 600
    const draw = (value: (i: number) => number): Float64Array => Float64Array.from({ length: rows }, (_, i) => value(i))
    const columns = {
      moved: draw((i) => [0.4, -0.8, 0.8, -0.4, 0][i] ?? 2.4 * (next() - 0.5)),
      sigma_1m: draw(() => Math.exp(-4 + 5.5 * next())),
      left_s: draw((i) => (i === 7 ? 0 : i % 3 === 0 ? 500 * next() : 9000)),
      since_open_s: draw(() => 3600),
      level_price: draw(() => 500),
    }
    const graph = setGraph({ ...serving(set, 'law'), law: { path, features: null } }, '4min')
    const found = await runGraph(graph, withColumns(signals.table, columns, rows))
    const surface = createSurface(poweredLaw(law, calibration.power), spec, { by: 'formulas' })
    const { moved, sigma_1m: sigma, left_s: left } = columns
    const answers = Array.from(moved, (displacement, i) =>
      surface.at(
        { displacement, sigma: sigma[i] as number, secondsLeft: left[i] as number },
        { tilt: calibration.drift },
      ),
    )
    const names = probabilityHeads(spec)
    const off = names.map((name, h): [string, number] => {
      const expected = answers.map((values) => values[h] as number)
      return [name, largestGap(found.get(`p_${name}`), expected)]
    })
    expect(above(off, 1e-9)).toEqual([])
    const dollars = answers.map((values) => {
      const [direction, beyond, back] = values.slice(names.length - 1) as unknown as [number, number, number]
      return direction * beyond - (1 - direction) * back
    })
    expect(largestGap(found.get('strength_signed'), dollars)).toBeLessThan(1e-9)
  })

  test('says what it gives, in words and in its metadata', () => {
    expect(exportedForecasts(serving(set, 'law'))).toMatch(/the law of first passage as calibrated and tilted/)
    expect(exportedForecasts(serving(set, 'heads'))).toMatch(/made coherent, the law where a head has no forecast/)
    expect(exportedForecasts({ ...set, law: null })).toMatch(/the heads as calibrated$/)
    const { model, heads } = setGraph(serving(set, 'law'), '4min')
    const about: unknown = JSON.parse(model.metadata.get('breakwater.export') ?? '')
    expect(about).toMatchObject({ version: 2, serves: 'law', hasLaw: true, notExported: [] })
    // The conformal radius is of the head's dollars, and these are the law's.
    expect(heads.find(({ name }) => name === 'strength_signed')?.radius).toBe(null)
  })
})

/** The first rows of a table, with other columns. */
function withColumns(table: Table, numbers: Readonly<Record<string, Float64Array>>, rows: number): Table {
  const first = ([name, column]: [string, Column]): [string, Column] => [
    name,
    column.type === 'string'
      ? { ...column, codes: column.codes.slice(0, rows) }
      : column.type === 'time'
        ? { ...column, values: column.values.slice(0, rows) }
        : { ...column, values: column.values.slice(0, rows) },
  ]
  const columns = Object.fromEntries(
    Object.entries(numbers).map(([name, values]) => [name, { type: 'number' as const, values }]),
  )
  const missing: Column = { type: 'number', values: new Float64Array(rows).fill(Number.NaN) }
  const absent = Object.fromEntries(ABSENT.map((name) => [name, missing]))
  return { rows, columns: { ...Object.fromEntries(Object.entries(table.columns).map(first)), ...absent, ...columns } }
}

/** Numbers of a moment that the plain forecast does not use. */
const ABSENT = [
  'moved_atr',
  ...[2, 5, 15, 60, 390, 1950].map((span) => `range_sigma_${span}`),
  ...[15, 60].map((span) => `change_sigma_${span}`),
]
