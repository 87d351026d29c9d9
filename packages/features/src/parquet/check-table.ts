import type { Column, StringColumn, Table } from '../table.ts'

function lengthOf(column: Column): number {
  return column.type === 'string' ? column.codes.length : column.values.length
}

function checkStrings(name: string, { codes, dictionary }: StringColumn): void {
  if (new Set(dictionary).size !== dictionary.length) {
    throw new Error(`features: table.columns.${name}: the dictionary has a value twice. Give each value one code.`)
  }
  const broken = dictionary.find((value) => /\p{Surrogate}/u.test(value))
  if (broken !== undefined) {
    throw new Error(`features: table.columns.${name}=${JSON.stringify(broken)}: not valid Unicode. Repair the text.`)
  }
  for (const code of codes) {
    if (code < -1 || code >= dictionary.length) {
      throw new RangeError(
        `features: table.columns.${name}: code ${code} has no entry in a dictionary of ${dictionary.length}. Use -1 for missing.`,
      )
    }
  }
}

/**
 * Throws when a table breaks its own rules: no column, a column whose length is not `rows`, names equal but for case, a
 * dictionary with a duplicate or with broken Unicode, a code outside its dictionary. Cost: one pass over string codes.
 */
export function checkTable(table: Table): void {
  const names = Object.keys(table.columns)
  if (names.length === 0) throw new Error('features: table.columns={}: a table needs at least one column.')
  const folded = new Map<string, string>()
  for (const [name, column] of Object.entries(table.columns)) {
    const twin = folded.get(name.toLowerCase())
    if (twin !== undefined || name === '') {
      throw new Error(
        `features: table.columns.${name}: names must be non-empty and differ by more than case (${twin ?? ''}). Rename one.`,
      )
    }
    folded.set(name.toLowerCase(), name)
    if (lengthOf(column) !== table.rows) {
      throw new RangeError(
        `features: table.columns.${name}: ${lengthOf(column)} values in a table of ${table.rows} rows. Pass one value per row.`,
      )
    }
    if (column.type === 'string') checkStrings(name, column)
  }
}
