import type { Calendar } from '../bars/calendar.ts'
import { MINUTE_NS, minuteOf } from './day.ts'
import type { Level } from './levels.ts'
import { OPTION_KINDS, type OptionKind } from '../vocabulary/words.ts'

/** A level that option data gives. It holds from `fromNs` to the end of the New York date of `fromNs`. */
export interface OptionLevel {
  readonly kind: OptionKind
  /** Dollars, whole cents. */
  readonly price: number
  /** When it became known, nanoseconds since 1970 UTC. A later wall of the same kind replaces an earlier one. */
  readonly fromNs: bigint
}

interface TimedLevel {
  readonly level: Level
  readonly fromMinute: number
}

/** Option levels by date, each date's in order of becoming known. */
export type OptionBook = ReadonlyMap<string, readonly TimedLevel[]>

const KINDS: ReadonlySet<string> = new Set(OPTION_KINDS)

function checkOptionLevel({ kind, price }: OptionLevel, index: number): void {
  if (!KINDS.has(kind)) {
    throw new RangeError(
      `features: optionLevels[${index}].kind=${JSON.stringify(kind)}: must be STRIKE, CALL_WALL or PUT_WALL. Correct it.`,
    )
  }
  if (!(price > 0 && Math.abs(price * 100 - Math.round(price * 100)) < 1e-6)) {
    throw new RangeError(
      `features: optionLevels[${index}].price=${price}: must be a positive number of whole cents. Round it.`,
    )
  }
}

/** The first minute whose start is not before `ns`. */
function minuteFrom(ns: bigint): number {
  return minuteOf(ns + MINUTE_NS - 1n)
}

/** Checks option levels and sorts them by date and time. Throws RangeError naming the entry that is wrong. */
export function optionBook(levels: readonly OptionLevel[], calendar: Calendar): OptionBook {
  const book = new Map<string, TimedLevel[]>()
  for (const [index, entry] of levels.entries()) {
    checkOptionLevel(entry, index)
    const date = calendar.dateOf(entry.fromNs)
    const known = { level: { kind: entry.kind, price: entry.price }, fromMinute: minuteFrom(entry.fromNs) }
    const sameDay = book.get(date)
    if (sameDay === undefined) book.set(date, [known])
    else sameDay.push(known)
  }
  for (const [date, known] of book)
    book.set(
      date,
      known.toSorted((a, b) => a.fromMinute - b.fromMinute),
    )
  return book
}

/** The option levels of `date` known at the start of `minute`: each strike once, the latest wall of each kind. */
export function optionLevelsAt(book: OptionBook, date: string, minute: number): Level[] {
  const latest = new Map<string, Level>()
  for (const { level, fromMinute } of book.get(date) ?? []) {
    if (fromMinute > minute) break
    latest.set(level.kind === 'STRIKE' ? `STRIKE ${level.price.toFixed(2)}` : level.kind, level)
  }
  return [...latest.values()]
}
