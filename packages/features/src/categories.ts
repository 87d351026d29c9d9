import type { StringColumn, Table } from './table.ts'

/** The string column `name` of `table`; throws when it is absent or not strings. */
export function stringColumn(table: Table, name: string): StringColumn {
  const column = table.columns[name]
  if (column?.type === 'string') return column
  throw new TypeError(
    `features: table.${name}: ${column === undefined ? 'the column is missing' : `is ${column.type}, not string`}. ` +
      'Build the table with the schema that the features came from.',
  )
}

/** Categories of a string column among the rows of the mask (all rows without one), sorted by code unit. */
export function categoriesIn(column: StringColumn, mask: Uint8Array | undefined): string[] {
  const seen = new Uint8Array(column.dictionary.length)
  for (const [row, code] of column.codes.entries()) if (code >= 0 && mask?.[row] !== 0) seen[code] = 1
  return column.dictionary.filter((_, code) => seen[code] === 1).toSorted((a, b) => (a < b ? -1 : 1))
}
