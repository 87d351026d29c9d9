import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSignals, newYorkCalendar, signalColumns } from '@breakwater/features'
import type { Bars, Column, Table } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { barsOf, filterBars, randomNumbers, rowsOf, walk } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'
import { numbers, plain, times, words } from './tables.ts'

const EXTENDED = join(import.meta.dirname, '../../../../shared/data/spy_1m_ext_2024/SPY_1min.csv')
const DATES = ['2024-03-06', '2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12', '2024-03-13']
const calendar = newYorkCalendar()

const features = signalColumns.filter(({ knownAfterS }) => knownAfterS !== null)
const knownAtOnce = features.filter(({ knownAfterS, name }) => knownAfterS === 0 && !name.startsWith('confirm_ts_ns'))

type Row = ReadonlyMap<string, unknown>

function rowsById(table: Table, columns: readonly { readonly name: string }[]): Map<string, Row> {
  const values = columns.map(({ name }) => [name, plain(table.columns[name])] as const)
  const ids = plain(table.columns['event_id'])
  return new Map(ids.map((id, i) => [String(id), new Map(values.map(([name, column]) => [name, column[i]]))]))
}

/** Every numeric physics column of every touch of `table`, so that what is derived from them is not missing. */
function physicsOf(table: Table): Table {
  const ts = table.columns['ts_ns']
  const price = table.columns['level_price']
  if (ts?.type !== 'time' || price?.type !== 'number') throw new Error('not a signals table')
  const random = randomNumbers(7)
  const kept = new Map<string, number>()
  for (let i = 0; i < table.rows; i++) kept.set(`${ts.values[i]} ${price.values[i]?.toFixed(2)}`, i)
  const rows = [...kept.values()]
  const noise = (): ReturnType<typeof numbers> => numbers(rows.map(() => random() - 0.5))
  const names = 'barrier_delta_liq wall_ratio tape_imbalance tape_velocity gamma_exposure gamma_flow_accel_3m'.split(
    ' ',
  )
  return {
    rows: rows.length,
    columns: {
      ts_ns: times(rows.map((i) => ts.values[i] ?? 0n)),
      level_price: numbers(rows.map((i) => price.values[i] ?? 0)),
      barrier_state: words(rows.map(() => (random() < 0.5 ? 'WALL' : 'NEUTRAL'))),
      ...Object.fromEntries(names.map((name) => [name, noise()])),
    },
  }
}

/** Rows evenly spaced over time, `perKind` of each kind of level. */
function sample(rows: ReadonlyMap<string, Row>, perKind: number): [string, Row][] {
  const kinds = new Set([...rows.values()].map((row) => row.get('level_kind_name')))
  return [...kinds].flatMap((kind) => {
    const group = [...rows].filter(([, row]) => row.get('level_kind_name') === kind)
    const every = Math.ceil(group.length / perKind)
    return group.filter((_, i) => i % every === Math.floor(every / 2))
  })
}

/** The bars of the session of `ts` and the three before it, up to and including the bar at `ts`. */
function barsUntil(bars: Bars, ts: bigint): Bars {
  let date = calendar.dateOf(ts)
  for (let back = 0; back < 3; back++) date = calendar.previousSession(date).date
  const start = calendar.sessionOf(date)?.preOpenNs ?? 0n
  const [from, to] = [bars.ts.findIndex((at) => at >= start), bars.ts.indexOf(ts) + 1]
  const part = (values: Float64Array): Float64Array => values.subarray(from, to)
  return {
    rows: to - from,
    ts: bars.ts.subarray(from, to),
    open: part(bars.open),
    high: part(bars.high),
    low: part(bars.low),
    close: part(bars.close),
    volume: part(bars.volume),
  }
}

function touchTime(row: Row): bigint {
  const ts = row.get('ts_ns')
  return typeof ts === 'bigint' ? ts : 0n
}

/** The last bar replaced by another with the same open that still touches the level. */
function withOtherTouchBar(bars: Bars, price: number): Bars {
  const rows = rowsOf(bars)
  const touch = rows.at(-1)
  if (touch === undefined) return bars
  const [ts, open] = touch
  const close = Math.round((price - 0.13) * 100) / 100
  const other: BarRow = [ts, open, Math.max(open, close, price) + 3.33, Math.min(open, close) - 2.22, close, 98_765]
  return barsOf([...rows.slice(0, -1), other])
}

