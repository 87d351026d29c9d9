import { checkMatrix, selectedRows, stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { MAX_CATEGORIES } from '../model/model.ts'
import { binFinder, codeValues } from './code-values.ts'
import { runToEnd } from './coroutine.ts'
import type { Coroutine } from './coroutine.ts'
import { fitCuts } from './cuts.ts'
import { sortFloats } from './sort-floats.ts'

/**
 * A matrix reduced to one byte per value. Column c has `cutStart[c + 1] - cutStart[c]` cuts and one value bin more. Code 0 is
 * missing (NaN), code b + 1 is value bin b. Read-only once made: heads and threads share it.
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
  /**
   * Columns whose values are categories. Their cuts are the categories that have a bin of their own, ascending; the last value
   * bin holds all others: rare ones, and whatever is not a category.
   */
  readonly categorical: readonly string[]
}

/** Options of {@link binMatrix}. */
export interface BinOptions {
  /**
   * Value bins of a column at most, 2 to 255, beside the bin for NaN (`max_bin` of LightGBM and XGBoost). Default 255, or 127
   * where fewer than 10,000 rows are fitted.
   */
  readonly maxBins?: number
  /** Rows that cuts are fitted on: one byte per row, 0 leaves it out. Default: every row. */
  readonly rows?: Uint8Array
  /**
   * Columns whose values are categories: integers from 0 to 1,048,575 (NaN is missing). The `maxBins - 1` most frequent in
   * the fitted rows get bins of their own; the rest, and categories that appear later, always go right at a split.
   */
  readonly categorical?: readonly string[]
}

/** The largest category that a bundle can name. */
const MAX_CATEGORY = MAX_CATEGORIES - 1

/** Up to as many fitted rows, 127 bins are as accurate as 255. */
const SMALL = 10_000

/**
 * Quantises a matrix: cuts are fitted on the chosen (training) rows only, then every row is coded. A column without
 * cuts is kept and reported. Throws on a malformed matrix, 0 rows, a mask of another length or one that selects
 * nothing. Known when its training rows are: refit on each fold. Cost: O(columns x rows x log rows); 1 byte per value.
 */
export function binMatrix(matrix: Matrix, options: BinOptions = {}): BinnedMatrix {
  return runToEnd(binningCoroutine(matrix, options))
}

/** {@link binMatrix} in steps of one column; what it yields is the values it coded. */
export function* binningCoroutine(matrix: Matrix, options: BinOptions = {}): Coroutine<BinnedMatrix> {
  checkMatrix(matrix)
  const { categorical = [] } = options
  checkCategorical(matrix, categorical)
  const fitted = fittedRows(matrix.rows, options.rows)
  const { maxBins = defaultBins(fitted.length) } = options
  if (!Number.isInteger(maxBins) || maxBins < 2 || maxBins > 255) {
    throw new RangeError(`trees: maxBins=${maxBins}: must be an integer from 2 to 255 (one byte per value)`)
  }
  const { row, column } = stridesOf(matrix)
  const cuts: Float32Array[] = []
  const bins = new Uint8Array(matrix.columns.length * matrix.rows)
  const constantColumns: string[] = []
  const missingColumns: string[] = []
  for (const [c, name] of matrix.columns.entries()) {
    const sorted = sortedValues(matrix, c, fitted)
    const isCategorical = categorical.includes(name)
    const columnCuts = isCategorical ? frequentCategories(sorted, maxBins - 1) : fitCuts(sorted, maxBins)
    if (sorted.length === 0) missingColumns.push(name)
    else if (columnCuts.length === 0) constantColumns.push(name)
    const codes = bins.subarray(c * matrix.rows, (c + 1) * matrix.rows)
    if (isCategorical) codeCategories(matrix, c, columnCuts, codes)
    else codeValues(binFinder(columnCuts), matrix.values, c * column, row, codes)
    cuts.push(columnCuts)
    yield matrix.rows
  }
  const { columns, rows } = matrix
  return { columns, rows, ...joined(cuts), bins, constantColumns, missingColumns, categorical }
}

/** Value bins of column c: its codes are 0 (missing) to this number. */
export function valueBins(binned: Pick<BinnedMatrix, 'cutStart'>, c: number): number {
  return (binned.cutStart[c + 1] as number) - (binned.cutStart[c] as number) + 1
}

/** Value bins of a column at most, where so many rows are fitted and nothing else is asked. */
export function defaultBins(rows: number): number {
  return rows < SMALL ? 127 : 255
}

/** Indices of the rows that `mask` selects. */
function fittedRows(rows: number, mask: Uint8Array | undefined): Int32Array {
  if (rows === 0) throw new RangeError('trees: matrix.rows=0: must have at least one row. Check the date range')
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
  const sorted = present.subarray(0, count)
  sortFloats(sorted)
  return sorted
}

/** Codes of one categorical column. */
function codeCategories(matrix: Matrix, c: number, categories: Float32Array, out: Uint8Array): void {
  const { row, column } = stridesOf(matrix)
  for (let r = 0, at = c * column; r < out.length; r++, at += row) {
    const x = matrix.values[at] as number
    out[r] = x === x ? categoryBin(x, categories) + 1 : 0
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

/** The place of a category among those with a bin of their own, or the bin of the others. */
function categoryBin(x: number, categories: Float32Array): number {
  const bin = binOf(x, categories) - 1
  return categories[bin] === x ? bin : categories.length
}

/** The `count` most frequent categories, ascending; of equally frequent ones the smaller. */
function frequentCategories(sorted: Float32Array, count: number): Float32Array {
  const counts = new Map<number, number>()
  for (const x of sorted) counts.set(x, (counts.get(x) ?? 0) + 1)
  const frequent = [...counts].toSorted(([a, n], [b, m]) => m - n || a - b).slice(0, count)
  return Float32Array.from(frequent, ([category]) => category).toSorted()
}

function checkCategorical(matrix: Matrix, categorical: readonly string[]): void {
  const { row, column } = stridesOf(matrix)
  for (const name of categorical) {
    const c = matrix.columns.indexOf(name)
    if (c < 0) {
      throw new RangeError(`trees: categorical: ${JSON.stringify(name)} is not a matrix column. Check its spelling`)
    }
    for (let r = 0; r < matrix.rows; r++) {
      const x = matrix.values[c * column + r * row] as number
      if (x === x && !(x >= 0 && x <= MAX_CATEGORY && x === Math.trunc(x))) {
        throw new RangeError(
          `trees: column ${JSON.stringify(name)}, row ${r}: ${x} is not a category: must be an integer from 0 to ${MAX_CATEGORY}. ` +
            'Number the categories from 0',
        )
      }
    }
  }
}

function joined(parts: readonly Float32Array[]): { cuts: Float32Array; cutStart: Int32Array } {
  const cutStart = new Int32Array(parts.length + 1)
  for (const [c, part] of parts.entries()) cutStart[c + 1] = (cutStart[c] as number) + part.length
  const cuts = new Float32Array(cutStart.at(-1) ?? 0)
  for (const [c, part] of parts.entries()) cuts.set(part, cutStart[c])
  return { cuts, cutStart }
}
