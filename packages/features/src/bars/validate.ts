import { beginRowCheck, describeBarProblem } from './check.ts'
import type { RawBars } from './check.ts'
import type { Bars } from './bars.ts'
import { minutesOf } from './days.ts'
import { sortRows, STEP_ROWS } from './order.ts'
import { MISSING_NS } from '../table.ts'

/** How many rows each repair touched. All zero when nothing was repaired. */
export interface BarRepairs {
  /** Rows dropped because a value or the time was missing. */
  readonly dropped: number
  /** Rows that stood after a later time and were sorted in. */
  readonly sorted: number
  /** Rows dropped because a later row has the same time. */
  readonly duplicates: number
  /** Rows whose high was raised or whose low was lowered to open or close. */
  readonly widened: number
}

/** What {@link validateBars} did. */
export interface BarsReport {
  readonly rowsIn: number
  readonly rowsOut: number
  readonly repairs: BarRepairs
}

/** Options of {@link validateBars}. */
export interface ValidateBarsOptions {
  /** Mend what can be mended instead of refusing it. Default false. */
  readonly repair?: boolean
  /** Where a row came from, for messages: a name (to which the row number is added), or a function of the row index. */
  readonly source?: string | ((row: number) => string)
}

const PRICES = ['open', 'high', 'low', 'close'] as const
const VALUES = [...PRICES, 'volume'] as const

function isComplete(raw: RawBars, row: number, hasVolume: boolean): boolean {
  if (raw.ts[row] === MISSING_NS || PRICES.some((name) => Number.isNaN(raw[name][row]))) return false
  return !hasVolume || !Number.isNaN(raw.volume[row])
}

/** How {@link mendBars} mends. */
export interface MendOptions {
  /** Whether the volume is known; where it is not, it stays NaN. */
  readonly hasVolume?: boolean
  /** Rows to leave out, in order. */
  readonly without?: readonly number[]
}

/** The rows that hold every value, without those to leave out. */
function* completeRows(raw: RawBars, { hasVolume = true, without = [] }: MendOptions): Generator<void, Uint32Array> {
  const left = new Set(without)
  const rows = new Uint32Array(raw.rows)
  let count = 0
  for (let row = 0; row < raw.rows; row++) {
    if (row % STEP_ROWS === 0) yield
    if (isComplete(raw, row, hasVolume) && !left.has(row)) rows[count++] = row
  }
  return rows.subarray(0, count)
}

function countLate(minutes: Float64Array, rows: Uint32Array): number {
  let [latest, late] = [-Infinity, 0]
  for (const row of rows) {
    const time = minutes[row] as number
    if (time < latest) late += 1
    else latest = time
  }
  return late
}

/** The last of the rows of each minute; `ordered` is by minute. */
function lastOfEach(minutes: Float64Array, ordered: Uint32Array): Uint32Array {
  const rows = new Uint32Array(ordered.length)
  let count = 0
  for (let i = 0; i < ordered.length; i++) {
    const row = ordered[i] as number
    if (i + 1 === ordered.length || minutes[row] !== minutes[ordered[i + 1] as number]) rows[count++] = row
  }
  return rows.subarray(0, count)
}

/** The bars of `rows`, in fresh arrays. */
export function gatherBars(raw: RawBars, rows: Uint32Array): Bars {
  const gather = (values: Float64Array): Float64Array => {
    const gathered = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i++) gathered[i] = values[rows[i] as number] as number
    return gathered
  }
  const ts = new BigInt64Array(rows.length)
  for (let i = 0; i < rows.length; i++) ts[i] = raw.ts[rows[i] as number] as bigint
  return {
    rows: rows.length,
    ts,
    open: gather(raw.open),
    high: gather(raw.high),
    low: gather(raw.low),
    close: gather(raw.close),
    volume: gather(raw.volume),
  }
}

/** Raises highs and lowers lows in place so that each bar holds its open and close; returns how many bars changed. */
function* widen(bars: Bars): Generator<void, number> {
  let widened = 0
  for (let i = 0; i < bars.rows; i++) {
    if (i % STEP_ROWS === 0) yield
    const open = bars.open[i] as number
    const close = bars.close[i] as number
    const high = Math.max(bars.high[i] as number, open, close)
    const low = Math.min(bars.low[i] as number, open, close)
    if (high !== bars.high[i] || low !== bars.low[i]) widened += 1
    bars.high[i] = high
    bars.low[i] = low
  }
  return widened
}

/** Bars that were mended. */
export interface MendedBars {
  readonly bars: Bars
  readonly report: BarsReport
  /** The row of the raw bars that each bar comes from. */
  readonly origin: Uint32Array
}

/**
 * The bars of `raw` without any check, mended: rows with a missing value dropped, rows sorted by time, the last of equal
 * times kept, highs and lows widened to hold open and close. For rows that a row check has passed. Yields between pieces of
 * the work, so that a caller can end it.
 */
export function* mendBars(raw: RawBars, options: MendOptions = {}): Generator<void, MendedBars> {
  const complete = yield* completeRows(raw, options)
  const minutes = minutesOf(raw.ts)
  yield
  const sorted = countLate(minutes, complete)
  const ordered = sorted === 0 ? complete : yield* sortRows(minutes, complete)
  const origin = lastOfEach(minutes, ordered)
  yield
  const bars = gatherBars(raw, origin)
  const widened = yield* widen(bars)
  const duplicates = ordered.length - origin.length
  const repairs = { dropped: raw.rows - complete.length, sorted, duplicates, widened }
  return { bars, report: { rowsIn: raw.rows, rowsOut: origin.length, repairs }, origin }
}

/** Does all the work at once. */
function whole<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function checkLengths(raw: RawBars): void {
  for (const name of ['ts', ...VALUES] as const) {
    if (raw[name].length !== raw.rows) {
      throw new RangeError(
        `features: bars.${name}=${raw[name].length} values: bars.rows is ${raw.rows}. Give every column one value per row.`,
      )
    }
  }
}

function locate(source: string | ((row: number) => string), row: number): string {
  return typeof source === 'string' ? `${source}, row ${row + 1}` : source(row)
}

/**
 * Checks raw columns and returns them as {@link Bars} (fresh arrays; the input is only read) with a report.
 *
 * Refused, with the place and reason of the first wrong row and the number of wrong rows: a missing value, times that do
 * not rise strictly or are not whole minutes, prices that are not positive, negative volume, high below or low above
 * open or close. With `repair`, missing values, order, duplicates (the last stays) and high and low are mended and
 * counted; the other faults are still refused. No rows give no bars. Cost: one pass, and a sort when rows are out of order.
 */
export function validateBars(
  raw: RawBars,
  options: ValidateBarsOptions = {},
): { readonly bars: Bars; readonly report: BarsReport } {
  const { repair = false, source = 'bars' } = options
  checkLengths(raw)
  const check = beginRowCheck(raw, { repair, hasVolume: true })
  check.checkTo(raw.rows)
  const { first, total } = check
  if (first !== null) throw new RangeError(describeBarProblem(first, total, locate(source, first.row)))
  const { bars, report } = whole(mendBars(raw))
  return { bars, report }
}
