import type { Score } from '@breakwater/evaluation'

/** A number with `digits` decimals; '-' for one that does not exist. */
export const number = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits))

/** A score with its interval in brackets, where it has one: '0.512 [0.480, 0.544]'. */
export function interval({ estimate, low, high }: Score, digits = 3): string {
  const text = number(estimate, digits)
  return low === null || high === null ? text : `${text} [${number(low, digits)}, ${number(high, digits)}]`
}

/** How the columns of a table of text are aligned. */
export interface Alignment {
  /** Whether a column is set to the right; by default none is. */
  readonly right?: (column: number) => boolean
  /** Whether a row decides the widths; by default every row does. */
  readonly measured?: (row: readonly string[]) => boolean
}

/** Rows of cells as lines with columns of one width, two spaces between them. The first row is the header. */
export function aligned(
  rows: readonly (readonly string[])[],
  { right = () => false, measured = () => true }: Alignment = {},
): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (measured(row) ? (row[column] ?? '').length : 0))),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => (right(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
