import { buildSignals } from '@breakwater/features'
import type { Bars, BuildSignalsOptions, SignalsReport } from '@breakwater/features'
import { at, barsOf } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'
import { plainTable } from './tables.ts'

/** Open, high, low, close and optionally volume (1 by default) of a bar. */
export type Prices = readonly [number, number, number, number, number?]

/** Consecutive one-minute bars from `time` on; null leaves a minute out. */
export function minutesFrom(date: string, time: string, prices: readonly (Prices | null)[]): BarRow[] {
  const start = at(date, time)
  return prices.flatMap((bar, i): BarRow[] =>
    bar === null ? [] : [[start + BigInt(i) * 60_000_000_000n, bar[0], bar[1], bar[2], bar[3], bar[4] ?? 1]],
  )
}

/** The same bar `count` times. */
export function still(price: number, count: number): Prices[] {
  return Array.from({ length: count }, () => [price, price, price, price])
}

/** One row of the signals table by column name. */
export type SignalValues = Readonly<Record<string, unknown>>

/** The signals of some bars as plain rows. */
export function signalsOf(
  rows: readonly BarRow[] | Bars,
  options: BuildSignalsOptions = {},
): { readonly rows: readonly SignalValues[]; readonly report: SignalsReport } {
  const bars = 'ts' in rows ? rows : barsOf(rows)
  const { table, report } = buildSignals(bars, options)
  const columns = Object.entries(plainTable(table))
  const plain = Array.from({ length: table.rows }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i]])),
  )
  return { rows: plain, report }
}

/** The rows of one kind of level. */
export function ofKind(rows: readonly SignalValues[], kind: string): SignalValues[] {
  return rows.filter((row) => row['level_kind_name'] === kind)
}
