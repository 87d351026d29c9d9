import type { Column, Encoder, Table } from '@breakwater/features'
import { encodeTable } from '@breakwater/features'
import type { GoldenRow, TreeModel } from '@breakwater/trees'
import { predictRaw } from '@breakwater/trees'

/** Enough to find a row past the warm-up of the features. */
const SEARCHED = 500

/**
 * Of the table's first {@link SEARCHED} rows the one with the most known values among the encoder's columns, and the
 * model's raw score of it by the batch path. Undefined where the table is empty.
 */
export function goldenRow(model: TreeModel, encoder: Encoder, table: Table): GoldenRow | undefined {
  if (table.rows === 0) return undefined
  const columns = encoder.encodings.map(({ name }) => [name, columnOf(table, name)] as const)
  const row = fullest(
    columns.map(([, column]) => column),
    Math.min(SEARCHED, table.rows),
  )
  const one: Table = {
    rows: 1,
    columns: Object.fromEntries(columns.map(([name, column]) => [name, pick(column, row)])),
  }
  const values = Object.fromEntries(columns.map(([name, column]) => [name, valueOf(column, row)]))
  return { values, raw: predictRaw(model, encodeTable(encoder, one).matrix)[0] as number }
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns[name]
  if (column === undefined) throw new Error(`models: signals: column ${name} is absent. Write the signals again.`)
  return column
}

function fullest(columns: readonly Column[], rows: number): number {
  let best = 0
  let most = -1
  for (let row = 0; row < rows; row++) {
    const known = columns.reduce((sum, column) => sum + Number(valueOf(column, row) !== null), 0)
    if (known > most) [best, most] = [row, known]
  }
  return best
}

function valueOf(column: Column, row: number): string | number | null {
  if (column.type === 'time') return null
  if (column.type === 'string') return column.dictionary[column.codes[row] as number] ?? null
  const value = column.values[row] as number
  return Number.isFinite(value) ? value : null
}

function pick(column: Column, row: number): Column {
  if (column.type === 'string') return { ...column, codes: column.codes.slice(row, row + 1) }
  if (column.type === 'time') return { ...column, values: column.values.slice(row, row + 1) }
  return { ...column, values: column.values.slice(row, row + 1) }
}
