import { exceptionsOf } from './holidays.ts'
import type { YearExceptions } from './holidays.ts'
import { zoneClock } from './zone.ts'
import type { ZoneClock } from './zone.ts'

/** One trading day of the New York Stock Exchange. Times are nanoseconds since 1970 UTC. */
export interface Session {
  /** 'YYYY-MM-DD' in New York. */
  readonly date: string
  /** 04:00 New York, when pre-market trading starts. */
  readonly preOpenNs: bigint
  /** 09:30 New York. */
  readonly openNs: bigint
  /** 16:00 New York, 13:00 on a half day. The regular session is [openNs, closeNs). */
  readonly closeNs: bigint
  /** 20:00 New York, when after-hours trading ends (also given so on half days). */
  readonly afterCloseNs: bigint
  /** Whether the session closes at 13:00. */
  readonly half: boolean
}

/** What {@link newYorkCalendar} should know beyond its rules: dates as 'YYYY-MM-DD'. */
export interface CalendarOptions {
  /** Weekdays on which the exchange stays closed besides the known holidays. */
  readonly closures?: readonly string[]
  /** Sessions that close at 13:00 besides the known half days. */
  readonly halfDays?: readonly string[]
}

/** Trading days and dates in New York. */
export interface Calendar {
  /** The session of a date, or null on a weekend, holiday or closure. Throws RangeError for what is not a date. */
  sessionOf(date: string): Session | null
  /** The New York date ('YYYY-MM-DD') of a time. */
  dateOf(ns: bigint): string
  /** The last trading day before a date. */
  previousSession(date: string): Session
}

const DAY_S = 86_400
const SECOND_NS = 1_000_000_000n
const HOUR_S = 3600
const PRE_OPEN_S = 4 * HOUR_S
const OPEN_S = 9.5 * HOUR_S
const EARLY_CLOSE_S = 13 * HOUR_S
const CLOSE_S = 16 * HOUR_S
const AFTER_CLOSE_S = 20 * HOUR_S
/** No NYSE closure has outlasted this since 1933. */
const LONGEST_CLOSURE_DAYS = 30

/** Seconds of 00:00 UTC of an ISO date, or NaN when the text is not one. */
function daySeconds(date: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  const real = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
  return real ? ms / 1000 : Number.NaN
}

function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

function requireDate(date: string, argument: string): number {
  const seconds = daySeconds(date)
  if (Number.isNaN(seconds)) {
    throw new RangeError(
      `features: ${argument}=${JSON.stringify(date)}: not a date. Write it as YYYY-MM-DD, for example 2024-02-20.`,
    )
  }
  return seconds
}

function buildSession(date: string, day: number, half: boolean, clock: ZoneClock): Session {
  // New York changes its clocks at 02:00, so 04:00 and the day's later hours share one offset.
  const midnight = BigInt(day - clock.offsetAt(day + 12 * 3600))
  const at = (seconds: number): bigint => (midnight + BigInt(seconds)) * SECOND_NS
  return {
    date,
    preOpenNs: at(PRE_OPEN_S),
    openNs: at(OPEN_S),
    closeNs: at(half ? EARLY_CLOSE_S : CLOSE_S),
    afterCloseNs: at(AFTER_CLOSE_S),
    half,
  }
}

/** Remembers the answers of a pure function by its argument. */
function memoised<K, V extends object | string | null>(compute: (key: K) => V): (key: K) => V {
  const answers = new Map<K, V>()
  return (key) => {
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = compute(key)
    answers.set(key, answer)
    return answer
  }
}

/**
 * The calendar of the New York Stock Exchange: regular session 09:30-16:00 New York, 13:00 on half days (July 3, the day
 * after Thanksgiving, Christmas Eve, by their weekday rules), closed on weekends, holidays and the special closures since
 * 2012. Clock changes follow the IANA data that the runtime ships. Right from 2012 on; a closure announced later than this
 * release is given in `options`. Answers are remembered, so a look-up by date costs a map access.
 */
export function newYorkCalendar(options: CalendarOptions = {}): Calendar {
  const closures = new Set(options.closures)
  const halfDays = new Set(options.halfDays)
  for (const date of closures) requireDate(date, 'calendar.closures')
  for (const date of halfDays) requireDate(date, 'calendar.halfDays')
  const clock = zoneClock('America/New_York')
  const exceptions = memoised<number, YearExceptions>(exceptionsOf)
  const sessionOf = memoised((date: string): Session | null => {
    const day = requireDate(date, 'date')
    const weekday = new Date(day * 1000).getUTCDay()
    const { closed, half } = exceptions(Number(date.slice(0, 4)))
    if (weekday === 0 || weekday === 6 || closed.has(date) || closures.has(date)) return null
    return buildSession(date, day, half.has(date) || halfDays.has(date), clock)
  })
  const dayName = memoised((day: number): string => isoDate(day * DAY_S))
  const dateOf = (ns: bigint): string => {
    const utc = Math.floor(Number(ns / SECOND_NS))
    return dayName(Math.floor((utc + clock.offsetAt(utc)) / DAY_S))
  }
  const previousSession = (date: string): Session => {
    const day = requireDate(date, 'date')
    for (let back = 1; back <= LONGEST_CLOSURE_DAYS; back++) {
      const session = sessionOf(isoDate(day - back * DAY_S))
      if (session !== null) return session
    }
    throw new RangeError(
      `features: calendar.closures: no session in the ${LONGEST_CLOSURE_DAYS} days before ${date}. Check the closures given.`,
    )
  }
  return { sessionOf, dateOf, previousSession }
}
