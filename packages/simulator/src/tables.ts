import type { Bars, Column, Table } from '@breakwater/features'
import { numberOrNaN } from './gaps.ts'
import type { GappyRow } from './gaps.ts'
import { WORD_COLUMNS } from './physics-row.ts'
import type { StampedBar } from './session.ts'

/** Bars as columns, in the order given. */
export function barsOf(stamped: readonly StampedBar[]): Bars {
  const prices = (pick: (one: StampedBar) => number): Float64Array => Float64Array.from(stamped, pick)
  return {
    rows: stamped.length,
    ts: BigInt64Array.from(stamped, (one) => one.ts),
    open: prices((one) => one.bar.open),
    high: prices((one) => one.bar.high),
    low: prices((one) => one.bar.low),
    close: prices((one) => one.bar.close),
    volume: prices((one) => one.bar.volume),
  }
}

/** The physics table: `ts_ns` (start of the minute) and one column per name in the rows, numbers as 64-bit floats. */
export function physicsTable(ts: readonly bigint[], rows: readonly GappyRow[]): Table {
  const columns: Record<string, Column> = { ts_ns: { type: 'time', values: BigInt64Array.from(ts) } }
  for (const name of Object.keys(rows[0] ?? {})) {
    columns[name] = WORD_COLUMNS.includes(name) ? words(rows, name) : numbers(rows, name)
  }
  return { rows: rows.length, columns }
}

function numbers(rows: readonly GappyRow[], name: string): Column {
  return { type: 'number', values: Float64Array.from(rows, (row) => numberOrNaN(row[name])) }
}

function words(rows: readonly GappyRow[], name: string): Column {
  const values = rows.map((row) => wordOrNull(row[name]))
  const dictionary = [...new Set(values.filter((value) => value !== null))].toSorted()
  return { type: 'string', dictionary, codes: Int32Array.from(values, (value) => codeOf(value, dictionary)) }
}

const codeOf = (value: string | null, dictionary: readonly string[]): number =>
  value === null ? -1 : dictionary.indexOf(value)

const wordOrNull = (value: GappyRow[string] | undefined): string | null => (typeof value === 'string' ? value : null)
