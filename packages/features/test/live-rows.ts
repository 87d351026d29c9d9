import { createLiveFeatures, newYorkCalendar, signalColumns } from '@breakwater/features'
import type {
  Bars,
  LiveFeatures,
  LiveFeaturesOptions,
  LivePhysics,
  MinuteBar,
  RowValues,
  Table,
} from '@breakwater/features'
import { rowsOf } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const MINUTE_NS = 60_000_000_000n
const calendar = newYorkCalendar()

/** Columns of the signals table that are known at some time after the touch: all but the labels. */
export const knownColumns = signalColumns.filter(({ knownAfterS }) => knownAfterS !== null)

/** A bar as the live features take it. */
export function minuteBar([ts, open, high, low, close, volume]: BarRow): MinuteBar {
  return { minute: Number(ts / MINUTE_NS), open, high, low, close, volume }
}

/** A row of a table as plain values by column. */
export type PlainRow = Readonly<Record<string, unknown>>

/** The rows of a table as plain values, physics columns included. */
export function plainRows(table: Table): PlainRow[] {
  const columns = knownColumns.map(({ name }) => [name, plain(table.columns[name])] as const)
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  )
}

/** The rows of a table by touch minute. */
export function rowsByMinute(rows: readonly PlainRow[]): Map<number, PlainRow[]> {
  const byMinute = new Map<number, PlainRow[]>()
  for (const row of rows) {
    const minute = Number((row['ts_ns'] as bigint) / MINUTE_NS)
    byMinute.set(minute, [...(byMinute.get(minute) ?? []), row])
  }
  return byMinute
}

/** Columns of which a live row holds another value than `expected`: the same bits, or both missing words. */
export function differing(live: RowValues, expected: PlainRow, columns: typeof knownColumns): string[] {
  return columns.filter(({ name }) => !Object.is(live[name], expected[name])).map(({ name }) => name)
}

/** Pushes every bar that has begun by the close of its session; calls back after each. */
export function pushAll(bars: Bars, live: LiveFeatures, after: (bar: MinuteBar) => void): void {
  for (const row of rowsOf(bars)) {
    const bar = minuteBar(row)
    live.push(bar)
    after(bar)
  }
}

/** Live features with the default settings. */
export function newLive(options: LiveFeaturesOptions = {}): LiveFeatures {
  return createLiveFeatures({ ...options, calendar })
}

/** The physics of a row, as a snapshot would bring it. */
export function physicsIn(row: PlainRow): LivePhysics {
  return row as LivePhysics
}
