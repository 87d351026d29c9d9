/**
 * The columnar table that features reads, builds and writes: plain typed arrays under their column names.
 *
 * Element types. Numbers are 64-bit floats when a value must be exact (prices, labels) and 32-bit floats when it only
 * feeds a model; booleans and small integers are numbers too, so that a missing value (NaN) has a place. Times are
 * 64-bit integers, because a float cannot hold nanoseconds since 1970. Strings are codes into a dictionary, because a
 * signals table repeats a few words millions of times.
 */

/** The missing timestamp: the least 64-bit integer, as NumPy's NaT has it. */
export const MISSING_NS: bigint = -(2n ** 63n)

/** Numbers of one column; NaN marks a missing value. */
export interface NumberColumn {
  readonly type: 'number'
  readonly values: Float64Array | Float32Array
}

/** Nanoseconds since 1970 UTC; {@link MISSING_NS} marks a missing value. */
export interface TimeColumn {
  readonly type: 'time'
  readonly values: BigInt64Array
}

/** Row `i` holds `dictionary[codes[i]]`; code -1 marks a missing value. The dictionary has no duplicates. */
export interface StringColumn {
  readonly type: 'string'
  readonly codes: Int32Array
  readonly dictionary: readonly string[]
}

/** One column of a {@link Table}. */
export type Column = NumberColumn | TimeColumn | StringColumn

/** Columns of `rows` values each, in insertion order. Nothing in it is copied or frozen: treat it as read-only. */
export interface Table {
  readonly rows: number
  readonly columns: Readonly<Record<string, Column>>
}

/**
 * Model input: `columns.length` x `rows` 32-bit floats, column-major (`values[c * rows + r]`), NaN for missing.
 * 32 bits, because binning and ONNX inference compare in 32 bits: training on wider values would move thresholds.
 */
export interface Matrix {
  readonly columns: readonly string[]
  readonly rows: number
  readonly values: Float32Array
}
