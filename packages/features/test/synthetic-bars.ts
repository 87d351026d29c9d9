import { newYorkCalendar } from '@breakwater/features'
import type { Bars } from '@breakwater/features'

/** One bar as a row: nanoseconds, open, high, low, close, volume. */
export type BarRow = readonly [bigint, number, number, number, number, number]

const MINUTE_NS = 60_000_000_000n
const calendar = newYorkCalendar()

/** Bars from rows. */
export function barsOf(rows: readonly BarRow[]): Bars {
  const column = (i: 1 | 2 | 3 | 4 | 5): Float64Array => Float64Array.from(rows, (row) => row[i])
  return {
    rows: rows.length,
    ts: BigInt64Array.from(rows, (row) => row[0]),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

/** Rows from bars. */
export function rowsOf(bars: Bars): BarRow[] {
  return Array.from({ length: bars.rows }, (_, i) => rowAt(bars, i))
}

function rowAt(bars: Bars, i: number): BarRow {
  const value = (column: Float64Array): number => column[i] ?? Number.NaN
  return [bars.ts[i] ?? 0n, value(bars.open), value(bars.high), value(bars.low), value(bars.close), value(bars.volume)]
}

/** The bars for which `keep` holds. */
export function filterBars(bars: Bars, keep: (row: BarRow) => boolean): Bars {
  return barsOf(rowsOf(bars).filter(keep))
}

/** Nanoseconds of a New York wall time on a trading day, for example at('2024-02-20', '09:30'). */
export function at(date: string, time: string): bigint {
  const session = calendar.sessionOf(date)
  if (session === null) throw new Error(`${date} is no session`)
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return session.openNs + BigInt(hours * 60 + minutes - 570) * MINUTE_NS
}

/** Mulberry32: numbers in [0, 1) from a 32-bit seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const cents = (price: number): number => Math.round(price * 100) / 100

/** What {@link walk} should make. */
export interface WalkOptions {
  readonly dates: readonly string[]
  readonly seed: number
  /** Share of minutes without a bar. */
  readonly absent?: number
  /** Minutes of pre-market before 09:30; 0 for none. */
  readonly preMarketMinutes?: number
  /** Greatest move of the close in a minute, dollars. */
  readonly step?: number
}

/** A random walk in cents through the regular sessions of `dates`, with pre-market and after-hours bars around them. */
export function walk({ dates, seed, absent = 0.03, preMarketMinutes = 90, step = 0.25 }: WalkOptions): Bars {
  const random = randomNumbers(seed)
  const rows: BarRow[] = []
  let price = 500
  for (const date of dates) {
    const session = calendar.sessionOf(date)
    if (session === null) throw new Error(`${date} is no session`)
    const from = session.openNs - BigInt(preMarketMinutes) * MINUTE_NS
    for (let ts = from; ts < session.closeNs + 3n * MINUTE_NS; ts += MINUTE_NS) {
      const move = (random() * 2 - 1) * step
      const open = cents(price + (random() - 0.5) * 0.04)
      price = Math.max(5, price + move)
      const close = cents(price)
      const high = cents(Math.max(open, close) + random() * 0.12)
      const low = cents(Math.min(open, close) - random() * 0.12)
      if (random() >= absent) rows.push([ts, open, high, low, close, Math.ceil(random() * 1000)])
    }
  }
  return barsOf(rows)
}
