import type { Bars } from '../bars/bars.ts'
import type { Calendar, Session } from '../bars/calendar.ts'
import { datesOf } from '../bars/days.ts'

/** Bars [from, to) of one session: pre-market from 04:00 and the regular session up to its close. */
export interface SessionSlice {
  readonly session: Session
  readonly from: number
  readonly to: number
}

/** Bars that no session uses, by reason. */
export interface IgnoredBars {
  /** On weekends, holidays and closures. */
  readonly closedDay: number
  /** Before 04:00 New York. */
  readonly overnight: number
  /** At or after the close, the 16:00 print among them; on a half day only from 16:00 on. */
  readonly afterClose: number
  /** Between 13:00 and 16:00 of a half day. */
  readonly afterHalfDayClose: number
}

/** How bars fall into sessions. */
export interface SessionPlan {
  /** Sessions with at least one bar in use, in time order. */
  readonly slices: readonly SessionSlice[]
  readonly ignored: IgnoredBars
}

const HALF_DAY_GAP_NS = 3n * 3_600_000_000_000n

type Place = keyof IgnoredBars | 'used'

function placeOf(ns: bigint, session: Session | null): Place {
  if (session === null) return 'closedDay'
  if (ns < session.preOpenNs) return 'overnight'
  if (ns < session.closeNs) return 'used'
  return session.half && ns < session.closeNs + HALF_DAY_GAP_NS ? 'afterHalfDayClose' : 'afterClose'
}

/** Splits bars, which are in time order, into the sessions of `calendar`. Plain data; reads only. Cost: one pass. */
export function planSessions(bars: Bars, calendar: Calendar): SessionPlan {
  const ignored = { closedDay: 0, overnight: 0, afterClose: 0, afterHalfDayClose: 0 }
  const slices: { session: Session; from: number; to: number }[] = []
  for (const { date, from, to } of datesOf(bars, calendar)) {
    const session = calendar.sessionOf(date)
    for (let i = from; i < to; i++) {
      const place = placeOf(bars.ts[i] as bigint, session)
      if (place !== 'used' || session === null) {
        if (place !== 'used') ignored[place] += 1
        continue
      }
      const current = slices.at(-1)
      if (current?.session.date === session.date) current.to = i + 1
      else slices.push({ session, from: i, to: i + 1 })
    }
  }
  return { slices, ignored }
}
