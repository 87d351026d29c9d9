/**
 * Model input: `columns.length` x `rows` 32-bit floats, NaN for missing. 32 bits, because bins, thresholds and ONNX
 * all compare in 32 bits. Infinities are ordinary values: below or above every finite one.
 */
export interface Matrix {
  readonly columns: readonly string[]
  readonly rows: number
  /** Column-major (`values[c * rows + r]`) unless `layout` is 'rows' (`values[r * columns.length + c]`). */
  readonly values: Float32Array
  readonly layout?: 'columns' | 'rows'
}

/** Rows that fixed-point sums of gradients can hold exactly (see engine/fixed-point.ts). */
const MAX_ROWS = 2 ** 23

/** Coroutine from one row and from one column to the next in `matrix.values`. */
export function stridesOf(matrix: Matrix): { readonly row: number; readonly column: number } {
  return matrix.layout === 'rows' ? { row: matrix.columns.length, column: 1 } : { row: 1, column: matrix.rows }
}

/**
 * Checks shape and names at the door: at least one column, names unique, `rows` from 0 to 2^23, `values` exactly
 * columns x rows Float32. Throws RangeError or TypeError naming the argument. Cost: linear in the columns.
 */
export function checkMatrix(matrix: Matrix): void {
  const { columns, rows, values } = matrix
  if (columns.length === 0) {
    throw new RangeError('trees: matrix.columns=[]: must name at least one column. Check the feature selection')
  }
  const seen = new Set<string>()
  for (const name of columns) {
    if (seen.has(name)) {
      throw new RangeError(`trees: matrix.columns: ${JSON.stringify(name)} occurs twice. Names must be unique`)
    }
    seen.add(name)
  }
  if (!Number.isInteger(rows) || rows < 0 || rows > MAX_ROWS) {
    throw new RangeError(`trees: matrix.rows=${rows}: must be an integer from 0 to ${MAX_ROWS}`)
  }
  if (!(values instanceof Float32Array)) {
    throw new TypeError('trees: matrix.values: must be a Float32Array. Convert with Float32Array.from')
  }
  if (values.length !== columns.length * rows) {
    throw new RangeError(
      `trees: matrix.values.length=${values.length}: must be columns x rows = ${columns.length} x ${rows}. ` +
        'Check that the matrix was built for these columns',
    )
  }
}

/** Indices of the rows from 0 to `rows` (exclusive) that `keep` accepts, ascending. */
export function selectedRows(rows: number, keep: (row: number) => boolean): Int32Array {
  const indices = new Int32Array(rows)
  let count = 0
  for (let r = 0; r < rows; r++) if (keep(r)) indices[count++] = r
  return indices.slice(0, count)
}
