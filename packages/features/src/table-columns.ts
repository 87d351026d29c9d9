import { type Column, MISSING_NS, type NumberColumn, type StringColumn, type Table, type TimeColumn } from './table.ts'

function unreadable(name: string, column: Column | undefined, wanted: Column['type']): TypeError {
  const fault = column === undefined ? 'the column is missing' : `is ${column.type}, not ${wanted}`
  return new TypeError(`features: table.${name}: ${fault}. Read the table with the schema that describes it.`)
}

/** The number column `name` of `table`; throws TypeError when it is absent or of another type. */
export function numberColumn(table: Table, name: string): NumberColumn {
  const column = table.columns[name]
  if (column?.type === 'number') return column
  throw unreadable(name, column, 'number')
}

/** The string column `name` of `table`, codes with their dictionary; throws TypeError when it is absent or of another type. */
export function stringColumn(table: Table, name: string): StringColumn {
  const column = table.columns[name]
  if (column?.type === 'string') return column
  throw unreadable(name, column, 'string')
}

/** The time column `name` of `table`; throws TypeError when it is absent or of another type. */
export function timeColumn(table: Table, name: string): TimeColumn {
  const column = table.columns[name]
  if (column?.type === 'time') return column
  throw unreadable(name, column, 'time')
}

/** The numbers of a column as 64-bit floats, NaN where missing; throws as {@link numberColumn}. Copies 32-bit columns only. */
export function numbersOf(table: Table, name: string): Float64Array {
  const { values } = numberColumn(table, name)
  return values instanceof Float64Array ? values : Float64Array.from(values)
}

/** The strings of a column, the empty string where missing; throws as {@link stringColumn}. O(rows). */
export function stringsOf(table: Table, name: string): string[] {
  const { codes, dictionary } = stringColumn(table, name)
  return Array.from(codes, (code) => dictionary[code] ?? '')
}

/** The nanoseconds of a column, each of them there; throws as {@link timeColumn}, and Error at the first that is missing. */
export function timesOf(table: Table, name: string): BigInt64Array {
  const { values } = timeColumn(table, name)
  const row = values.indexOf(MISSING_NS)
  if (row === -1) return values
  throw new Error(`features: table.${name}, row ${row}: the time is missing. Repair the row, or leave it out.`)
}
