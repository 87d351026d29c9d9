import {
  type Bars,
  barOf,
  buildSignals,
  createLiveFeatures,
  fitEncoder,
  newYorkCalendar,
  numbersOf,
  type Outcome,
  type RowValues,
  signOf,
  stringsOf,
  timesOf,
} from '@breakwater/features'
import {
  createIndexGrower,
  describeSignals,
  emptyCounts,
  fitOnRows,
  type GrowerInput,
  type GrowingNeighbours,
  type IndexGrower,
  neighbourIndex,
  planFit,
  SETTINGS_KEY,
  tableAtAnchor,
} from '@breakwater/models'
import { createSearcher, type RetrievalIndex, toPayload } from '@breakwater/retrieval'
import { describe, expect, test } from 'vitest'
import { bars as sampleBars, DATES, REQUEST, SCHEMA } from './sample.ts'

const MINUTE_NS = 60_000_000_000n
const ANCHOR = '4min'
const RESOLVED_NS = 12n * MINUTE_NS
const DAYS = DATES.slice(0, 6)
const LIVE = DAYS.slice(4)
const HORIZONS = [60, 300]

/** Sessions without the volume that nothing here reads, one of them without a stretch of bars and without its last ones. */
function gappyBars(): Bars {
  const all = sampleBars(DAYS, 8)
  const first = 4 * 390
  const isKept = (i: number): boolean => !(i > first + 150 && i < first + 165) && !(i >= first + 380 && i < first + 390)
  const rows = Array.from({ length: all.rows }, (_, i) => i).filter(isKept)
  const take = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i] ?? Number.NaN)
  return {
    rows: rows.length,
    ts: BigInt64Array.from(rows, (i) => all.ts[i] ?? 0n),
    open: take(Float64Array.from(all.open)),
    high: take(Float64Array.from(all.high)),
    low: take(Float64Array.from(all.low)),
    close: take(Float64Array.from(all.close)),
    volume: take(Float64Array.from(all.volume)),
  }
}

const session = gappyBars()
const calendar = newYorkCalendar()
const SETTINGS = { thresholds: [0.4, 0.8] as const, warmupSessions: 0 }
const made = buildSignals(session, SETTINGS)
const signals = describeSignals({
  schema: SCHEMA,
  table: made.table,
  hash: 'grown',
  files: ['sample'],
  metadata: { [SETTINGS_KEY]: JSON.stringify(made.settings) },
})
const { table } = signals
const dates = stringsOf(table, 'date')
const start = timesOf(table, 'ts_ns')
const ids = stringsOf(table, 'event_id')
const plan = planFit(signals, {
  ...REQUEST,
  ablation: 'ta',
  plan: { folds: 1, testSessions: 1, valSessions: 1, embargoSessions: 0 },
})
const features = plan.sets[0]?.groups[0]?.features ?? []
const base = Uint8Array.from(dates, (date) => Number(!LIVE.includes(date)))
const encoder = fitEncoder(tableAtAnchor(features, table, ANCHOR), features, { rows: base })
const options = { k: 15, episodeCap: 2, anchor: ANCHOR } as const
const fitted = (mask: Uint8Array): ReturnType<typeof fitOnRows> =>
  fitOnRows({ signals, targets: plan.targets }, { encoder, mask }, options)
const { index: first, matrix } = fitted(base)

/** The index of a mask with the medians, scales and reference of the first. */
function batchIndex(mask: Uint8Array): RetrievalIndex {
  const { index } = fitted(mask)
  const { kept, median, mean, scale } = first.normaliser
  const vectors = new Float32Array(index.rows * kept.length)
  for (const [at, row] of index.stored.row.entries()) {
    for (const [i, c] of kept.entries()) {
      const value = matrix.values[c * matrix.rows + row] ?? Number.NaN
      vectors[at * kept.length + i] =
        ((Number.isNaN(value) ? (median[i] ?? 0) : value) - (mean[i] ?? 0)) / (scale[i] ?? 1)
    }
  }
  return { ...index, normaliser: first.normaliser, reference: first.reference, vectors }
}

