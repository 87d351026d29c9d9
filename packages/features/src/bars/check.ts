import { MISSING_NS } from '../table.ts'

/** Bars as a file holds them, before any check: {@link MISSING_NS} and NaN where a value is missing. */
export interface RawBars {
  readonly rows: number
  readonly ts: BigInt64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** What can be wrong with a row. The first five can be repaired, the other three cannot. */
export type BarFault = 'nan' | 'order' | 'duplicate' | 'high' | 'low' | 'minute' | 'price' | 'volume'

/** One wrong row. */
export interface BarProblem {
  /** Index of the row, from 0. */
  readonly row: number
  readonly fault: BarFault
  /** What is wrong, with the values. */
  readonly reason: string
}

/** All that is wrong with some bars. */
export interface BarProblems {
  /** The first wrong row, or null when all rows are right. */
  readonly first: BarProblem | null
  /** Number of wrong rows; a row with several faults counts once. */
  readonly total: number
}

const MINUTE_NS = 60_000_000_000n
const REPAIRABLE: ReadonlySet<BarFault> = new Set(['nan', 'order', 'duplicate', 'high', 'low'])
const VALUE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const

/** A time in ISO form, to the second. */
function isoTime(ns: bigint): string {
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}Z`
}

function missingColumn(raw: RawBars, row: number): string | undefined {
  if (raw.ts[row] === MISSING_NS) return 'time'
  return VALUE_COLUMNS.find((name) => Number.isNaN(raw[name][row] as number))
}

function valueFault(raw: RawBars, row: number): Omit<BarProblem, 'row'> | null {
  const open = raw.open[row] as number
  const high = raw.high[row] as number
  const low = raw.low[row] as number
  const close = raw.close[row] as number
  const volume = raw.volume[row] as number
  const price = [open, high, low, close].find((value) => !(value > 0 && value < Infinity))
  if (price !== undefined) return { fault: 'price', reason: `price ${price} is not a positive number` }
  if (!(volume >= 0 && volume < Infinity))
    return { fault: 'volume', reason: `volume ${volume} is negative or infinite` }
  const top = Math.max(open, close)
  if (high < top) return { fault: 'high', reason: `high ${high} is below the greater of open and close, ${top}` }
  const bottom = Math.min(open, close)
  if (low > bottom) return { fault: 'low', reason: `low ${low} is above the lesser of open and close, ${bottom}` }
  return null
}

function timeFault(ts: bigint, latest: bigint): Omit<BarProblem, 'row'> | null {
  if (ts % MINUTE_NS !== 0n) return { fault: 'minute', reason: `time ${ts} ns is not the start of a minute` }
  if (ts === latest) return { fault: 'duplicate', reason: `time ${isoTime(ts)} is given twice` }
  if (ts < latest) return { fault: 'order', reason: `time ${isoTime(ts)} comes after ${isoTime(latest)}` }
  return null
}

/** The faults of one row, the time's first; `latest` is the latest time of the rows before it. */
function faultsOf(raw: RawBars, row: number, latest: bigint): Omit<BarProblem, 'row'>[] {
  const missing = missingColumn(raw, row)
  if (missing !== undefined) return [{ fault: 'nan', reason: `${missing} is missing or not a number` }]
  const faults = [timeFault(raw.ts[row] as bigint, latest), valueFault(raw, row)]
  return faults.filter((fault) => fault !== null)
}

/**
 * Finds the rows that break the rules of Bars: a missing value, a time that is not the start of a minute, not after
 * all times before it, a price that is not positive and finite, a negative volume, high below or low above open or close.
 * With `repair`, counts only the rows that no repair can mend. Cost: one pass.
 */
export function findBarProblems(raw: RawBars, repair: boolean): BarProblems {
  let first: BarProblem | null = null
  let total = 0
  let latest = MISSING_NS
  for (let row = 0; row < raw.rows; row++) {
    const fault = faultsOf(raw, row, latest).find((found) => !(repair && REPAIRABLE.has(found.fault)))
    const ts = raw.ts[row] as bigint
    if (ts > latest) latest = ts
    if (fault === undefined) continue
    total += 1
    first ??= { row, ...fault }
  }
  return { first, total }
}

/** The message of the error that refuses bars; `where` names file and line. */
export function describeBarProblem(problem: BarProblem, total: number, where: string): string {
  const rows = total === 1 ? '1 row is wrong' : `${total} rows are wrong`
  const fix = REPAIRABLE.has(problem.fault) ? 'Correct the data, or ask for repair' : 'Correct the data'
  return `features: bars=${where}: ${problem.reason}; ${rows}. ${fix}.`
}
