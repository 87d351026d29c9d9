import type { Column, Matrix, Table } from '@breakwater/features'

/** Rows that are in both masks. */
export function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((bit, row) => bit & (b[row] as number))
}

/** Rows that are in one mask or the other. */
export function either(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((bit, row) => bit | (b[row] as number))
}

/** Number of rows in a mask. */
export function count(mask: Uint8Array): number {
  return mask.reduce((sum, bit) => sum + bit, 0)
}

/**
 * The constant forecast that a head's training rows suggest: the base rate of a binary head, the median of a regression
 * (the best constants by Brier score and by absolute error); null without rows.
 */
export function constantOf(task: 'binary' | 'regression', values: Float32Array, mask: Uint8Array): number | null {
  const chosen = values.filter((_, row) => mask[row] !== 0)
  if (chosen.length === 0) return null
  if (task === 'binary') return chosen.reduce((sum, value) => sum + value, 0) / chosen.length
  const sorted = chosen.toSorted()
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
}

/** Indices of the rows in a mask, ascending. */
export function rowsOf(mask: Uint8Array): Int32Array {
  const rows = new Int32Array(count(mask))
  let at = 0
  for (let row = 0; row < mask.length; row++) if (mask[row] !== 0) rows[at++] = row
  return rows
}

/** `values[i]` at row `rows[i]` of `length` rows, NaN elsewhere. */
export function spread(values: Float64Array, rows: Int32Array, length: number): Float64Array {
  const out = new Float64Array(length).fill(Number.NaN)
  for (let i = 0; i < rows.length; i++) out[rows[i] as number] = values[i] as number
  return out
}

/** The chosen rows of a column-major matrix, as one of their own. */
export function takeRows(matrix: Matrix, rows: Int32Array): Matrix {
  const values = new Float32Array(matrix.columns.length * rows.length)
  for (let column = 0; column < matrix.columns.length; column++) {
    const from = column * matrix.rows
    const to = column * rows.length
    for (let i = 0; i < rows.length; i++) values[to + i] = matrix.values[from + (rows[i] as number)] as number
  }
  return { columns: matrix.columns, rows: rows.length, values }
}

/** The chosen rows of a table, in the given order, as one of their own. */
export function takeTable(table: Table, rows: ArrayLike<number>): Table {
  const columns = Object.entries(table.columns).map(([name, column]) => [name, takeColumn(column, rows)] as const)
  return { rows: rows.length, columns: Object.fromEntries(columns) }
}

function takeColumn(column: Column, rows: ArrayLike<number>): Column {
  if (column.type === 'string') return { ...column, codes: gather(column.codes, rows, new Int32Array(rows.length)) }
  if (column.type === 'time') {
    return { ...column, values: gather(column.values, rows, new BigInt64Array(rows.length)) }
  }
  return { ...column, values: takeValues(column.values, rows) }
}

/** The chosen values, in the given order. */
export function takeValues(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return gather(values, rows, new Float64Array(rows.length))
}

/** The chosen bits of a mask, in the given order. */
export const takeMask = (mask: Uint8Array, rows: ArrayLike<number>): Uint8Array =>
  gather(mask, rows, new Uint8Array(rows.length))

/** Writes the chosen values to `out`. A loop: `from` of a typed array asks an iterator, at ten times the cost. */
function gather<V, T extends Record<number, V>>(values: ArrayLike<V>, rows: ArrayLike<number>, out: T): T {
  const to: Record<number, V> = out
  for (let i = 0; i < rows.length; i++) to[i] = values[rows[i] as number] as V
  return out
}
