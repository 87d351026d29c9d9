import type { Matrix } from './input.ts'

/** A feature that the distance does without, and why. */
export interface DroppedFeature {
  readonly name: string
  readonly reason: 'no values' | 'zero variance'
}

/**
 * How a row becomes a vector: for each kept feature the median of the training rows stands for a missing value, then
 * (x - mean) / scale. Mean and scale (population standard deviation) are those of the training rows with their medians
 * filled in, as SimpleImputer and StandardScaler of scikit-learn give them in a row.
 */
export interface Normaliser {
  /** All features in input order. */
  readonly features: readonly string[]
  /** Places in `features` of the kept ones, rising; arrays below have one entry each. */
  readonly kept: Int32Array
  readonly median: Float64Array
  readonly mean: Float64Array
  readonly scale: Float64Array
  readonly dropped: readonly DroppedFeature[]
}

/** Largest size of a normalised coordinate: squares of differences of such stay finite in 64 bits. */
const LARGEST = 1e30

/**
 * Fits medians, means and scales on `rows` of the matrix (training rows alone). Columns without any value and columns
 * whose present values are all the same are dropped and named. Throws when none is left. Cost: columns x rows log rows.
 */
export function fitNormaliser(matrix: Matrix, rows: Int32Array): Normaliser {
  const fits = matrix.columns.map((name, column) => fitColumn(matrix, column, name, rows))
  const kept = Int32Array.from(fits.flatMap((fit, column) => ('reason' in fit ? [] : [column])))
  if (kept.length === 0) {
    throw new RangeError(
      `retrieval: matrix: none of ${matrix.columns.length} columns has two different values among ${rows.length} training rows. Check the data.`,
    )
  }
  const of = (key: 'median' | 'mean' | 'scale'): Float64Array =>
    Float64Array.from(kept, (column) => (fits[column] as ColumnFit)[key])
  return {
    features: matrix.columns,
    kept,
    median: of('median'),
    mean: of('mean'),
    scale: of('scale'),
    dropped: fits.flatMap((fit) => ('reason' in fit ? [fit] : [])),
  }
}

interface ColumnFit {
  readonly median: number
  readonly mean: number
  readonly scale: number
}

function fitColumn(matrix: Matrix, column: number, name: string, rows: Int32Array): ColumnFit | DroppedFeature {
  const base = column * matrix.rows
  const present = new Float32Array(rows.length)
  let count = 0
  for (const row of rows) {
    const value = matrix.values[base + row] as number
    if (!Number.isNaN(value)) present[count++] = value
  }
  if (count === 0) return { name, reason: 'no values' }
  const sorted = present.subarray(0, count).toSorted()
  // Exact, where a variance computed from a rounded mean is not.
  if (sorted[0] === sorted[count - 1]) return { name, reason: 'zero variance' }
  const median = ((sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number)) / 2
  const absent = rows.length - count
  let sum = absent * median
  for (const value of sorted) sum += value
  const mean = sum / rows.length
  let squares = absent * (median - mean) ** 2
  for (const value of sorted) squares += (value - mean) ** 2
  return { median, mean, scale: Math.sqrt(squares / rows.length) }
}

/**
 * Writes the vector of one row to `out` at `at` (`kept.length` floats): `values[start + c * stride]` is feature c. Returns
 * how many kept features were missing. A query and a stored row of the same values become the same bits.
 */
export function normaliseRow(
  { kept, median, mean, scale }: Normaliser,
  values: ArrayLike<number>,
  start: number,
  stride: number,
  out: Float32Array,
  at: number,
): number {
  let missing = 0
  for (let i = 0; i < kept.length; i++) {
    // Inputs are 32-bit in the index; a query in 64 bits is rounded to the same grid first.
    let value = Math.fround(values[start + (kept[i] as number) * stride] as number)
    if (Number.isNaN(value)) {
      missing++
      value = median[i] as number
    }
    const z = (value - (mean[i] as number)) / (scale[i] as number)
    out[at + i] = z > LARGEST ? LARGEST : z < -LARGEST ? -LARGEST : z
  }
  return missing
}
