import { MISSING_NS } from '../table.ts'

/**
 * Bars as a file holds them, before any check: {@link MISSING_NS} and NaN where a value is missing. Where nobody knows the
 * volume, every volume is NaN.
 */
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

/** No price in dollars or cents is above it; beyond, sums and levels of whole cents are no longer exact. */
export const MAX_PRICE = 1e9

const MINUTE_NS = 60_000_000_000n
const REPAIRABLE: ReadonlySet<BarFault> = new Set(['nan', 'order', 'duplicate', 'high', 'low'])
const PRICE_COLUMNS = ['open', 'high', 'low', 'close'] as const

/** A time in ISO form, to the second. */
function isoTime(ns: bigint): string {
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}Z`
}

function missingColumn(raw: RawBars, row: number, hasVolume: boolean): string | undefined {
  if (raw.ts[row] === MISSING_NS) return 'time'
  const price = PRICE_COLUMNS.find((name) => Number.isNaN(raw[name][row]))
  return price ?? (hasVolume && Number.isNaN(raw.volume[row]) ? 'volume' : undefined)
}

function valueFault(raw: RawBars, row: number, hasVolume: boolean): Omit<BarProblem, 'row'> | null {
  const open = raw.open[row] as number
  const high = raw.high[row] as number
  const low = raw.low[row] as number
  const close = raw.close[row] as number
  const volume = raw.volume[row] as number
  const price = [open, high, low, close].find((value) => !(value > 0 && value < Infinity))
  if (price !== undefined) return { fault: 'price', reason: `price ${price} is not a positive number` }
  const large = [open, high, low, close].find((value) => value > MAX_PRICE)
  if (large !== undefined) return { fault: 'price', reason: `price ${large} is above ${MAX_PRICE}` }
  if (hasVolume && !(volume >= 0 && volume < Infinity))
    return { fault: 'volume', reason: `volume ${volume} is negative or infinite` }
  const top = Math.max(open, close)
  if (high < top) return { fault: 'high', reason: `high ${high} is below the greater of open and close, ${top}` }
  const bottom = Math.min(open, close)
  if (low > bottom) return { fault: 'low', reason: `low ${low} is above the lesser of open and close, ${bottom}` }
  return null
}

function timeFault(ts: bigint, latest: bigint): Omit<BarProblem, 'row'> | null {
  if (ts % MINUTE_NS !== 0n) return { fault: 'minute', reason: `time ${ts} ns is not the start of a minute` }
  if (ts === latest) return { fault: 'duplicate', reason: `time ${isoTime(ts)} occurs twice` }
  if (ts < latest) return { fault: 'order', reason: `time ${isoTime(ts)} comes after ${isoTime(latest)}` }
  return null
}

/** The faults of one row, the time's first; `latest` is the latest time of the rows before it. */
function faultsOf(raw: RawBars, row: number, latest: bigint, hasVolume: boolean): Omit<BarProblem, 'row'>[] {
  const missing = missingColumn(raw, row, hasVolume)
  if (missing !== undefined) return [{ fault: 'nan', reason: `${missing} is missing or not a number` }]
  const faults = [timeFault(raw.ts[row] as bigint, latest), valueFault(raw, row, hasVolume)]
  return faults.filter((fault) => fault !== null)
}

function isSound(raw: RawBars, row: number, latest: bigint, hasVolume: boolean): boolean {
  const ts = raw.ts[row] as bigint
  const open = raw.open[row] as number
  const high = raw.high[row] as number
  const low = raw.low[row] as number
  const close = raw.close[row] as number
  const volume = raw.volume[row] as number
  // Comparisons with NaN are false.
  const isOrdered = low > 0 && open >= low && close >= low && high >= open && high >= close && high <= MAX_PRICE
  return isOrdered && (!hasVolume || (volume >= 0 && volume < Infinity)) && ts > latest && ts % MINUTE_NS === 0n
}

/** How rows are judged. */
export interface RowCheckOptions {
  /** Whether what can be mended is no problem. */
  readonly repair: boolean
  /** Whether the volume is known; where it is not, it may be NaN. */
  readonly hasVolume: boolean
}

/** A check that goes through rows in order, as many at a time as the caller likes. */
export interface RowCheck extends BarProblems {
  /** Looks at the next rows up to `to`, which is not among them. */
  checkTo(to: number): void
  /** The first wrong row of each fault, and how many there are, in order of the first. */
  readonly byFault: readonly (BarProblem & { readonly total: number })[]
  /** Rows that no repair can mend. */
  readonly beyondRepair: readonly number[]
}

/**
 * Looks for rows that break the rules of Bars: a missing value, a time that is not the start of a minute, not after
 * all times before it, a price that is not positive or above {@link MAX_PRICE}, a negative volume, high below or low above open or close.
 * With `repair`, counts only the rows that no repair can mend.
 */
export function beginRowCheck(raw: RawBars, { repair, hasVolume }: RowCheckOptions): RowCheck {
  const faults = new Map<BarFault, BarProblem & { total: number }>()
  const beyondRepair: number[] = []
  let first: BarProblem | null = null
  let [total, next, latest] = [0, 0, MISSING_NS]
  const take = (row: number): void => {
    const all = faultsOf(raw, row, latest, hasVolume)
    if (all.some(({ fault }) => !REPAIRABLE.has(fault))) beyondRepair.push(row)
    const refused = all.filter(({ fault }) => !(repair && REPAIRABLE.has(fault)))
    for (const fault of refused) {
      const known = faults.get(fault.fault)
      if (known === undefined) faults.set(fault.fault, { row, ...fault, total: 1 })
      else known.total += 1
    }
    const [fault] = refused
    if (fault === undefined) return
    total += 1
    first ??= { row, ...fault }
  }
  return {
    get first() {
      return first
    },
    get total() {
      return total
    },
    get byFault() {
      return [...faults.values()]
    },
    beyondRepair,
    checkTo(to) {
      for (; next < to; next++) {
        if (!isSound(raw, next, latest, hasVolume)) take(next)
        const ts = raw.ts[next] as bigint
        if (ts > latest) latest = ts
      }
    },
  }
}

/** What mends a fault, as a sentence of the message that refuses it. */
export function faultFix(fault: BarFault): string {
  return REPAIRABLE.has(fault) ? 'Correct the data, or repair it with --repair' : 'Correct the data'
}

/** The message of the error that refuses bars; `where` names file and line. */
export function describeBarProblem({ fault, reason }: BarProblem, total: number, where: string): string {
  const rows = total === 1 ? '1 row is wrong' : `${total} rows are wrong`
  return `features: bars=${where}: ${reason}; ${rows} (rule ${fault}). ${faultFix(fault)}.`
}
