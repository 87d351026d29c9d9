import {
  atAnchor,
  barOf,
  buildSignals,
  createLiveFeatures,
  emptyReport,
  newYorkCalendar,
  numbersOf,
  stringsOf,
  timesOf,
} from '@breakwater/features'
import {
  bundlePredictor,
  describeSet,
  describeSignals,
  fitSet,
  headIntervals,
  locate,
  pathForecaster,
  planFit,
  probabilityHeads,
  servedColumns,
  serveTable,
  SETTINGS_KEY,
} from '@breakwater/models'
import { createViewport, type Interval, type StageModels, type Target } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { bars, DATES, ORIGIN, SCHEMA, TREES } from './sample.ts'
import { uniforms } from './seeded.ts'

const MINUTE_NS = 60_000_000_000n
const SECOND_NS = 1_000_000_000n
const THRESHOLDS = [0.4, 0.8] as const
const DAYS = DATES.slice(0, 8)
const LAST = DAYS.at(-1) ?? ''
const session = bars(DAYS, 8)
const calendar = newYorkCalendar()
const first = session.ts.findIndex((ns) => calendar.dateOf(ns) === LAST)

const made = buildSignals(session, { thresholds: THRESHOLDS, warmupSessions: 0 })
const signals = describeSignals({
  schema: SCHEMA,
  table: made.table,
  hash: 'live heads',
  files: ['sample'],
  metadata: { [SETTINGS_KEY]: JSON.stringify(made.settings) },
})
const plan = planFit(signals, {
  stage: 'stage_b',
  ablation: 'ta',
  plan: {
    trainDates: DAYS.slice(0, 5),
    valDates: DAYS.slice(5, 6),
    calibrationDates: DAYS.slice(6, 7),
    testDates: [LAST],
    embargoSessions: 0,
  },
  anchors: ['4min'],
})
const [planned] = plan.sets
if (planned === undefined) throw new Error('a set is planned')
const set = describeSet(await fitSet(plan, planned, { trees: TREES, calibrationFolds: 2, bars: session }), ORIGIN)
const { law } = set
if (law === null) throw new Error('the set has a law')
const { spec } = law.path
const NAMES = probabilityHeads(spec).map((name) => atAnchor(name, '4min'))

/** The test day's predictions as a set records them that chose so. */
function predicted(kind: 'law' | 'heads'): typeof set.predictions {
  const { heads, calibrated, tilted } = set.predictions
  const own = new Map([...heads, ...calibrated])
  return {
    ...set.predictions,
    served: servedColumns({ choice: { kind }, spec, anchors: ['4min'], heads: own, tilted }),
  }
}

/** A target's probabilities in the order of the surface. */
function surfaceOf({ time_to_threshold: reach, ...target }: Target): (number | null)[] {
  const sides = ['', '_break', '_bounce'] as const
  const cells = ([1, 2] as const).flatMap((t) =>
    sides.flatMap((side) => spec.horizons.map((horizon) => reach[`t${t}${side}`][String(horizon)] ?? null)),
  )
  return [...cells, target.p_tradeable_2, target.p_break_given_tradeable]
}

interface Seen {
  readonly atAnchor: Target
  readonly after: Target
}