function valueAt(column: Column | undefined, row: number): unknown {
  return column?.type === 'string' ? (column.dictionary[column.codes[row] ?? -1] ?? null) : column?.values[row]
}

/** Columns of which the row `id` of a table built again holds another value than `row`. */
function differences(again: Table, id: string, row: Row, columns: typeof features): string[] {
  const ids = again.columns['event_id']
  const index = ids?.type === 'string' ? ids.codes.lastIndexOf(ids.dictionary.indexOf(id)) : -1
  if (index < 0) return [`${id} is gone`]
  const changed = columns.filter(({ name }) => !Object.is(valueAt(again.columns[name], index), row.get(name)))
  return changed.map(({ name }) => `${name} of ${id}`)
}

/** Builds sampled touches again from bars cut at the touch, then with another touch bar; what differs, and how many. */
function replay(bars: Bars, perKind: number): { readonly replayed: number; readonly changed: readonly string[] } {
  const physics = physicsOf(buildSignals(bars).table)
  const all = rowsById(buildSignals(bars, { physics }).table, features)
  const cut = sample(all, perKind).map(([id, row]) => {
    const again = buildSignals(barsUntil(bars, touchTime(row)), { physics })
    return differences(again.table, id, row, features)
  })
  const swapped = sample(all, 1).map(([id, row]) => {
    const other = withOtherTouchBar(barsUntil(bars, touchTime(row)), Number(row.get('level_price')))
    return differences(buildSignals(other, { physics }).table, id, row, knownAtOnce)
  })
  return { replayed: cut.length, changed: [...cut, ...swapped].flat() }
}

describe('cutting the bars when a feature is known does not change one bit of it', () => {
  test('on a random walk over six sessions, and for what is known at once not even another touch bar does', () => {
    const { replayed, changed } = replay(walk({ dates: DATES, seed: 21 }), 3)
    expect(changed).toEqual([])
    expect(replayed).toBeGreaterThan(20)
  })

  test('on a random walk without pre-market and with many absent minutes', () => {
    const { replayed, changed } = replay(walk({ dates: DATES, seed: 22, preMarketMinutes: 0, absent: 0.4 }), 2)
    expect(changed).toEqual([])
    expect(replayed).toBeGreaterThan(12)
  })

  test.skipIf(!existsSync(EXTENDED))('on real bars of ten sessions (skipped where they are absent)', async () => {
    const { bars } = await readBars(EXTENDED)
    const end = calendar.sessionOf('2024-03-15')?.afterCloseNs ?? 0n
    const start = calendar.sessionOf('2024-03-04')?.preOpenNs ?? 0n
    const cut = filterBars(bars, ([ts]) => ts >= start && ts < end)
    const { replayed, changed } = replay(cut, 2)
    expect(changed).toEqual([])
    expect(replayed).toBeGreaterThan(12)
  })

  test('and the replay does notice columns that look ahead: the labels', () => {
    const bars = walk({ dates: DATES.slice(0, 2), seed: 23 })
    const labels = signalColumns.filter(({ knownAfterS }) => knownAfterS === null)
    const [id = '', row] = [...rowsById(buildSignals(bars).table, signalColumns)].at(-400) ?? []
    const cut = buildSignals(barsUntil(bars, touchTime(row ?? new Map()))).table
    const changed = differences(cut, id, row ?? new Map(), labels)
    const leaking = ['outcome', 'anchor_spot_2min', 'excursion_max', 'window_s_8min'].map((name) => `${name} of ${id}`)
    expect(changed).toEqual(expect.arrayContaining(leaking))
  })
})

describe('a session', () => {
  test('depends on nothing before its three prior trading days', () => {
    const bars = walk({ dates: DATES, seed: 24 })
    const late = buildSignals(filterBars(bars, ([ts]) => calendar.dateOf(ts) > '2024-03-07'))
    const whole = buildSignals(bars).table
    const last = [...rowsById(late.table, signalColumns)].filter(([, row]) => row.get('date') === '2024-03-13')
    expect(last.length).toBeGreaterThan(100)
    expect(last.flatMap(([id, row]) => differences(whole, id, row, features))).toEqual([])
  })

  test('gives the same table to the bit when it is built again', () => {
    const bars = walk({ dates: DATES.slice(0, 3), seed: 25 })
    expect(buildSignals(bars)).toEqual(buildSignals(bars))
  })
})
