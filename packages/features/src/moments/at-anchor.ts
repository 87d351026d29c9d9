import { anchorColumns, dollarsBeyond } from '../labels/columns.ts'
import { numberColumn } from '../table-columns.ts'
import type { Table } from '../table.ts'
import type { Anchor } from '../vocabulary/anchors.ts'

/** Columns of `momentColumns` that a row of signals has at an anchor, where it is confirmed; known at the anchor. */
export const CONFIRMED_COLUMNS = ['moved', 'moved_atr'] as const

/** Where price stands when a touch is confirmed, under the names of {@link CONFIRMED_COLUMNS}. */
export type ConfirmedNumbers = Readonly<Record<(typeof CONFIRMED_COLUMNS)[number], number>>

/**
 * Dollars beyond the level, as they are and by the ATR of the touch; NaN where there is none. Batch and live rows come from here
 * alone. The ATR is rounded to 32 bits first, as features are kept in files.
 */
export function confirmedNumbers(moved: number, atr: number): ConfirmedNumbers {
  const size = Math.fround(atr)
  return { moved, moved_atr: size > 0 ? moved / size : Number.NaN }
}

/**
 * Signals with {@link CONFIRMED_COLUMNS} of one anchor beside their own columns: where its `anchor_spot` stands from the level.
 * They must not feed a forecast that is made before the anchor. Throws on an absent column. Shares the other columns.
 */
export function withConfirmed(signals: Table, anchor: Anchor): Table {
  // The spot needs no window, whatever its length.
  const beyond = dollarsBeyond(signals, anchorColumns(signals, anchor, 0).number('anchor_spot'))
  const atr = numberColumn(signals, 'atr').values
  const moved = new Float64Array(signals.rows)
  const movedAtr = new Float64Array(signals.rows)
  for (let row = 0; row < signals.rows; row++) {
    const numbers = confirmedNumbers(beyond[row] as number, atr[row] as number)
    moved[row] = numbers.moved
    movedAtr[row] = numbers.moved_atr
  }
  return {
    rows: signals.rows,
    columns: {
      ...signals.columns,
      moved: { type: 'number', values: moved },
      moved_atr: { type: 'number', values: movedAtr },
    },
  }
}