/** Every touch of the last day that was followed to its anchor: its target then, and a second later at the same price. */
function follow(path: StageModels['path']): Map<string, Seen> {
  const stage: StageModels = { predictor: null, neighbours: null, path: path ?? null }
  const viewport = createViewport({
    models: { stage_a: stage, stage_b: stage },
    rows: createLiveFeatures({ thresholds: THRESHOLDS, warmupSessions: 0 }),
    thresholds: THRESHOLDS,
    plausibility: false,
    mostTargets: 40,
  })
  for (let i = 0; i < first; i++) viewport.learn(barOf(session, i))
  const seen = new Map<string, Seen>()
  for (let i = first; i < session.rows; i++) {
    const bar = barOf(session, i)
    const startNs = session.ts[i] ?? 0n
    const around = Math.round(bar.close)
    const levels = [-2, -1, 0, 1, 2].map((offset) => ({
      id: `R${around + offset}`,
      kind: 'ROUND',
      price: around + offset,
    }))
    const at = (tsNs: bigint, spot: number, ended = false): readonly Target[] =>
      viewport.tick({ tsNs, spot, bid: null, ask: null, levels, ...(ended ? { bars: [bar] } : {}) }).targets
    for (const [part, spot] of [bar.open, bar.low, bar.high, bar.close].entries()) {
      at(startNs + BigInt(10 * part + 10) * SECOND_NS, spot)
    }
    const now = at(startNs + MINUTE_NS, bar.close, true)
    const later = at(startNs + MINUTE_NS + SECOND_NS, bar.close)
    for (const target of now) {
      if (target.elapsed_s !== 240 || target.touch_ts_ns === null) continue
      const minute = target.touch_ts_ns - (target.touch_ts_ns % MINUTE_NS)
      const after = later.find(({ level_id: id }) => id === target.level_id)
      if (after !== undefined) seen.set(`${minute} ${target.level_price.toFixed(2)}`, { atAnchor: target, after })
    }
  }
  return seen
}

const sure = new Map(Object.entries(set.details.headUncertainty ?? {}))
const predictor = bundlePredictor(set.bundles, emptyReport(), sure)
const byLaw = follow(pathForecaster(law, { touchBand: 0.1 }))
const byHeads = follow(pathForecaster(law, { touchBand: 0.1, heads: { predictor, anchor: '4min' } }))

/** Whether price is on a threshold but for the last bits of its cents: it has then reached it live, and is masked in batch. */
const isOnThreshold = ({ distance }: Target): boolean =>
  THRESHOLDS.some((threshold) => Math.abs(distance - threshold) < 1e-8)

/** A target's intervals in the order of the surface. */
function intervalsOf({ intervals }: Target): (Interval | null)[] {
  if (intervals === null) return []
  const reach = intervals.time_to_threshold
  const sides = ['', '_break', '_bounce'] as const
  const cells = ([1, 2] as const).flatMap((t) =>
    sides.flatMap((side) => spec.horizons.map((horizon) => reach[`t${t}${side}`][String(horizon)] ?? null)),
  )
  return [...cells, intervals.p_tradeable_2, intervals.p_break_given_tradeable]
}

/** What batch serves of touches of round levels that were followed live, by their names; NaN for missing. */
function batchOf(kind: 'law' | 'heads'): Map<string, number[]> {
  const predictions = predicted(kind)
  const rows = locate(signals.table, predictions)
  const served = serveTable({ signals, predictions }, () => [])
  const [starts, kinds] = [timesOf(signals.table, 'ts_ns'), stringsOf(signals.table, 'level_kind_name')]
  const prices = numbersOf(signals.table, 'level_price')
  const names = new Map<string, number[]>()
  for (const [i, row] of rows.entries()) {
    if (kinds[row] !== 'ROUND') continue
    names.set(
      `${starts[row]} ${prices[row]?.toFixed(2)}`,
      NAMES.map((name) => served.get(name)?.[i] ?? Number.NaN),
    )
  }
  return names
}

