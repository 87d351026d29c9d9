import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bars,
  barOf,
  buildSignals,
  createLiveFeatures,
  fitEncoder,
  type LiveFeatures,
  newYorkCalendar,
  numbersOf,
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
  type GrowingNeighbours,
  neighbourIndex,
  planFit,
  SETTINGS_KEY,
  tableAtAnchor,
} from '@breakwater/models'
import { createTouchFile, readTouches, readTouchFile } from '@breakwater/models/node'
import { createSearcher, type RetrievalIndex, toPayload } from '@breakwater/retrieval'
import { afterAll, describe, expect, test } from 'vitest'
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

const folder = mkdtempSync(join(tmpdir(), 'breakwater-grower-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  readonly live: LiveFeatures
  readonly grower: ReturnType<typeof createIndexGrower>
  readonly index: GrowingNeighbours
  /** Resolves when the file holds what was learned. */
  readonly settle: () => Promise<void>
}

const fail = (message: string): never => {
  throw new Error(message)
}

/** What a process starts with after `bars` bars: the saved index, the bars as history, and the touches that a file keeps. */
async function started(path: string, bars: number, index = growing()): Promise<Started> {
  const live = createLiveFeatures(SETTINGS)
  for (let i = 0; i < bars; i++) live.push(barOf(session, i))
  const madeFor = { index: 'the first' }
  const { state, fault, canGrow } = readTouches(await readTouchFile(path, fail), madeFor, 'the file')
  if (fault !== null) fail(fault)
  const file = createTouchFile({ path, base: madeFor, canGrow, state: () => grower.state, onTrouble: fail })
  const grower = createIndexGrower({
    rows: live,
    signals: made.settings,
    timeframe: ANCHOR,
    indexes: [index],
    onChange: (events) => file.write(events),
  })
  if (bars > 0) grower.learn((session.ts[bars - 1] ?? 0n) + MINUTE_NS)
  grower.restore(state)
  return { live, grower, index, settle: () => file.settle() }
}

/**
 * Replays the live sessions bar by bar: every touch is confirmed at its anchor, and asks about itself then. Before the bars of `restarts` the
 * process is another one, which has the file alone, or not even that.
 */
async function replay(
  saved: GrowingNeighbours,
  restarts: readonly number[] = [],
  isKept = true,
): Promise<{ asked: Asked[]; counts: ReturnType<typeof createIndexGrower>['counts'] }> {
  const path = join(mkdtempSync(join(folder, 'replay-')), 'touches.log')
  let { live, grower, index, settle } = await started(path, 0, saved)
  const kinds = stringsOf(table, 'level_kind_name')
  const prices = numbersOf(table, 'level_price')
  const signs = stringsOf(table, 'direction').map((word) => signOf(word))
  const spots = numbersOf(table, 'anchor_spot')
  const touchRows = new Map<number, ReturnType<typeof live.touched>>()
  const asked: Asked[] = []
  for (let i = 0; i < session.rows; i++) {
    if (restarts.includes(i)) {
      await settle()
      if (!isKept) rmSync(path, { force: true })
      ;({ live, grower, index, settle } = await started(path, i))
    }
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
  await settle()
  return { asked, counts: grower.counts }
}

describe('an index that grows live', () => {
  test('gives at every confirmation the neighbours of an index built in batch of what was known by then', async () => {
    const index = growing()
    const { asked, counts } = await replay(index)
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

  test('is the same when it is replayed again, also by processes that ended and began again from their file', async () => {
    const [one, other] = [growing(), growing()]
    const again = await replay(one)
    // In the warm-up of the live sessions, within both of them, between them, and bar after bar.
    const opened = session.ts.findIndex((ns) => calendar.dateOf(ns) === LIVE[0])
    const next = session.ts.findIndex((ns) => calendar.dateOf(ns) === LIVE[1])
    const restarts = [opened - 10, opened + 60, opened + 61, opened + 62, opened + 220, next, next + 100, next + 301]
    const { asked, counts } = await replay(other, restarts)
    expect(asked).toEqual(again.asked)
    expect(counts).toMatchObject({ waiting: again.counts.waiting, resolved: again.counts.resolved, refused: 0 })
    // Not so without a file.
    expect((await replay(growing(), restarts, false)).asked).not.toEqual(again.asked)
  }, 120_000)
})
