/**
 * Days on which the New York Stock Exchange does not open, and days on which it closes at 13:00, from 2012 on.
 *
 * Rules: NYSE rule 7.2 and the exchange's published calendars. A holiday on a Sunday is kept on the Monday, one on a
 * Saturday on the Friday, except that New Year's Day on a Saturday is not kept at all.
 */

const DAY_MS = 86_400_000

/** Closures outside the rules: hurricane Sandy, and days of mourning for presidents Bush (2018) and Carter (2025). */
const SPECIAL_CLOSURES: ReadonlySet<string> = new Set(['2012-10-29', '2012-10-30', '2018-12-05', '2025-01-09'])

const [SUNDAY, MONDAY, THURSDAY, FRIDAY, SATURDAY] = [0, 1, 4, 5, 6] as const

/** Milliseconds of a date at 00:00 UTC; months from 1. */
function dayMs(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day)
}

function weekday(ms: number): number {
  return new Date(ms).getUTCDay()
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** The n-th `wanted` weekday of a month, n from 1. */
function nthWeekday(year: number, month: number, wanted: number, n: number): number {
  const first = dayMs(year, month, 1)
  return first + (((wanted - weekday(first) + 7) % 7) + 7 * (n - 1)) * DAY_MS
}

function lastMondayOfMay(year: number): number {
  const last = dayMs(year, 5, 31)
  return last - ((weekday(last) - MONDAY + 7) % 7) * DAY_MS
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm of Nature, 20 April 1876). */
function easter(year: number): number {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114
  return dayMs(year, Math.floor(f / 31), (f % 31) + 1)
}

function observed(ms: number): number {
  const day = weekday(ms)
  if (day === SATURDAY) return ms - DAY_MS
  return day === SUNDAY ? ms + DAY_MS : ms
}

function thanksgiving(year: number): number {
  return nthWeekday(year, 11, THURSDAY, 4)
}

function holidays(year: number): number[] {
  const newYear = dayMs(year, 1, 1)
  const days = [
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    easter(year) - 2 * DAY_MS,
    lastMondayOfMay(year),
    observed(dayMs(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    thanksgiving(year),
    observed(dayMs(year, 12, 25)),
  ]
  if (weekday(newYear) !== SATURDAY) days.push(observed(newYear))
  if (year >= 2022) days.push(observed(dayMs(year, 6, 19)))
  return days
}

/** July 3 and December 24 close early from Monday to Thursday; on a Friday the holiday itself is kept on them. */
function halfDays(year: number): number[] {
  const eves = [dayMs(year, 7, 3), dayMs(year, 12, 24)]
  const early = eves.filter((ms) => weekday(ms) >= MONDAY && weekday(ms) < FRIDAY)
  return [...early, thanksgiving(year) + DAY_MS]
}

/** The exceptions of one year, as 'YYYY-MM-DD'. */
export interface YearExceptions {
  readonly closed: ReadonlySet<string>
  readonly half: ReadonlySet<string>
}

/** Closed weekdays and half days of `year`. Weekends are not listed. Right from 2012; earlier years had other rules. */
export function exceptionsOf(year: number): YearExceptions {
  const special = [...SPECIAL_CLOSURES].filter((date) => date.startsWith(`${year}-`))
  return {
    closed: new Set([...holidays(year).map(isoDate), ...special]),
    half: new Set(halfDays(year).map(isoDate)),
  }
}