describe('a set with a law', () => {
  test.each([
    ['law', byLaw],
    ['heads', byHeads],
  ] as const)('that serves its %s has at the anchor the numbers of batch, to the bit', (kind, live) => {
    const batch = batchOf(kind)
    let compared = 0
    for (const [name, { atAnchor: target }] of live) {
      const expected = batch.get(name)
      if (expected === undefined || isOnThreshold(target)) continue
      expect(target).toMatchObject({ source: kind, condition: 'since_touch', row_basis: 'confirmation', error: null })
      expect(surfaceOf(target)).toEqual(expected)
      compared++
    }
    expect(compared).toBeGreaterThan(30)
  })

  test('that serves its heads publishes their intervals at the anchor, to the bit those of batch', () => {
    const batch = batchOf('heads')
    const compared = { own: 0, wider: 0, outside: 0 }
    for (const [name, { atAnchor: target }] of byHeads) {
      const served = batch.get(name)
      const ofLaw = byLaw.get(name)?.atAnchor
      if (served === undefined || ofLaw === undefined || isOnThreshold(target)) continue
      expect(target.intervals_missing).toBeNull()
      const live = intervalsOf(target)
      const columns = new Map(NAMES.map((head, h) => [head, Float64Array.of(served[h] ?? Number.NaN)]))
      const { low, high } = headIntervals(columns, sure)
      const isOwn = NAMES.map(
        (head, h) => set.bundles.has(head) && surfaceOf(ofLaw)[h] !== 1 && ofLaw.p_tradeable_2 !== 1,
      )
      const outward = NAMES.map((head): Interval => {
        const [from, to] = [low.get(head)?.[0] ?? Number.NaN, high.get(head)?.[0] ?? Number.NaN]
        return [Math.max(0, Math.floor(from * 1e4) / 1e4), Math.min(1, Math.ceil(to * 1e4) / 1e4)]
      })
      const only = <T>(values: readonly T[]): readonly T[] => values.filter((_, h) => isOwn[h])
      expect(only(live)).toEqual(only(outward))
      compared.own += only(live).length
      compared.wider += only(outward).filter(([from, to]) => to - from > 0.011).length
      // What the law answers has an interval too.
      compared.outside += NAMES.filter((_, h) => {
        const [p, range] = [served[h] ?? Number.NaN, live[h]]
        return !Number.isNaN(p) && !(range != null && range[0] <= p && p <= range[1])
      }).length
      const [left, given] = [target.intervals?.p_tradeable_2, target.intervals?.p_break_given_tradeable]
      expect(target.intervals?.p_break?.[0]).toBeGreaterThanOrEqual((left?.[0] ?? 0) * (given?.[0] ?? 0) - 1e-4)
      expect(target.p_break_interval).toEqual(target.intervals?.p_break)
    }
    expect(compared.outside).toBe(0)
    expect(compared.own).toBeGreaterThan(500)
    expect(compared.wider).toBeGreaterThan(300)
  })

  test('whose heads answer alone has their intervals too, to the bit those of batch, and strength its own', () => {
    const rows = 50
    const next = uniforms(3)
    const inputs = Float32Array.from({ length: rows * predictor.width }, () => 20 * next() - 10)
    const size = predictor.heads.length * rows
    const out = { values: new Float64Array(size), low: new Float64Array(size), high: new Float64Array(size) }
    predictor.predict(inputs, rows, out)
    const column = (values: Float64Array, h: number): Float64Array => values.slice(h * rows, (h + 1) * rows)
    const columns = new Map(predictor.heads.map((head, h) => [head, column(out.values, h)]))
    const { low, high } = headIntervals(columns, sure)
    const binary = [...predictor.heads.entries()].filter(([, head]) => !head.startsWith('strength'))
    expect(binary.length).toBeGreaterThan(15)
    for (const [h, head] of binary) {
      expect([column(out.low, h), column(out.high, h)]).toEqual([low.get(head), high.get(head)])
      expect([...column(out.low, h), ...column(out.high, h)].every((end) => end >= 0 && end <= 1)).toBe(true)
    }
  })

  test('that was trained before heads said how sure they are publishes that it does not know', () => {
    const before = bundlePredictor(set.bundles, emptyReport())
    const seen = follow(pathForecaster(law, { touchBand: 0.1, heads: { predictor: before, anchor: '4min' } }))
    expect(seen.size).toBe(byHeads.size)
    for (const { atAnchor: target, after } of seen.values()) {
      if (target.p_tradeable_2 === 1) continue
      expect([target.intervals_missing, target.intervals?.p_tradeable_2 ?? null]).toEqual(['not_recorded', null])
      expect(after.intervals_missing).toBeNull()
    }
  })

  test('serves the law at every other moment, whatever it chose', () => {
    expect(byHeads.size).toBe(byLaw.size)
    let changed = 0
    for (const [name, { atAnchor: target, after }] of byHeads) {
      const other = byLaw.get(name)
      expect(after).toEqual(other?.after)
      expect(after.source).toBe('law')
      // Extremes and strength are of the law at the anchor too.
      expect(target.expected_extremes).toEqual(other?.atAnchor.expected_extremes)
      changed += Number(target.p_break !== other?.atAnchor.p_break)
    }
    expect(changed).toBeGreaterThan(0.8 * byHeads.size)
  })
})
