import { type Bars, type Calendar, newYorkCalendar, type Session } from '@breakwater/features'
import type { Pace, PaceChange } from './pace.ts'

/** A session of a replay. */
interface ReplayedSession {
  readonly date: string
  /** Milliseconds since 1970. */
  readonly open: number
  readonly close: number
  readonly ticks: number
}

/** How long a replay is. */
export interface ReplayLength {
  /** In order. */
  readonly sessions: readonly ReplayedSession[]
  readonly ticks: number
}

const NS_PER_MS = 1_000_000n
const MINUTE_MS = 60_000

/** Counts the ticks of the sessions on `dates`: a minute of the regular session with a bar has one every `intervalMs`. */
export function replayLength(
  bars: Bars,
  { dates, intervalMs }: { readonly dates: ReadonlySet<string>; readonly intervalMs: number },
): ReplayLength {
  const calendar: Calendar = newYorkCalendar()
  const minutes = new Map<string, { readonly session: Session; count: number }>()
  for (const ns of bars.ts) {
    const date = calendar.dateOf(ns)
    if (!dates.has(date)) continue
    const session = minutes.get(date)?.session ?? calendar.sessionOf(date)
    if (session === null || ns < session.openNs || ns >= session.closeNs) continue
    const counted = minutes.get(date) ?? { session, count: 0 }
    counted.count += 1
    minutes.set(date, counted)
  }
  const sessions = [...minutes.values()].map(({ session, count }) => ({
    date: session.date,
    open: Number(session.openNs / NS_PER_MS),
    close: Number(session.closeNs / NS_PER_MS),
    ticks: (count * MINUTE_MS) / intervalMs,
  }))
  const sorted = sessions.toSorted((a, b) => a.open - b.open)
  return { sessions: sorted, ticks: sorted.reduce((sum, { ticks }) => sum + ticks, 0) }
}

/** Begin of the session after the one of `ts`; null after the last. */
export const sessionAfter =
  ({ sessions }: ReplayLength) =>
  (ts: number): number | null =>
    sessions.find(({ open }) => open > ts)?.open ?? null

/** `12:30` in New York on the first session, as milliseconds since 1970; null where the session is not open then. */
export function timeIn({ sessions: [first] }: ReplayLength, text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? []
  if (first === undefined || hours === undefined || minutes === undefined) return null
  const ts = first.open + (Number(hours) * 60 + Number(minutes)) * MINUTE_MS - OPEN_MS
  return ts >= first.open && ts < first.close ? ts : null
}

/** 09:30, when every regular session opens. */
const OPEN_MS = 9.5 * 3_600_000

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')

/** The New York time of a moment of a session. */
function clockAt(ts: number, { open }: ReplayedSession): string {
  const seconds = (ts - open + OPEN_MS) / 1000
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** A length of time in words. */
function duration(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS)
  if (minutes < 1) return `${Math.round(ms / 1000)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long the sessions last together in the market's time. */
export const marketTime = ({ sessions, ticks }: ReplayLength, intervalMs: number): string =>
  `${datesOf(sessions)}: ${duration(ticks * intervalMs)} of trading, ${ticks} ticks`

/** Where a replay is. */
export interface ReplayPosition {
  readonly ts: number
  /** Ticks scored. */
  readonly done: number
  readonly intervalMs: number
  readonly pace: Pick<Pace, 'speed' | 'paused' | 'seeking'>
}

const CELLS = 16
const KEYS = 'space pause  right +5 min  up/down speed  n next session  q end'

/** One line: session, time, a bar, speed, what is left at that speed, and the keys, cut to `width` characters. */
export function positionLine(
  length: ReplayLength,
  { ts, done, intervalMs, pace }: ReplayPosition,
  width: number,
): string {
  const at = length.sessions.findLastIndex(({ open }) => open <= ts)
  const session = length.sessions[Math.max(0, at)]
  if (session === undefined) return ''
  const share = length.ticks === 0 ? 1 : Math.min(1, done / length.ticks)
  const filled = Math.round(share * CELLS)
  const cells = '█'.repeat(filled) + '░'.repeat(CELLS - filled)
  const count = length.sessions.length === 1 ? '' : ` (${at + 1} of ${length.sessions.length})`
  const left = (length.ticks - done) * intervalMs
  const speed = pace.speed === 0 ? 'as fast as it can' : `${pace.speed}x, ${duration(left / pace.speed)} left`
  const stopped = pace.paused ? 'paused' : speed
  const state = pace.seeking ? `seeking${pace.paused ? ', then paused' : ''}` : stopped
  const line = `${session.date}${count} ${clockAt(ts, session)} ${cells} ${Math.floor(share * 100)}% ${state}  ${KEYS}`
  return line.slice(0, Math.max(20, width - 1))
}

/** What a key asks for; 'end' for q and Ctrl-C, null for any other key. */
export function keyMeaning(key: string): PaceChange | 'end' | null {
  return MEANINGS[key] ?? null
}

const MEANINGS: Readonly<Record<string, PaceChange | 'end'>> = {
  ' ': 'pause',
  '\u001B[C': 'ahead',
  l: 'ahead',
  '\u001B[A': 'faster',
  '+': 'faster',
  '\u001B[B': 'slower',
  '-': 'slower',
  n: 'next session',
  q: 'end',
  '\u0003': 'end',
}

/** One date, or how many sessions from which to which. */
function datesOf(sessions: ReplayLength['sessions']): string {
  const [first, last] = [sessions[0]?.date ?? '', sessions.at(-1)?.date ?? '']
  return sessions.length < 2 ? first : `${sessions.length} sessions, ${first} to ${last}`
}
