import {
  barsOf,
  CONFIRMED_COLUMNS,
  liveNeeds,
  type MinuteBar,
  signalColumns,
  type SignalSettings,
} from '@breakwater/features'
import type { FeatureRow } from '../drift/drift.ts'
import { compareWithBatch, type LiveTouchRow, type SkewReport } from './skew.ts'

/** Rows and the bars to build them from again: what a thread is handed. */
export interface StoredWork {
  readonly bars: readonly MinuteBar[]
  readonly rows: readonly LiveTouchRow[]
  readonly names: readonly string[]
  readonly settings: Partial<SignalSettings>
}

/** Keeps what comparisons of live rows with batch need. One caller at a time. */
export interface StoredRows {
  /** Takes a bar that came; one that is not after the last is left out, as live rows leave it out. */
  bar(bar: MinuteBar): void
  /** Takes the row of a touch. */
  take(row: FeatureRow): void
  /** The rows since the last time, with the bars; null where there is none. */
  due(settings: Partial<SignalSettings>, features: readonly string[]): StoredWork | null
}

/** Bars kept: ten days, as live rows keep them. From four sessions on the bits do not depend on how many there are. */
const KEPT_MINUTES = 10 * 24 * 60
/** Rows that wait for one comparison; more are not compared. */
const MOST_ROWS = 2000

/** Features that bars alone give, and that do not hang on the price of a tick. */
const FROM_BARS: ReadonlySet<string> = new Set(
  signalColumns
    .map(({ name }) => name)
    .filter((name) => liveNeeds.get(name)?.length === 0 && !CONFIRMED_COLUMNS.some((one) => one === name)),
)

/** Keeps nothing yet. */
export function keepStored(): StoredRows {
  let bars: MinuteBar[] = []
  let rows: LiveTouchRow[] = []
  return {
    bar(bar) {
      const last = bars.at(-1)
      if (last !== undefined && bar.minute <= last.minute) return
      const first = bars[0]
      // Once in a while: a list that is cut at every bar would be copied at every bar.
      if (first !== undefined && bar.minute - first.minute > 2 * KEPT_MINUTES) {
        bars = bars.filter(({ minute }) => minute > bar.minute - KEPT_MINUTES)
      }
      bars.push(bar)
    },
    take(row) {
      const { ts_ns: ns, level_kind_name: kind, level_price: price } = row
      if (typeof ns !== 'bigint' || typeof kind !== 'string' || typeof price !== 'number') return
      if (rows.length < MOST_ROWS) rows.push({ touchNs: ns, kind, price, row })
    },
    due(settings, features) {
      if (rows.length === 0) return null
      const names = features.filter((name) => FROM_BARS.has(name))
      const work = { bars, rows, names, settings }
      rows = []
      return work
    },
  }
}

/** Compares rows with batch; see `compareWithBatch`. */
export function compareStored({ bars, rows, names, settings }: StoredWork): SkewReport {
  return compareWithBatch(barsOf(bars), rows, { names, settings })
}
