import { numberColumn, stringColumn } from '../table-columns.ts'
import type { StringColumn, Table } from '../table.ts'
import { type Anchor, PRIMARY_ANCHOR } from '../vocabulary/anchors.ts'
import { signOf } from '../vocabulary/words.ts'

/** The label columns of one anchor, by their names without a suffix. */
export interface AnchorColumns {
  readonly outcome: StringColumn
  readonly number: (name: string) => Float64Array | Float32Array
  /**
   * Seconds of the label window that the data covers, by row. Files of the original layout lack it: a row is then
   * taken as covered whole where its outcome is defined, and as not covered (NaN) where it is not.
   */
  readonly window: Float64Array | Float32Array
}

/** Finds an anchor's columns: with the anchor's suffix, and for the primary one also without. Throws naming an absent column. */
export function anchorColumns(table: Table, anchor: Anchor, windowSeconds: number): AnchorColumns {
  const find = (name: string): string | undefined =>
    [`${name}_${anchor}`, ...(anchor === PRIMARY_ANCHOR ? [name] : [])].find((candidate) => candidate in table.columns)
  const required = (name: string): string => {
    const found = find(name)
    if (found !== undefined) return found
    throw new Error(
      `features: table.${name}_${anchor}: the label column is missing. Leave anchor ${anchor} out, or write the signals again.`,
    )
  }
  const number = (name: string): Float64Array | Float32Array => numberColumn(table, required(name)).values
  const outcome = stringColumn(table, required('outcome'))
  const window = find('window_s')
  return {
    outcome,
    number,
    window: window === undefined ? whereDefined(outcome, windowSeconds) : numberColumn(table, window).values,
  }
}

/** Whether the table has labels for an anchor. */
export function hasAnchor(table: Table, anchor: Anchor): boolean {
  return `outcome_${anchor}` in table.columns || (anchor === PRIMARY_ANCHOR && 'outcome' in table.columns)
}

function whereDefined({ codes, dictionary }: StringColumn, seconds: number): Float64Array {
  return Float64Array.from(codes, (code) => (code < 0 || dictionary[code] === 'UNDEFINED' ? Number.NaN : seconds))
}

/** Dollars that `spot` lies beyond the level in the direction of approach, by row; NaN where unknown. */
export function dollarsBeyond(table: Table, spot: ArrayLike<number>): Float64Array {
  const level = numberColumn(table, 'level_price')
  const { codes, dictionary } = stringColumn(table, 'direction')
  const signs = dictionary.map((word) => signOf(word))
  return Float64Array.from(
    codes,
    (code, row) => (signs[code] ?? Number.NaN) * ((spot[row] as number) - (level.values[row] as number)),
  )
}
