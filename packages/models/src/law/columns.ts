import {
  type Encoder,
  encodeTable,
  type FeatureSpec,
  type Matrix,
  numbersOf,
  type Table,
  type TouchMoments,
} from '@breakwater/features'
import { LAW_NUMBERS, lawPlace, numberRows, type NumberRows } from './numbers.ts'

/** Numbers of a moment that trees see as they are: all but the price, which says when a row is from. */
const SEEN = LAW_NUMBERS.length - 1
const MOVED = lawPlace('moved')
const BEYOND = lawPlace('furthest_beyond')
const BACK = lawPlace('furthest_back')
const SHORT = lawPlace('range_sigma_2')
const LONG = lawPlace('range_sigma_60')

/** Names of what the trees of a law see of a moment beside features, in order: its numbers, and these in units of the forecast. */
export function stateNames(thresholds: readonly number[]): string[] {
  return [
    ...LAW_NUMBERS.slice(0, SEEN),
    'log_sigma',
    'moved_sigma',
    'distance_sigma',
    'range_since_touch_sigma',
    'pulled_back',
    'recovered',
    'log_range_ratio',
    ...thresholds.flatMap((_, i) => [`to_break_${i + 1}_sigma`, `to_bounce_${i + 1}_sigma`]),
  ]
}

/** One row of numbers, and the logarithm of its volatility by the regression. */
export interface StateRow {
  readonly numbers: NumberRows
  readonly row: number
  readonly logSigma: number
}

/**
 * Writes what {@link stateNames} names of one row to `out` at `at`, `at + stride` and so on; NaN for missing. Batch and live
 * rows come from here alone.
 */
export function writeState(
  { numbers, row, logSigma }: StateRow,
  thresholds: readonly number[],
  out: Float32Array,
  { at, stride }: { readonly at: number; readonly stride: number },
): void {
  const from = row * LAW_NUMBERS.length
  let next = at
  const put = (value: number): void => {
    out[next] = Number.isFinite(value) ? value : Number.NaN
    next += stride
  }
  for (let i = 0; i < SEEN; i++) put(numbers[from + i] as number)
  const sigma = Math.exp(logSigma)
  const moved = numbers[from + MOVED] as number
  const beyond = numbers[from + BEYOND] as number
  const back = numbers[from + BACK] as number
  put(logSigma)
  put(moved / sigma)
  put(Math.abs(moved) / sigma)
  put((beyond + back) / sigma)
  put(beyond - moved)
  put(back + moved)
  put(Math.log((numbers[from + SHORT] as number) / (numbers[from + LONG] as number)))
  for (let i = 0; i < thresholds.length; i++) {
    put(((thresholds[i] as number) - moved) / sigma)
    put(((thresholds[i] as number) + moved) / sigma)
  }
}

/** What the trees of a law see of moments beside features, see {@link stateNames}. */
export function stateMatrix(moments: Table, logSigma: Float64Array, thresholds: readonly number[]): Matrix {
  const columns = stateNames(thresholds)
  const { rows } = moments
  const numbers = numberRows(moments)
  const values = new Float32Array(columns.length * rows)
  for (let row = 0; row < rows; row++) {
    writeState({ numbers, row, logSigma: logSigma[row] as number }, thresholds, values, { at: row, stride: rows })
  }
  return { columns, rows, values }
}

/** The columns of several matrices of the same rows, in order. Throws RangeError where rows differ. */
export function besides(matrices: readonly Matrix[]): Matrix {
  const rows = matrices[0]?.rows ?? 0
  const wrong = matrices.find((matrix) => matrix.rows !== rows)
  if (wrong !== undefined) {
    throw new RangeError(`models: features.rows=${wrong.rows}: must be one row a moment. There are ${rows} moments.`)
  }
  const columns = matrices.flatMap((matrix) => [...matrix.columns])
  const values = new Float32Array(columns.length * rows)
  let filled = 0
  for (const matrix of matrices) {
    values.set(matrix.values, filled)
    filled += matrix.values.length
  }
  return { columns, rows, values }
}

/** Features of a touch that a law sees, and from when on. */
export interface LawFeatures {
  /** Fitted on training rows. */
  readonly encoder: Encoder
  /** For each of the encoder's columns, the seconds after the start of the touch minute from which it is known; Infinity for never. */
  readonly knownAfterS: readonly number[]
}

/** The features of an encoder with the times that their specifications state; a column without one is never known. */
export function lawFeatures(encoder: Encoder, features: readonly FeatureSpec[]): LawFeatures {
  const known = new Map(features.map(({ name, knownAfterS = Infinity }) => [name, knownAfterS]))
  const knownAfterS = encoder.encodings.flatMap((encoding) => {
    const seconds = known.get(encoding.name) ?? Infinity
    return encoding.kind === 'number' ? [seconds] : encoding.categories.map(() => seconds)
  })
  return { encoder, knownAfterS }
}

/** What {@link featuresAtMoments} reads. */
export interface MomentFeatures {
  /** Touches with their features. */
  readonly signals: Table
  readonly moments: TouchMoments
  readonly features: LawFeatures
}

/**
 * Features of touches at the moments that follow them, encoded, one row a moment: NaN where a feature is not known yet
 * (the moment comes before its time, or the schema has no time for it), and in moments before a touch.
 */
export function featuresAtMoments({ signals, moments, features }: MomentFeatures): Matrix {
  const { encoder, knownAfterS } = features
  const { matrix } = encodeTable(encoder, signals)
  const { touchRows, table } = moments
  const elapsed = numbersOf(table, 'elapsed_s')
  const values = new Float32Array(matrix.columns.length * table.rows).fill(Number.NaN)
  for (const [c, seconds] of knownAfterS.entries()) {
    for (let row = 0; row < table.rows; row++) {
      const touch = touchRows[row] as number
      if (touch < 0 || !((elapsed[row] as number) >= seconds)) continue
      values[c * table.rows + row] = matrix.values[c * matrix.rows + touch] as number
    }
  }
  return { columns: matrix.columns, rows: table.rows, values }
}
