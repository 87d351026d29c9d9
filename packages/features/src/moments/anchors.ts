import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import { anchorColumns, dollarsBeyond, hasAnchor } from '../labels/columns.ts'
import { numberColumn, numbersOf, stringColumn, timesOf } from '../table-columns.ts'
import type { Column, Table } from '../table.ts'
import { type Anchor, ANCHOR_SECONDS, ANCHORS } from '../vocabulary/anchors.ts'
import { MOMENT_NUMBERS } from './columns.ts'
import { MEAN_RANGE } from './ranges.ts'

/** Options of {@link anchorMoments}. */
export interface AnchorMomentOptions {
  /** Default: every anchor that the table has labels for. */
  readonly anchors?: readonly Anchor[]
  /** Length of the whole label window in seconds. Default 480. */
  readonly windowSeconds?: number
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
}

/** Moments of touches, whatever their sessions. */
export interface TouchMoments {
  /** By moment, the row of its touch in the signals. */
  readonly touchRows: Int32Array
  readonly table: Table
}

const SECOND_NS = 1_000_000_000n

const secondsIn = (ns: bigint): number => Number(ns / SECOND_NS)

/**
 * The anchors of touches as moments, from a table of signals alone, of the original layout as well: `moved` from `anchor_spot` and
 * `level_price`, `moved_atr` and `sigma_1m` from the touch's `atr`, the times from the calendar. Extremes, changes and
 * averages of ranges need bars (`touchMoments`) and are missing. Labels are those of the anchor. Touches whose anchor is not
 * within their session are left out. Rows are in order of anchor, then of the signals. Throws TypeError on an absent column.
 * Cost: rows x anchors.
 */
export function anchorMoments(signals: Table, options: AnchorMomentOptions = {}): TouchMoments {
  const { windowSeconds = 480, calendar = newYorkCalendar() } = options
  const anchors = options.anchors ?? ANCHORS.filter((anchor) => hasAnchor(signals, anchor))
  if (anchors.length === 0) throw new RangeError('features: anchors=[]: must name at least one anchor with labels.')
  const times = sessionTimes(signals, calendar)
  const parts = anchors.map((anchor) => {
    const rows = rowsWithin(times.left, ANCHOR_SECONDS[anchor])
    return { anchor, rows, labels: anchorColumns(signals, anchor, windowSeconds) }
  })
  const touchRows = Int32Array.from(parts.flatMap(({ rows }) => rows))
  const perRow = (name: string): Float64Array => take(numberColumn(signals, name).values, touchRows)
  const label = (name: string): Float64Array =>
    joined(parts.map(({ rows, labels }) => take(name === 'window_s' ? labels.window : labels.number(name), rows)))
  const elapsed = joined(parts.map(({ anchor, rows }) => new Float64Array(rows.length).fill(ANCHOR_SECONDS[anchor])))
  const moved = joined(
    parts.map(({ rows, labels }) => take(dollarsBeyond(signals, labels.number('anchor_spot')), rows)),
  )
  const atr = perRow('atr').map((value) => (value > 0 ? value : Number.NaN))
  const known: Readonly<Record<string, Float64Array>> = {
    elapsed_s: elapsed,
    moved,
    moved_atr: moved.map((value, i) => value / (atr[i] as number)),
    sigma_1m: atr.map((value) => value / MEAN_RANGE),
    since_open_s: elapsed.map((value, i) => (times.sinceOpen[touchRows[i] as number] as number) + value),
    left_s: elapsed.map((value, i) => (times.left[touchRows[i] as number] as number) - value),
  }
  const missing = new Float64Array(touchRows.length).fill(Number.NaN)
  const columns: Record<string, Column> = { ...keyColumns(signals, touchRows, elapsed) }
  for (const name of MOMENT_NUMBERS) columns[name] = { type: 'number', values: known[name] ?? missing }
  for (const name of LABELS) columns[name] = { type: 'number', values: label(name) }
  columns['time_to_touch'] = { type: 'number', values: missing }
  return { touchRows, table: { rows: touchRows.length, columns } }
}

const LABELS = [
  'window_s',
  'time_to_break_1',
  'time_to_bounce_1',
  'time_to_break_2',
  'time_to_bounce_2',
  'excursion_max',
  'excursion_min',
] as const

/** Seconds from the open to the start of each touch minute, and from there to the close; NaN outside the sessions. */
function sessionTimes(
  signals: Table,
  calendar: Calendar,
): { readonly sinceOpen: Float64Array; readonly left: Float64Array } {
  const starts = timesOf(signals, 'ts_ns')
  const sinceOpen = new Float64Array(starts.length).fill(Number.NaN)
  const left = new Float64Array(starts.length).fill(Number.NaN)
  for (const [row, ns] of starts.entries()) {
    const session = calendar.sessionOf(calendar.dateOf(ns))
    if (session === null) continue
    sinceOpen[row] = secondsIn(ns - session.openNs)
    left[row] = secondsIn(session.closeNs - ns)
  }
  return { sinceOpen, left }
}

/** Rows of which more than `seconds` of the session are left. */
function rowsWithin(left: Float64Array, seconds: number): number[] {
  return Array.from(left.keys()).filter((row) => (left[row] as number) > seconds)
}

function take(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (row) => values[row] as number)
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function keyColumns(signals: Table, rows: Int32Array, elapsed: Float64Array): Readonly<Record<string, Column>> {
  const starts = timesOf(signals, 'ts_ns')
  const words = (name: string): Column => {
    const { codes, dictionary } = stringColumn(signals, name)
    return { type: 'string', codes: Int32Array.from(rows, (row) => codes[row] as number), dictionary }
  }
  const start = BigInt64Array.from(rows, (row) => starts[row] as bigint)
  return {
    ts_ns: { type: 'time', values: start },
    moment_ts_ns: { type: 'time', values: start.map((ns, i) => ns + BigInt(elapsed[i] as number) * SECOND_NS) },
    level_kind_name: words('level_kind_name'),
    direction: words('direction'),
    level_price: { type: 'number', values: take(numbersOf(signals, 'level_price'), rows) },
  }
}
