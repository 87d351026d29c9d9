import {
  type Encoder,
  encodeTable,
  type FeatureSpec,
  type Matrix,
  MOMENT_NUMBERS,
  numbersOf,
  type Table,
  type TouchMoments,
} from '@breakwater/features'

const at = (values: Float64Array, row: number): number => values[row] as number

/** What the trees of a law see of a moment beside features: its numbers, and these in units of the forecast. */
export function stateMatrix(moments: Table, logSigma: Float64Array, thresholds: readonly number[]): Matrix {
  const read = (name: string): Float64Array => numbersOf(moments, name)
  const [moved, beyond, back] = [read('moved'), read('furthest_beyond'), read('furthest_back')]
  const sigma = logSigma.map(Math.exp)
  const inSigma = (value: (row: number) => number): Float64Array => sigma.map((unit, row) => value(row) / unit)
  const [short, long] = [read('range_sigma_2'), read('range_sigma_60')]
  const columns: readonly (readonly [string, Float64Array])[] = [
    ...MOMENT_NUMBERS.map((name) => [name, read(name)] as const),
    ['log_sigma', logSigma],
    ['moved_sigma', inSigma((row) => at(moved, row))],
    ['distance_sigma', inSigma((row) => Math.abs(at(moved, row)))],
    ['range_since_touch_sigma', inSigma((row) => at(beyond, row) + at(back, row))],
    ['pulled_back', moved.map((value, row) => at(beyond, row) - value)],
    ['recovered', moved.map((value, row) => at(back, row) + value)],
    ['log_range_ratio', short.map((value, row) => Math.log(value / at(long, row)))],
    ...thresholds.flatMap(
      (threshold, i) =>
        [
          [`to_break_${i + 1}_sigma`, inSigma((row) => threshold - at(moved, row))],
          [`to_bounce_${i + 1}_sigma`, inSigma((row) => threshold + at(moved, row))],
        ] as const,
    ),
  ]
  const values = new Float32Array(columns.length * moments.rows)
  for (const [c, [, column]] of columns.entries()) values.set(column.map(finiteOrMissing), c * moments.rows)
  return { columns: columns.map(([name]) => name), rows: moments.rows, values }
}

const finiteOrMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN)

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

/** What {@link featuresAtMoments} reads. */
export interface MomentFeatures {
  /** Touches with their features. */
  readonly signals: Table
  readonly moments: TouchMoments
  readonly features: readonly FeatureSpec[]
  /** Of `features`; fitted on training rows. */
  readonly encoder: Encoder
}

/**
 * Features of touches at the moments that follow them, encoded, one row a moment: NaN where a feature is not known yet
 * (the moment comes before its `known_after_s`, or the schema has no time for it), and in moments before a touch.
 */
export function featuresAtMoments({ signals, moments, features, encoder }: MomentFeatures): Matrix {
  const { matrix } = encodeTable(encoder, signals)
  const { touchRows, table } = moments
  const elapsed = numbersOf(table, 'elapsed_s')
  const knownAfter = new Map(features.map(({ name, knownAfterS = Infinity }) => [name, knownAfterS]))
  const after = encoder.encodings.flatMap((encoding) => {
    const seconds = knownAfter.get(encoding.name) ?? Infinity
    return encoding.kind === 'number' ? [seconds] : encoding.categories.map(() => seconds)
  })
  const values = new Float32Array(matrix.columns.length * table.rows).fill(Number.NaN)
  for (const [c, seconds] of after.entries()) {
    for (let row = 0; row < table.rows; row++) {
      const touch = touchRows[row] as number
      if (touch < 0 || !((elapsed[row] as number) >= seconds)) continue
      values[c * table.rows + row] = matrix.values[c * matrix.rows + touch] as number
    }
  }
  return { columns: matrix.columns, rows: table.rows, values }
}
