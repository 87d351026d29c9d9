import type { Bars } from './bars.ts'
import type { Calendar, Session } from './calendar.ts'

/** The bars of one trading day: rows [from, to) of New York's date, of which [regularFrom, regularTo) lie in the session. */
export interface DayBars {
  readonly date: string
  readonly from: number
  readonly to: number
  readonly regularFrom: number
  readonly regularTo: number
  /** Minutes since 1970 of 04:00, the open, the close and 20:00. */
  readonly preOpen: number
  readonly open: number
  readonly close: number
  readonly afterClose: number
  readonly half: boolean
}

/** Bars by trading day, as the rules look at them. */
export interface BarsView {
  readonly bars: Bars
  /** Start of each bar in minutes since 1970. */
  readonly minutes: Float64Array
  /** Days with a session and at least one bar, in time order. */
  readonly days: readonly DayBars[]
  readonly calendar: Calendar
}

const MINUTE_NS = 60_000_000_000

/** Starts in whole minutes since 1970 of times that are whole minutes: their halves as doubles, rounded. */
export function minutesOf(ts: BigInt64Array): Float64Array {
  const halves = new Int32Array(ts.buffer, ts.byteOffset, 2 * ts.length)
  const minutes = new Float64Array(ts.length)
  for (let i = 0; i < ts.length; i++) {
    const ns = (halves[2 * i + 1] as number) * 2 ** 32 + ((halves[2 * i] as number) >>> 0)
    minutes[i] = Math.round(ns / MINUTE_NS)
  }
  return minutes
}

/** The first row of [from, to) whose minute is at least `minute`, `to` when there is none. */
function rowAtOrAfter(minutes: Float64Array, minute: number, from: number, to: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((minutes[middle] as number) < minute) low = middle + 1
    else high = middle
  }
  return low
}

const minute = (ns: bigint): number => Number(ns) / MINUTE_NS

/** The end of the New York date that begins with row `from`: dates rise with rows, so steps double, then halve. */
function endOfDate(bars: Bars, from: number, date: string, calendar: Calendar): number {
  const same = (row: number): boolean => row < bars.rows && calendar.dateOf(bars.ts[row] as bigint) === date
  let step = 1
  while (same(from + step)) step *= 2
  let [low, high] = [from + step / 2, Math.min(from + step, bars.rows)]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (same(middle)) low = middle + 1
    else high = middle
  }
  return Math.max(low, from + 1)
}

/** The New York dates of bars, which are in time order, each with its rows [from, to). */
export function* datesOf(
  bars: Bars,
  calendar: Calendar,
): Generator<{ readonly date: string; readonly from: number; readonly to: number }> {
  for (let from = 0; from < bars.rows;) {
    const date = calendar.dateOf(bars.ts[from] as bigint)
    const to = endOfDate(bars, from, date, calendar)
    yield { date, from, to }
    from = to
  }
}

function dayOf(session: Session, minutes: Float64Array, from: number, to: number): DayBars {
  const [open, close] = [minute(session.openNs), minute(session.closeNs)]
  return {
    date: session.date,
    from,
    to,
    regularFrom: rowAtOrAfter(minutes, open, from, to),
    regularTo: rowAtOrAfter(minutes, close, from, to),
    preOpen: minute(session.preOpenNs),
    open,
    close,
    afterClose: minute(session.afterCloseNs),
    half: session.half,
  }
}

/** Bars, whose times are whole minutes that rise, by trading day. Cost: one pass over the times, and a few look-ups a day. */
export function viewBars(bars: Bars, calendar: Calendar): BarsView {
  const minutes = minutesOf(bars.ts)
  const days: DayBars[] = []
  for (let from = 0; from < bars.rows;) {
    const date = calendar.dateOf(bars.ts[from] as bigint)
    const to = endOfDate(bars, from, date, calendar)
    const session = calendar.sessionOf(date)
    if (session !== null) days.push(dayOf(session, minutes, from, to))
    from = to
  }
  return { bars, minutes, days, calendar }
}
