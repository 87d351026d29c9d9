import { type Bars, type FeatureSpec, newYorkCalendar, stringsOf, type Table, timesOf } from '@breakwater/features'
import type { AuditFinding } from './finding.ts'
import { evenly } from './samples.ts'

/** What a replay needs. */
export interface ReplayRequest {
  readonly table: Table
  readonly features: readonly FeatureSpec[]
  readonly bars: Bars
  /** Signals of bars, with the settings of the table's own. */
  readonly build: (bars: Bars) => Table
  /** Trading days before a session that its rows depend on. */
  readonly warmupSessions: number
  /** Points of time at which history is cut off; default 8. */
  readonly cuts?: number
}

/** What came of a replay. */
export interface Replay {
  readonly findings: readonly AuditFinding[]
  readonly cuts: number
  /** Values that were compared. */
  readonly values: number
}

const NS_PER_SECOND = 1_000_000_000n
const BAR_NS = 60n * NS_PER_SECOND

interface Mismatch {
  rows: number
  /** Of these, rows whose file agrees with bars that go on. */
  ahead: number
  example: string
}

/**
 * Builds the signals again from bars that end at some points of time and compares every feature that was known by then with the
 * table's. A value that only bars which go on give has looked ahead; one that neither gives was not made from
 * these bars and settings. Cuts lie at touches, evenly spaced over the rows. Columns that `build` does not make are not compared.
 */
export function replayHistory({ table, features, bars, build, warmupSessions, cuts = 8 }: ReplayRequest): Replay {
  const ids = stringsOf(table, 'event_id')
  const starts = timesOf(table, 'ts_ns')
  const byId = new Map(Array.from(ids, (id, row) => [id, row]))
  const latest = Math.max(0, ...features.map(({ knownAfterS = 0 }) => knownAfterS))
  const rows = evenly([...Array.from({ length: table.rows }).keys()], cuts + 1).slice(1)
  const days = barDays(bars)
  const mismatches = new Map<string, Mismatch>()
  let values = 0
  for (const row of rows) {
    const cut = (starts[row] as bigint) + BigInt(latest) * NS_PER_SECOND
    const day = days.findIndex(
      ({ from, to }) => cut >= (bars.ts[from] as bigint) && cut <= (bars.ts[to - 1] as bigint) + BAR_NS,
    )
    if (day < 0) continue
    const from = days[Math.max(0, day - warmupSessions)]?.from ?? 0
    const to = days[day]?.to ?? 0
    const ended = firstAtLeast(bars.ts, cut - BAR_NS + 1n)
    const past = build(sliceBars(bars, from, Math.min(to, ended)))
    const whole = build(sliceBars(bars, from, to))
    const wholeById = new Map(Array.from(stringsOf(whole, 'event_id'), (id, at) => [id, at]))
    const times = timesOf(past, 'ts_ns')
    const dayStart = bars.ts[days[day]?.from ?? 0] as bigint
    for (const [at, id] of stringsOf(past, 'event_id').entries()) {
      const own = byId.get(id)
      if (own === undefined || (times[at] as bigint) < dayStart) continue
      for (const { name, knownAfterS = 0 } of features) {
        if ((times[at] as bigint) + BigInt(knownAfterS) * NS_PER_SECOND > cut) continue
        if (!(name in past.columns) || !(name in table.columns)) continue
        values++
        const stored = cellOf(table, name, own)
        if (same(stored, cellOf(past, name, at))) continue
        const full = wholeById.get(id)
        const isAhead = full !== undefined && same(stored, cellOf(whole, name, full))
        const mismatch = mismatches.get(name) ?? { rows: 0, ahead: 0, example: '' }
        mismatch.rows++
        if (isAhead) mismatch.ahead++
        mismatch.example ||= `${id}: ${stored} in the file, ${cellOf(past, name, at)} from bars up to then`
        mismatches.set(name, mismatch)
      }
    }
  }
  return {
    findings: [...mismatches].map(([column, mismatch]) => findingOf(column, mismatch)),
    cuts: rows.length,
    values,
  }
}

function findingOf(column: string, { rows, ahead, example }: Mismatch): AuditFinding {
  const isAhead = ahead > 0
  return {
    check: 'replay',
    column,
    severity: 'leak',
    statement: isAhead
      ? `${ahead} of its values need bars that had not ended when it is said to be known; ${example}`
      : `${rows} of its values are not what these bars give, with or without later ones; ${example}`,
    fix: isAhead
      ? 'Compute the column from bars that had ended, or raise its known_after_s.'
      : 'Make the signals again from these bars with the same settings, or name the bars that they were made from.',
    rows,
  }
}

/** Ranges of bars by calendar day of New York. */
function barDays(bars: Bars): { readonly from: number; readonly to: number }[] {
  const calendar = newYorkCalendar()
  const days: { from: number; to: number; date: string }[] = []
  for (const [row, ns] of bars.ts.entries()) {
    const date = calendar.dateOf(ns)
    const last = days.at(-1)
    if (last?.date === date) last.to = row + 1
    else days.push({ from: row, to: row + 1, date })
  }
  return days
}

function firstAtLeast(times: BigInt64Array, wanted: bigint): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as bigint) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

function sliceBars(bars: Bars, from: number, to: number): Bars {
  return {
    ...bars,
    rows: to - from,
    ts: bars.ts.slice(from, to),
    open: bars.open.slice(from, to),
    high: bars.high.slice(from, to),
    low: bars.low.slice(from, to),
    close: bars.close.slice(from, to),
    volume: bars.volume.slice(from, to),
  }
}

function cellOf(table: Table, name: string, row: number): number | string | null {
  const column = table.columns[name]
  if (column === undefined || column.type === 'time') return null
  if (column.type === 'number') return column.values[row] as number
  return column.dictionary[column.codes[row] as number] ?? null
}

/** Equal to rounding, both missing included: files may hold numbers of 32 bits. */
function same(a: number | string | null, b: number | string | null): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b))
}
