import type { Calendar, Session } from '@breakwater/features'
import type { JoinState } from './state.ts'

/** The session that a join is in. */
export interface SessionState {
  date: string | null
  openNs: bigint
  /** Place of the last bar; -1 before the first. */
  lastSlot: number
  lastClose: number
  lastTick: number
  /** When each level was published last. */
  readonly published: Map<string, number>
  begin(session: Session): void
  /** Seconds since the open; null outside the session. */
  secondsOf(ns: bigint): number | null
  nsOf(seconds: number): bigint
}

/** The session of a state, or none yet. */
export function sessionFrom(state: JoinState | undefined, calendar: Calendar): SessionState {
  let closeNs = 0n
  const session: SessionState = {
    date: null,
    openNs: 0n,
    lastSlot: -1,
    lastClose: Number.NaN,
    lastTick: -Infinity,
    published: new Map(),
    begin(next) {
      session.date = next.date
      session.openNs = next.openNs
      closeNs = next.closeNs
      session.lastSlot = -1
      session.lastClose = Number.NaN
      session.lastTick = -Infinity
      session.published.clear()
    },
    secondsOf: (ns) => (ns < session.openNs || ns >= closeNs ? null : Number((ns - session.openNs) / 1000n) / 1e6),
    nsOf: (seconds) => session.openNs + BigInt(Math.round(seconds * 1e6)) * 1000n,
  }
  const begun = state?.date == null ? null : calendar.sessionOf(state.date)
  if (state === undefined || begun === null) return session
  session.begin(begun)
  session.lastSlot = state.lastSlot
  session.lastClose = state.lastClose ?? Number.NaN
  session.lastTick = state.lastTick ?? -Infinity
  for (const [level, seconds] of state.published) session.published.set(level, seconds)
  return session
}
