import { MOMENT_NUMBERS } from '@breakwater/features'
import type { LevelPath, Table } from '@breakwater/features'
import { plain } from './tables.ts'

/** One moment of a table: its level's path and its numbers in the order of `MOMENT_NUMBERS`. */
export interface MomentRow {
  /** Minutes since 1970. */
  readonly at: number
  readonly kind: string
  readonly path: LevelPath
  readonly numbers: readonly number[]
}

const minuteOf = (ns: bigint): number => Number(ns / 60_000_000_000n)

/** The moments of a table; `atrOf` gives the ATR of a row's touch, null before one. */
export function momentRows(table: Table, atrOf: (row: number) => number | null): MomentRow[] {
  const column = (name: string): unknown[] => plain(table.columns[name])
  const [starts, times, kinds] = [column('ts_ns'), column('moment_ts_ns'), column('level_kind_name')]
  const [directions, prices] = [column('direction'), column('level_price')]
  const numbers = MOMENT_NUMBERS.map((name) => column(name) as number[])
  return starts.map((start, row) => ({
    at: minuteOf(times[row] as bigint),
    kind: String(kinds[row]),
    path: {
      price: prices[row] as number,
      sign: directions[row] === 'UP' ? 1 : -1,
      touchMinute: (start as bigint) < 0n ? null : minuteOf(start as bigint),
      atr: atrOf(row),
    },
    numbers: numbers.map((values) => values[row] as number),
  }))
}

/** What tells one moment of a table from another. */
export const momentKey = ({ at, kind, path }: MomentRow): string =>
  `${at} ${kind} ${path.price} ${path.sign} ${path.touchMinute}`
