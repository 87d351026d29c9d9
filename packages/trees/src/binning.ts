import { fitCuts } from './cuts.ts'
import { checkMatrix, stridesOf } from './matrix.ts'
import type { Matrix } from './matrix.ts'
import { selectedRows } from './rows.ts'
import { finish } from './steps.ts'
import type { Steps } from './steps.ts'

/**
 * A matrix reduced to one byte a value. Column c has `cutStart[c + 1] - cutStart[c]` cuts and one value bin more;
 * the code after its last value bin means missing (NaN). Read-only once made: heads and threads share it.
 */
export interface BinnedMatrix {
  readonly columns: readonly string[]
  readonly rows: number
  /** Cuts of all columns, one after another. A row goes left at cut k iff x < cut, compared in 32 bits. */
  readonly cuts: Float32Array
  /** `columns + 1` offsets into `cuts`. */
  readonly cutStart: Int32Array
  /** Codes, column-major: `bins[c * rows + r]`. */
  readonly bins: Uint8Array
  /** Columns with one value in the fitted rows: they can split only on missing against present. */
  readonly constantColumns: readonly string[]
  /** Columns without any value in the fitted rows: they never split. */
  readonly missingColumns: readonly string[]
}

/** Options of {@link binMatrix}. */
export interface BinOptions {
  /** Value bins of a column at most, 2 to 255, beside the bin for NaN (`max_bin` of LightGBM and XGBoost). Default 255. */
  readonly maxBins?: number
  /** Rows that cuts are fitted on: one byte a row, 0 leaves it out. Default: every row. */
  readonly rows?: Uint8Array
}

/**
 * Quantises a matrix: cuts are fitted on the chosen (training) rows only, then every row is coded. A column without
 * cuts is kept and reported. Throws on a malformed matrix, 0 rows, a mask of another length or one that selects
 * nothing. Known when its training rows are: refit on each fold. Cost: O(columns x rows x log rows); 1 byte a value.
 */
export function binMatrix(matrix: Matrix, options: BinOptions = {}): BinnedMatrix {
  return finish(binningSteps(matrix, options))
}

/** {@link binMatrix} in steps of one column; what it yields is the values it coded. */
export function* binningSteps(matrix: Matrix, options: BinOptions = {}): Steps<BinnedMatrix> {
  const { maxBins = 255 } = options
  checkMatrix(matrix)
  if (!Number.isInteger(maxBins) || maxBins < 2 || maxBins > 255) {
    throw new RangeError(`trees: maxBins=${maxBins}: must be an integer from 2 to 255 (one byte a value)`)
  }
  const fitted = fittedRows(matrix.rows, options.rows)
  const cuts: Float32Array[] = []
  const bins = new Uint8Array(matrix.columns.length * matrix.rows)
  const constantColumns: string[] = []
  const missingColumns: string[] = []
  for (const [c, name] of matrix.columns.entries()) {
    const sorted = sortedValues(matrix, c, fitted)
    const columnCuts = fitCuts(sorted, maxBins)
    if (sorted.length === 0) missingColumns.push(name)
    else if (columnCuts.length === 0) constantColumns.push(name)
    codeColumn(matrix, c, columnCuts, bins.subarray(c * matrix.rows, (c + 1) * matrix.rows))
    cuts.push(columnCuts)
    yield matrix.rows
  }
  const { columns, rows } = matrix
  return { columns, rows, ...joined(cuts), bins, constantColumns, missingColumns }
}

/** Value bins of column c; this number is also its code for missing. */
export function valueBins(binned: BinnedMatrix, c: number): number {
  return (binned.cutStart[c + 1] as number) - (binned.cutStart[c] as number) + 1
}

/** Indices of the rows that `mask` selects. */
function fittedRows(rows: number, mask: Uint8Array | undefined): Int32Array {
  if (rows === 0) throw new RangeError('trees: matrix.rows=0: must hold at least one row. Check the date range')
  if (mask && mask.length !== rows) {
    throw new RangeError(`trees: rows.length=${mask.length}: must equal matrix.rows=${rows}`)
  }
  const indices = selectedRows(rows, (r) => mask === undefined || mask[r] !== 0)
  if (indices.length === 0) {
    throw new RangeError('trees: rows: selects no row. Cuts are fitted on training rows, so at least one is needed')
  }
  return indices
}

/** Column c of the fitted rows without NaN, ascending. */
function sortedValues(matrix: Matrix, c: number, fitted: Int32Array): Float32Array {
  const { row, column } = stridesOf(matrix)
  const present = new Float32Array(fitted.length)
  let count = 0
  for (let i = 0; i < fitted.length; i++) {
    const x = matrix.values[c * column + (fitted[i] as number) * row] as number
    if (x === x) present[count++] = x
  }
  return present.subarray(0, count).toSorted()
}

/** Codes of one column: the number of cuts at or below the value, or the code for missing. */
function codeColumn(matrix: Matrix, c: number, cuts: Float32Array, out: Uint8Array): void {
  const { row, column } = stridesOf(matrix)
  const { values } = matrix
  for (let r = 0, at = c * column; r < out.length; r++, at += row) {
    const x = values[at] as number
    out[r] = x === x ? binOf(x, cuts) : cuts.length + 1
  }
}

/** The number of cuts at or below x, by bisection. */
function binOf(x: number, cuts: Float32Array): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (x < (cuts[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

function joined(parts: readonly Float32Array[]): { cuts: Float32Array; cutStart: Int32Array } {
  const cutStart = new Int32Array(parts.length + 1)
  for (const [c, part] of parts.entries()) cutStart[c + 1] = (cutStart[c] as number) + part.length
  const cuts = new Float32Array(cutStart.at(-1) ?? 0)
  for (const [c, part] of parts.entries()) cuts.set(part, cutStart[c])
  return { cuts, cutStart }
}
