import { newYorkCalendar } from '@breakwater/features'
import type { Session } from '@breakwater/features'

const DAY_MS = 86_400_000

/**
 * The first `count` trading days of the New York Stock Exchange from `startDate` ('YYYY-MM-DD') on, half days and clock
 * changes as the calendar has them. Throws RangeError for what is not a date.
 */
export function tradingDays(startDate: string, count: number): readonly Session[] {
  const calendar = newYorkCalendar()
  const days: Session[] = []
  for (let date = startDate; days.length < count; date = dayAfter(date)) {
    const session = calendar.sessionOf(date)
    if (session !== null) days.push(session)
  }
  return days
}

const dayAfter = (date: string): string => new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10)
