import {
  type Bars,
  buildSignals,
  numbersOf,
  type SignalSettings,
  stringsOf,
  type Table,
  timesOf,
} from '@breakwater/features'
import type { FeatureRow } from '../drift/drift.ts'

/** The row of a touch as a live process used it. */
export interface LiveTouchRow {
  /** Start of the touch minute, nanoseconds since 1970. */
  readonly touchNs: bigint
  readonly kind: string
  /** Dollars. */
  readonly price: number
  readonly row: FeatureRow
}

/** A feature whose live value is not the one that batch builds of the same bars. */
export interface SkewedFeature {
  readonly name: string
  readonly live: unknown
  readonly batch: unknown
  readonly touchNs: bigint
  readonly kind: string
  readonly price: number
}

/** What a comparison of live rows with batch came to. */
export interface SkewReport {
  readonly rows: number
  /** Rows of touches that batch does not find in the bars. */
  readonly absent: number
  readonly compared: number
  readonly skewed: readonly SkewedFeature[]
}

/**
 * Builds the rows of live touches again from the stored bars, by the batch path of the signals, and compares `names` to the bit. Every
 * difference names the feature, both values and the moment. Missing values (null, undefined, NaN) equal each other; 0 and -0
 * do not. Readings of order book, tape and options are not in bars: leave their names out. Cost: the signals of the bars.
 */
export function compareWithBatch(
  bars: Bars,
  live: readonly LiveTouchRow[],
  { names, settings = {} }: { readonly names: readonly string[]; readonly settings?: Partial<SignalSettings> },
): SkewReport {
  const { table } = buildSignals(bars, settings)
  const places = new Map<string, number>()
  const [starts, kinds, prices] = [
    timesOf(table, 'ts_ns'),
    stringsOf(table, 'level_kind_name'),
    numbersOf(table, 'level_price'),
  ]
  for (const [row, ns] of starts.entries()) places.set(`${ns} ${kinds[row]} ${prices[row]}`, row)
  const columns = names.map((name) => ({ name, valueAt: column(table, name) }))
  const skewed: SkewedFeature[] = []
  let [absent, compared] = [0, 0]
  for (const { touchNs, kind, price, row } of live) {
    const at = places.get(`${touchNs} ${kind} ${price}`)
    if (at === undefined) {
      absent += 1
      continue
    }
    for (const { name, valueAt } of columns) {
      const [a, b] = [valueOf(row[name]), valueOf(valueAt(at))]
      compared += 1
      if (!Object.is(a, b)) skewed.push({ name, live: a, batch: b, touchNs, kind, price })
    }
  }
  return { rows: live.length, absent, compared, skewed }
}

/** Values of a column by row; missing words are null. */
function column(table: Table, name: string): (row: number) => unknown {
  const one = table.columns[name]
  if (one === undefined) throw new Error(`monitor: names=${name}: the signals have no such column. Name one of theirs.`)
  if (one.type === 'string') return (row) => one.dictionary[one.codes[row] as number] ?? null
  return (row) => one.values[row]
}

/** A value, or NaN where it is missing; a boolean counts as the number that batch keeps. */
function valueOf(value: unknown): unknown {
  if (value === null || value === undefined) return Number.NaN
  return typeof value === 'boolean' ? Number(value) : value
}
