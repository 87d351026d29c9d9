/** What one column contributes over many rows. */
export interface ColumnContribution {
  readonly column: string
  /** Mean over the rows of the absolute contribution: global importance, in units of the raw score. */
  readonly meanAbsolute: number
  /** Mean over the rows of the contribution itself. */
  readonly mean: number
}

/** What one column contributes to the raw score of one row. */
export interface RowContribution {
  readonly column: string
  /** The row's value; NaN for missing. */
  readonly value: number
  readonly contribution: number
}

/**
 * Global importance: every column's mean absolute contribution over all rows, descending; equals keep the column order.
 * `contributions` is rows x columns, row after row, as an explainer writes it. NaN means where there are no rows. Throws
 * RangeError where the length is not a multiple of the columns. Cost: O(rows x columns).
 */
export function meanContributions(columns: readonly string[], contributions: Float64Array): ColumnContribution[] {
  const rows = contributions.length / columns.length
  if (!Number.isInteger(rows)) {
    throw new RangeError(
      `trees: contributions.length=${contributions.length}: must be rows x columns, a multiple of ${columns.length}. ` +
        'Keep the base value apart',
    )
  }
  const means = columns.map((column, c) => {
    let sum = 0
    let absolute = 0
    for (let at = c; at < contributions.length; at += columns.length) {
      sum += contributions[at] as number
      absolute += Math.abs(contributions[at] as number)
    }
    return { column, meanAbsolute: absolute / rows, mean: sum / rows }
  })
  return means.toSorted((a, b) => b.meanAbsolute - a.meanAbsolute)
}

/** Where {@link topContributions} finds its row. */
export interface TopOptions {
  /** How many columns at most, at least 0. Default: all. */
  readonly count?: number
  /** Where the row begins in both arrays. Default 0. */
  readonly offset?: number
}

/**
 * The columns that moved one row's score most: by descending absolute contribution, equals in column order, columns that
 * contribute 0 left out. Values and contributions of column c are at `offset + c`. Throws RangeError where an array is too
 * short or `count` is not an integer of at least 0. Cost: O(columns log columns).
 */
export function topContributions(
  columns: readonly string[],
  values: Float32Array,
  contributions: Float64Array,
  { count = columns.length, offset = 0 }: TopOptions = {},
): RowContribution[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`trees: count=${count}: must be an integer of at least 0`)
  }
  for (const [name, given] of Object.entries({ values, contributions })) {
    if (offset >= 0 && offset + columns.length <= given.length) continue
    throw new RangeError(
      `trees: ${name}.length=${given.length}: must have ${columns.length} columns from offset ${offset} on`,
    )
  }
  return columns
    .map((column, c) => ({
      column,
      value: values[offset + c] as number,
      contribution: contributions[offset + c] as number,
    }))
    .filter(({ contribution }) => contribution !== 0)
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, count)
}