const growing = (): GrowingNeighbours =>
  neighbourIndex(first, encoder, { horizons: HORIZONS, listed: 15, timeOf: String }, emptyCounts(), {
    anchor: ANCHOR,
    thresholds: SETTINGS.thresholds,
    lookforwardSeconds: signals.lookforwardSeconds,
  })

interface Asked {
  readonly row: RowValues
  readonly tsNs: bigint
  readonly answer: unknown
}

/** Replays the live sessions bar by bar: every touch is confirmed at its anchor, and asks about itself then. */
function replay(index: GrowingNeighbours): { asked: Asked[]; counts: ReturnType<typeof createIndexGrower>['counts'] } {
  const live = createLiveFeatures(SETTINGS)
  const grower = createIndexGrower({ rows: live, signals: made.settings, timeframe: ANCHOR, indexes: [index] })
  const kinds = stringsOf(table, 'level_kind_name')
  const prices = numbersOf(table, 'level_price')
  const signs = stringsOf(table, 'direction').map((word) => signOf(word))
  const spots = numbersOf(table, 'anchor_spot')
  const touchRows = new Map<number, ReturnType<typeof live.touched>>()
  const asked: Asked[] = []
  for (let i = 0; i < session.rows; i++) {
    live.push(barOf(session, i))
    const barNs = session.ts[i] ?? 0n
    const date = calendar.dateOf(barNs)
    if (!LIVE.includes(date)) continue
    const now = barNs + MINUTE_NS
    grower.learn(now)
    for (const [row, ns] of start.entries()) {
      if (ns === barNs) {
        const level = { kind: kinds[row] ?? '', price: prices[row] ?? 0 }
        touchRows.set(row, live.touched(level, ns, signs[row] === 1 ? 1 : -1))
      }
      const confirmNs = ns + 4n * MINUTE_NS
      if (dates[row] !== date || confirmNs > now || !touchRows.has(row)) continue
      const values = touchRows.get(row)?.values({}, 240, spots[row])
      touchRows.delete(row)
      if (values === undefined) throw new Error(`${ids[row]} has a live row`)
      grower.confirm({ ...values })
      asked.push({ row: { ...values }, tsNs: now, answer: index.query(values, confirmNs).summary })
    }
  }
  return { asked, counts: grower.counts }
}

describe('an index that grows live', () => {
  test('gives at every confirmation the neighbours of an index built in batch of what was known by then', () => {
    const index = growing()
    const { asked, counts } = replay(index)
    const live = new Set(ids.filter((_, row) => base[row] === 0))
    expect(asked.length).toBeGreaterThan(100)
    expect(counts.lost + counts.waiting + counts.resolved).toBe(asked.length)
    expect(index.added).toBe(counts.resolved)
    // The outcomes of the first day's last touches never became known: its last bars are absent.
    const lastNs = session.ts.findLast((ns) => calendar.dateOf(ns) === LIVE[0]) ?? 0n
    const isLost = (each: number): boolean =>
      dates[each] === LIVE[0] && (start[each] ?? 0n) + RESOLVED_NS > lastNs + MINUTE_NS
    expect(counts.lost).toBe(asked.filter(({ row }) => isLost(ids.indexOf(String(row['event_id'])))).length)
    expect(counts.lost).toBeGreaterThan(0)
    let later = 0
    for (const { row, tsNs, answer } of asked.filter((_, i) => i % 7 === 0)) {
      const at = ids.indexOf(String(row['event_id']))
      const asOf = (start[at] ?? 0n) + 4n * MINUTE_NS
      const known = Uint8Array.from(dates, (_, each) =>
        Number(base[each] === 1 || ((start[each] ?? 0n) + RESOLVED_NS <= tsNs && !isLost(each))),
      )
      later += known.filter((bit, each) => bit === 1 && base[each] === 0).length
      const searcher = createSearcher(batchIndex(known))
      const encoded = Float32Array.from(matrix.columns, (_, c) => matrix.values[c * matrix.rows + at] ?? Number.NaN)
      const summary = searcher.query(encoded, {
        asOf,
        horizons: HORIZONS,
        neighbours: true,
        filters: {
          levelKindName: String(row['level_kind_name']),
          direction: String(row['direction']),
          gammaBucket: null,
        },
      })
      const wanted = toPayload(summary)
      const { neighbours: _, ...figures } = answer as Record<string, unknown>
      expect(figures).toMatchObject(
        Object.fromEntries(Object.entries(wanted).filter(([name]) => name !== 'neighbours')),
      )
      const listed = (answer as { neighbours: { event_id: string; resolved_ns: string }[] }).neighbours
      expect(listed.map((one) => one.event_id)).toEqual(summary.neighbours?.map(({ eventId }) => eventId))
      // No outcome that was not known when it was asked.
      expect(listed.every((one) => BigInt(one.resolved_ns) <= asOf)).toBe(true)
    }
    // Touches of the live sessions have been neighbours.
    expect(later).toBeGreaterThan(100)
    const seen = asked.flatMap(({ answer }) =>
      (answer as { neighbours: { event_id: string }[] }).neighbours.map((one) => one.event_id),
    )
    expect(seen.filter((id) => live.has(id)).length).toBeGreaterThan(100)
  }, 120_000)

  test('is the same when it is replayed again', () => {
    const [one, other] = [growing(), growing()]
    const again = replay(one)
    expect(replay(other).asked).toEqual(again.asked)
  }, 120_000)
})

