import type { Table } from '@breakwater/features'

/** Values of a number column, NaN where missing. */
export function numbers(table: Table, name: string): Float64Array {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`no number column ${name}`)
  return Float64Array.from(column.values)
}

/** Values of a number column that are not missing. */
export function known(table: Table, name: string): Float64Array {
  return numbers(table, name).filter((value) => !Number.isNaN(value))
}

/** Words of a string column, null where missing. */
export function words(table: Table, name: string): (string | null)[] {
  const column = table.columns[name]
  if (column?.type !== 'string') throw new Error(`no word column ${name}`)
  return Array.from(column.codes, (code) => column.dictionary[code] ?? null)
}

/** Values of a time column. */
export function times(table: Table, name: string): BigInt64Array {
  const column = table.columns[name]
  if (column?.type !== 'time') throw new Error(`no time column ${name}`)
  return column.values
}

/** Share of values for which the rule holds. */
export function share<Value>(values: Iterable<Value>, holds: (value: Value) => boolean): number {
  const all = Array.from(values)
  return all.filter(holds).length / all.length
}
