/** What the times of bars say about their size, stamps, hours and gaps. Pure functions over a view of bars. */
import type { BarsView, DayBars } from './days.ts'

/** Rows that break a rule: the first row of each breach, in order, and what is wrong with the first of them. */
export interface Breach {
  readonly rows: readonly number[]
  readonly reason: string
}

/** Looks for breaches of one rule beyond its limit; null where there is none. */
export type BreachFinder = (view: BarsView, limit: number) => Breach | null

/** Bars of a session from which on its spacing is judged by itself, and distances from which on that of all sessions is. */
const MIN_SESSION_BARS = 12
const MIN_DISTANCES = 5
/** Bars of a whole regular session of one-minute bars, give or take the closing print and a few absent minutes. */
const WHOLE_SESSION = { min: 380, max: 392 } as const
/** A volume this many times that of each of so many minutes before it is the opening. */
const OPENING_RATIO = 3
const QUIET_MINUTES = 6

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** The greatest distance, in minutes, of which all distances between bars of the session are multiples; 0 without any. */
function spacingOf({ minutes }: BarsView, { regularFrom, regularTo }: DayBars): number {
  let spacing = 0
  for (let row = regularFrom + 1; row < regularTo && spacing !== 1; row++)
    spacing = divisor((minutes[row] as number) - (minutes[row - 1] as number), spacing)
  return spacing
}

const barsIn = ({ regularFrom, regularTo }: DayBars): number => regularTo - regularFrom

/** Sessions whose bars are all a multiple of more than `limit` minutes apart. */
export const findBarSize: BreachFinder = (view, limit) => {
  const spaced = view.days.map((day) => ({ day, spacing: spacingOf(view, day) }))
  const all = spaced.reduce((sum, { spacing }) => divisor(spacing, sum), 0)
  const distances = view.days.reduce((sum, day) => sum + Math.max(0, barsIn(day) - 1), 0)
  const isPooled = all > limit && distances >= MIN_DISTANCES
  const wide = spaced.filter(({ day, spacing }) => spacing > limit && (isPooled || barsIn(day) >= MIN_SESSION_BARS))
  const [first] = wide
  if (first === undefined) return null
  const size = isPooled ? all : first.spacing
  return {
    rows: wide.map(({ day }) => day.regularFrom),
    reason: `the bars of ${first.day.date} are ${size} minutes apart; one-minute bars are needed`,
  }
}

/** Row of the day's bar that starts at `minute`, or -1. */
function rowAt({ minutes }: BarsView, day: DayBars, minute: number): number {
  for (let [low, high] = [day.from, day.to]; low < high;) {
    const middle = (low + high) >>> 1
    const there = minutes[middle] as number
    if (there === minute) return middle
    if (there < minute) low = middle + 1
    else high = middle
  }
  return -1
}

/** Whether the bar of `minute` trades far more than each of the minutes before it: the opening. */
function isOpening(view: BarsView, day: DayBars, minute: number): boolean {
  const volume = (at: number): number => {
    const row = rowAt(view, day, at)
    return row < 0 ? 0 : (view.bars.volume[row] as number)
  }
  const before = Array.from({ length: QUIET_MINUTES }, (_, i) => volume(minute - 1 - i))
  return volume(minute) > OPENING_RATIO * Math.max(...before)
}

/** 1 where the day looks stamped at the end of its bars, -1 where at the start, 0 where it does not say. */
function stampVote(view: BarsView, day: DayBars): -1 | 0 | 1 {
  const has = (minute: number): boolean => rowAt(view, day, minute) >= 0
  const hasPreMarket = day.regularFrom > day.from
  if (!has(day.open)) return !hasPreMarket && has(day.open + 1) && has(day.close) && !day.half ? 1 : 0
  if (!hasPreMarket || isOpening(view, day, day.open)) return -1
  if (isOpening(view, day, day.open + 1)) return 1
  return has(day.afterClose) && !has(day.preOpen) ? 1 : 0
}

/** Days that look stamped at the end of their bars, where more than the share `limit` of those that say anything do. */
export const findEndStamps: BreachFinder = (view, limit) => {
  const votes = view.days.map((day) => ({ day, vote: stampVote(view, day) }))
  const late = votes.filter(({ vote }) => vote > 0)
  const [first] = late
  const said = votes.filter(({ vote }) => vote !== 0).length
  if (first === undefined || late.length <= limit * said) return null
  return {
    rows: late.map(({ day }) => day.from),
    reason: `the session of ${first.day.date} opens and closes a minute late: the stamps mark the ends of the bars, not their starts`,
  }
}

