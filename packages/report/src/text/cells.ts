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

/** A column of a table that must fit a terminal. */
export interface TextColumn<T> {
  readonly name: string
  readonly cell: (row: T) => string
  /** Whether it is set to the right. */
  readonly right?: boolean
}

/**
 * A table of the columns that fit `width` characters, in their order: from the last on, columns are left out until the lines
 * are short enough. The first column always stays.
 */
export function fitted<T>(rows: readonly T[], columns: readonly TextColumn<T>[], width: number): string[] {
  for (let count = columns.length; ; count--) {
    const shown = columns.slice(0, Math.max(1, count))
    const lines = aligned([shown.map(({ name }) => name), ...rows.map((row) => shown.map(({ cell }) => cell(row)))], {
      right: (column) => shown[column]?.right === true,
    })
    if (count <= 1 || lines.every((line) => line.length <= width)) return lines
  }
}

/** Text in lines of at most `width` characters, broken at spaces; lines after the first are indented. */
export function wrapped(text: string, width: number, indent = 2): string[] {
  const lines: string[] = []
  let line = /^ */.exec(text)?.[0] ?? ''
  let isEmpty = true
  for (const word of text.trim().split(/ +/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ' '.repeat(indent)
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}
