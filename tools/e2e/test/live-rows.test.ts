import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSignals, createLiveFeatures, newYorkCalendar, signalColumns } from '@breakwater/features'
import type { Bars, Column, MinuteBar, RowValues, Table } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { createViewport } from '@breakwater/viewport'
import type { Predictor, Target } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'

const EXTENDED = join(import.meta.dirname, '../../../../shared/data/spy_1m_ext_2024/SPY_1min.csv')
const MINUTE_NS = 60_000_000_000n
const FIRST = '2024-03-04'
const REPLAYED = '2024-03-07'
const LAST = '2024-03-11'
/** The same readings at every touch. */
const PHYSICS = {
  tape_imbalance: 0.4,
  tape_velocity: -1.5,
  wall_ratio: 0.7,
  barrier_delta_liq: -120,
  gamma_exposure: -40_000,
  gamma_flow_accel_3m: 9000,
  barrier_state: 'WALL',
  fuel_effect: 'AMPLIFY',
}
const calendar = newYorkCalendar()
const known = signalColumns.filter(({ knownAfterS }) => knownAfterS !== null)

function barsBetween(bars: Bars, first: string, last: string): Bars {
  const start = calendar.sessionOf(first)?.preOpenNs ?? 0n
  const end = calendar.sessionOf(last)?.closeNs ?? 0n
  const [from, to] = [bars.ts.findIndex((ts) => ts >= start), bars.ts.findIndex((ts) => ts >= end)]
  const cut = (values: Float64Array): Float64Array => values.subarray(from, to)
  const { open, high, low, close, volume } = bars
  return {
    rows: to - from,
    ts: bars.ts.subarray(from, to),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
}

/** The table's rows by event id, with the same physics at every touch. */
function tableRows(bars: Bars): Map<string, Record<string, unknown>> {
  const ts = BigInt64Array.from(bars.ts)
  const word = (value: string): Column => ({ type: 'string', codes: new Int32Array(bars.rows), dictionary: [value] })
  const columns = Object.entries(PHYSICS).map(([name, value]): [string, Column] => [
    name,
    typeof value === 'string' ? word(value) : { type: 'number', values: new Float64Array(bars.rows).fill(value) },
  ])
  const physics: Table = {
    rows: bars.rows,
    columns: { ts_ns: { type: 'time', values: ts }, ...Object.fromEntries(columns) },
  }
  const { table } = buildSignals(bars, { physics })
  const plain = known.map(({ name }) => [name, valuesOf(table.columns[name])] as const)
  return new Map(
    Array.from({ length: table.rows }, (_, row) => {
      const values = Object.fromEntries(plain.map(([name, column]) => [name, column[row]]))
      return [String(values['event_id']), values]
    }),
  )
}

function valuesOf(column: Column | undefined): unknown[] {
  if (column === undefined) return []
  return column.type === 'string'
    ? Array.from(column.codes, (code) => column.dictionary[code] ?? null)
    : [...column.values]
}

/** Live features, and which of the rows that they gave are of touches: the others suppose one. */
function markedFeatures(): { readonly live: LiveFeatures; readonly isTouch: (row: RowValues) => boolean } {
  const live = createLiveFeatures()
  const ofTouches = new WeakSet<RowValues>()
  const touched: LiveFeatures['touched'] = (...args) => {
    const row = live.touched(...args)
    if (row === null) return null
    const values: typeof row.values = (...readings) => {
      const made = row.values(...readings)
      ofTouches.add(made)
      return made
    }
    return Object.assign(Object.create(row) as typeof row, { values })
  }
  return { live: Object.assign(Object.create(live) as LiveFeatures, { touched }), isTouch: (row) => ofTouches.has(row) }
}

/** A predictor that keeps the rows it is shown, as far as they are `wanted`, and answers one half. */
function recorder(wanted: (row: RowValues) => boolean): Predictor & { readonly rows: RowValues[] } {
  const rows: RowValues[] = []
  return {
    rows,
    heads: ['direction', 'tradeable_2'],
    width: 1,
    encode: (row) => void (wanted(row) && rows.push({ ...row })),
    predict: (_, count, { values }) => void values.fill(0.5, 0, 2 * count),
  }
}

/** Spot at four times within a bar. */
function path({ open, high, low, close }: MinuteBar): readonly number[] {
  return high - open < open - low ? [open, high, low, close] : [open, low, high, close]
}

type LiveFeatures = ReturnType<typeof createLiveFeatures>

interface ReplayOutput {
  /** Rows of touches that stage A scored, and rows that stage B scored. */
  readonly a: readonly RowValues[]
  readonly b: readonly RowValues[]
  readonly confirmed: readonly Target[]
}

/** Replays regular sessions from `REPLAYED` on, four ticks per minute, every level of the live features pinned or near. */
function replay(bars: Bars): ReplayOutput {
  const { live, isTouch } = markedFeatures()
  const [a, b] = [recorder(isTouch), recorder(() => true)]
  const models = { stage_a: { predictor: a, neighbours: null }, stage_b: { predictor: b, neighbours: null } }
  const viewport = createViewport({ models, rows: live, mostTargets: 30 })
  const confirmed: Target[] = []
  let ended: MinuteBar[] = []
  for (let i = 0; i < bars.rows; i++) {
    const ns = bars.ts[i] ?? 0n
    const at = (column: Float64Array): number => column[i] ?? Number.NaN
    const bar = {
      minute: Number(ns / MINUTE_NS),
      open: at(bars.open),
      high: at(bars.high),
      low: at(bars.low),
      close: at(bars.close),
      volume: at(bars.volume),
    }
    const session = calendar.sessionOf(calendar.dateOf(ns))
    if (session !== null && session.date >= REPLAYED && ns >= session.openNs && ns < session.closeNs) {
      for (const [quarter, spot] of path(bar).entries()) {
        // The first tick pushes the ended bars, after which the levels are those of this minute.
        const tsNs = ns + BigInt(quarter) * 15_000_000_000n
        if (quarter === 0) viewport.tick({ tsNs, spot, bid: null, ask: null, levels: [], bars: ended.splice(0) })
        const levels = live
          .levels(tsNs, 3)
          .map(({ kind, price }) => ({ id: `${kind} ${price}`, kind, price, physics: PHYSICS }))
        const { targets } = viewport.tick({ tsNs, spot, bid: null, ask: null, levels })
        confirmed.push(...targets.filter(({ viewport_state: state }) => state === 'CONFIRMATION'))
      }
    }
    ended = [...ended, bar]
  }
  return { a: a.rows, b: b.rows, confirmed }
}

function differing(row: RowValues, expected: Record<string, unknown>, columns: typeof known): string[] {
  return columns.filter(({ name }) => !Object.is(row[name], expected[name])).map(({ name }) => name)
}

describe.skipIf(!existsSync(EXTENDED))(
  'a replay of real bars through the viewport (skipped where they are absent)',
  () => {
    test('shows the models at confirmation the rows that the table has, to the bit', async () => {
      const bars = barsBetween((await readBars(EXTENDED)).bars, FIRST, LAST)
      const table = tableRows(bars)
      const { a, b, confirmed } = replay(bars)
      const wrong = b.flatMap((row) => {
        const expected = table.get(String(row['event_id']))
        return expected === undefined ? [] : differing(row, expected, known)
      })
      expect([...new Set(wrong)]).toEqual([])
      const found = b.filter((row) => table.has(String(row['event_id'])))
      // The others are touches between the bars' closes that the table, which looks at closes, does not count.
      expect(found.length / b.length).toBeGreaterThan(0.6)
      expect(found.length).toBeGreaterThan(150)
      expect(confirmed.every(({ row_basis: basis, stage }) => basis === 'confirmation' && stage === 'stage_b')).toBe(
        true,
      )

      const knownBy60 = known.filter(({ knownAfterS }) => (knownAfterS ?? Infinity) <= 60)
      const early = a.filter((row) => table.has(String(row['event_id'])) && row['barrier_state'] === null)
      expect(early.length).toBeGreaterThan(150)
      expect(early.flatMap((row) => differing(row, table.get(String(row['event_id'])) ?? {}, knownBy60))).toEqual([])
    }, 300_000)
  },
)
