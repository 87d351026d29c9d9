import type { Table } from '@breakwater/features'
import { MISSING_NS } from '@breakwater/features'

/** The numbers of a column as 64-bit floats. */
export function numbers(table: Table, name: string): Float64Array {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`models: column ${name}: expected numbers. Is it a signals file?`)
  return column.values instanceof Float64Array ? column.values : Float64Array.from(column.values)
}

/** The nanoseconds of a column; a missing one is an error. */
export function times(table: Table, name: string): BigInt64Array {
  const column = table.columns[name]
  if (column?.type !== 'time') throw new Error(`models: column ${name}: expected times. Is it a signals file?`)
  const missing = column.values.indexOf(MISSING_NS)
  if (missing !== -1) throw new Error(`models: column ${name}, row ${missing}: the time is missing. Repair the row.`)
  return column.values
}

/** The codes and dictionary of a string column; a code outside the dictionary is a missing string. */
export function coded(table: Table, name: string): { codes: Int32Array; dictionary: readonly string[] } {
  const column = table.columns[name]
  if (column?.type !== 'string') throw new Error(`models: column ${name}: expected strings. Is it a signals file?`)
  return column
}

/** The strings of a column; a missing one is the empty string. */
export function strings(table: Table, name: string): string[] {
  const { codes, dictionary } = coded(table, name)
  return Array.from(codes, (code) => dictionary[code] ?? '')
}