/** Minutes by which a whole regular session stands beside the exchange's hours; 0 for a day of another shape. */
function shiftOf({ minutes }: BarsView, { from, to, open, preOpen, half }: DayBars): number {
  const [first, last] = [minutes[from] as number, minutes[to - 1] as number]
  const isWhole = to - from >= WHOLE_SESSION.min && last - first < WHOLE_SESSION.max
  return isWhole && !half && first !== preOpen ? first - open : 0
}

/** Whole sessions that begin at least `limit` minutes before or after the open. */
export const findSessionHours: BreachFinder = (view, limit) => {
  const shifted = view.days.filter((day) => Math.abs(shiftOf(view, day)) >= limit)
  const [first] = shifted
  if (first === undefined) return null
  const shift = shiftOf(view, first)
  const where = `${Math.abs(shift)} minutes ${shift > 0 ? 'after' : 'before'} the open in New York`
  return {
    rows: shifted.map(({ from }) => from),
    reason: `the session of ${first.date} begins ${where}: the time zone or a clock change is wrong`,
  }
}

/** Sessions of which more than the share `limit` of the minutes between first and last bar is absent. */
export const findGaps: BreachFinder = (view, limit) => {
  const { minutes } = view
  const absent = (day: DayBars): { readonly count: number; readonly span: number } => {
    if (barsIn(day) < 2 || spacingOf(view, day) > 1) return { count: 0, span: 1 }
    const span = (minutes[day.regularTo - 1] as number) - (minutes[day.regularFrom] as number) + 1
    return { count: span - barsIn(day), span }
  }
  const sparse = view.days.filter((day) => absent(day).count > limit * absent(day).span)
  const [first] = sparse
  if (first === undefined) return null
  const { count, span } = absent(first)
  return {
    rows: sparse.map((day) => firstGap(minutes, day)),
    reason: `the session of ${first.date} lacks ${count} of its ${span} minutes`,
  }
}

/** The row after the first absent minute of a session. */
function firstGap(minutes: Float64Array, { regularFrom, regularTo }: DayBars): number {
  let row = regularFrom + 1
  while (row < regularTo - 1 && (minutes[row] as number) - (minutes[row - 1] as number) === 1) row++
  return row
}

const PRICES = ['open', 'high', 'low', 'close'] as const

function isCopy({ bars, minutes }: BarsView, a: DayBars, b: DayBars): boolean {
  for (let i = 0; i < barsIn(a); i++) {
    const [x, y] = [a.regularFrom + i, b.regularFrom + i]
    if ((minutes[x] as number) - a.open !== (minutes[y] as number) - b.open) return false
    if (PRICES.some((name) => bars[name][x] !== bars[name][y])) return false
  }
  return true
}

/** Pairs of sessions, the later one second, with equal prices minute by minute, of at least `limit` bars. */
export function copiedSessions(view: BarsView, limit: number): [DayBars, DayBars][] {
  const known = new Map<string, DayBars>()
  const pairs: [DayBars, DayBars][] = []
  for (const day of view.days) {
    if (barsIn(day) < limit) continue
    const { open, close } = view.bars
    const key = `${barsIn(day)} ${open[day.regularFrom]} ${close[day.regularTo - 1]}`
    const before = known.get(key)
    if (before !== undefined && isCopy(view, before, day)) pairs.push([before, day])
    else known.set(key, day)
  }
  return pairs
}

/** Sessions with the prices of an earlier one. */
export const findDuplicateSession: BreachFinder = (view, limit) => {
  const pairs = copiedSessions(view, limit)
  const [first] = pairs
  if (first === undefined) return null
  const [original, copy] = first
  return {
    rows: pairs.map(([, day]) => day.from),
    reason: `the session of ${copy.date} has the same prices as ${original.date}, minute by minute`,
  }
}

/** Sessions of the calendar between the first and the last day that have no bar, where they are more than `limit`. */
export const findMissingSessions: BreachFinder = ({ days, calendar }, limit) => {
  const rows: number[] = []
  const dates: string[] = []
  for (const [i, day] of days.entries()) {
    const before = days[i - 1]
    if (before === undefined) continue
    let { date } = calendar.previousSession(day.date)
    for (; date > before.date; { date } = calendar.previousSession(date)) {
      rows.push(day.from)
      dates.push(date)
    }
  }
  if (rows.length <= limit) return null
  return { rows, reason: `the session of ${dates.toSorted()[0]} has no bar` }
}
