import type { Column, NumberColumn, StringColumn, Table, TimeColumn } from '@breakwater/features'

/** A string column; null is missing. The dictionary is in order of first appearance. */
export function words(values: readonly (string | null)[]): StringColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))]
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)))
  return { type: 'string', codes, dictionary }
}

/** A column of 64-bit floats. */
export function numbers(values: readonly number[]): NumberColumn {
  return { type: 'number', values: Float64Array.from(values) }
}

/** A column of 32-bit floats. */
export function floats(values: readonly number[]): NumberColumn {
  return { type: 'number', values: Float32Array.from(values) }
}

/** A time column. */
export function times(values: readonly bigint[]): TimeColumn {
  return { type: 'time', values: BigInt64Array.from(values) }
}

/** The values of a column as plain JavaScript values; a missing string is null. */
export function plain(column: Column | undefined): unknown[] {
  if (column === undefined) throw new Error('no such column')
  if (column.type !== 'string') return [...column.values]
  return Array.from(column.codes, (code) => column.dictionary[code] ?? null)
}

/** Every column of a table as plain values, in column order. */
export function plainTable(table: Table): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, plain(column)]))
}