const OUTCOME: Outcome = { outcome: 'CHOP', numbers: {} as Outcome['numbers'] }
const row = (id: string, minute: number): RowValues => ({
  event_id: id,
  ts_ns: BigInt(minute) * MINUTE_NS,
  level_price: 500,
  direction: 'UP',
  date: '2024-03-12',
})
interface Given {
  readonly held: string[][]
  readonly index: GrowingNeighbours
}
const idOf = (each: RowValues): string => String(each['event_id'])
function recording(refuse: readonly string[] = []): Given {
  const held: string[][] = []
  return {
    held,
    index: {
      added: 0,
      query: () => ({ vote: { missing: 'none' }, summary: null }),
      add: (touches) => {
        const bad = touches.find((touch) => refuse.includes(idOf(touch.row)))
        if (bad !== undefined) throw new RangeError(`bad ${idOf(bad.row)}`)
        held.push(touches.map((touch) => idOf(touch.row)))
      },
      clear: () => {
        held.length = 0
      },
    },
  }
}
const at = (minute: number): bigint => BigInt(minute) * MINUTE_NS
const started = (index: GrowingNeighbours, live: GrowerInput['rows']): IndexGrower =>
  createIndexGrower({ rows: live, signals: { lookforward: 8 }, timeframe: ANCHOR, indexes: [index] })

describe('a grower', () => {
  test('waits for the end of the window, adds a touch once, and gives another index what it has', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    grower.confirm(row('b', 100))
    grower.confirm(row('a', 100))
    grower.confirm(row('a', 100))
    grower.learn(at(111))
    expect(held).toEqual([])
    live.version = 1
    grower.learn(at(112))
    expect(held).toEqual([['a', 'b']])
    grower.confirm(row('a', 100))
    live.version = 2
    grower.learn(at(113))
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 2, lost: 0 })
    const next = recording()
    grower.serve([next.index])
    expect(next.held).toEqual([['a', 'b']])
  })

  test('waits while the bars have not come, and gives up after an hour', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => null }
    const grower = started(index, live)
    grower.confirm(row('a', 100))
    for (const minute of [112, 130, 172, 173]) {
      live.version += 1
      grower.learn(at(minute))
    }
    expect(held).toEqual([])
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 0, lost: 1 })
  })

  test('takes back what was known after the time that the clock goes back to', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    for (const [i, minute] of [100, 105].entries()) grower.confirm(row(`touch ${i}`, minute))
    live.version = 1
    grower.learn(at(120))
    expect(held).toEqual([['touch 0', 'touch 1']])
    live.version = 2
    grower.learn(at(113))
    expect(held).toEqual([['touch 0']])
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 1 })
  })

  test('goes on without a touch that an index refuses', () => {
    const { held, index } = recording(['bad'])
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    for (const id of ['a', 'bad', 'c']) grower.confirm(row(id, 100))
    live.version = 1
    grower.learn(at(112))
    expect(held).toEqual([['a'], ['c']])
    expect(grower.counts).toMatchObject({ resolved: 3, refused: 1, lastRefusal: 'bad bad' })
  })
})
