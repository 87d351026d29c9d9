import {
  type Anchor,
  type MinuteBar,
  newYorkCalendar,
  type Thresholds,
  type TouchOutcomeOptions,
} from '@breakwater/features'
import { DEFAULT_THRESHOLDS } from '@breakwater/features/vocabulary'
import { readBar } from '@breakwater/viewport'
import { dayBars } from './bars.ts'
import type { Payload } from './payload.ts'
import { type ProbabilityPoint, probabilityBook } from './probabilities.ts'
import { touchBook, type TouchRecord, type TouchSummary } from './touches.ts'

/** What a page that joins or lags asks for. */
export interface SessionPart {
  /** 'YYYY-MM-DD' in New York; null before the first payload. */
  readonly date: string | null
  /** What the part is up to date with. */
  readonly revision: number
  /** Bars that ended after the revision that was asked for, in time order. */
  readonly bars: readonly MinuteBar[]
  readonly forming: MinuteBar | null
  /** Touches that are new or have changed after it. */
  readonly touches: readonly TouchSummary[]
  /** Dollars of thresholds 1 and 2. */
  readonly thresholds: Thresholds
}

/** What the server knows of the day so far, for pages: bounded, and forgotten when the next day begins. */
export interface SessionMemory {
  /** Takes a bar that had ended before the first payload. */
  readonly learn: (bar: unknown) => void
  /** Takes a payload that went through the scorer; one without viewport, or with an error, changes nothing. */
  readonly take: (payload: object) => void
  /** Grows whenever a bar has ended, or a touch is new or has changed. */
  readonly revision: number
  /** What has changed after a revision; 0 gives everything. */
  readonly since: (revision: number) => SessionPart
  readonly touch: (id: string) => TouchRecord | null
  readonly probabilities: (levelId: string) => readonly ProbabilityPoint[]
}

/** Settings of the signals that the models were trained on, by which outcomes are read; those of the signals by default. */
export type OutcomeSettings = Omit<TouchOutcomeOptions, 'anchor'>

const NS_PER_MS = 1_000_000n
const NS_PER_MINUTE = 60_000_000_000n

/** A memory before its first payload. */
export function sessionMemory(settings: OutcomeSettings = {}): SessionMemory {
  const { thresholds = DEFAULT_THRESHOLDS } = settings
  const calendar = newYorkCalendar()
  const bars = dayBars()
  const touches = touchBook()
  const probabilities = probabilityBook()
  // The revision at which each bar was taken, by its minute, tells which bars a page lacks.
  const takenAt = new Map<number, number>()
  let [date, revision, until]: [string | null, number, number] = [null, 0, 0]
  const turnTo = (ms: number): void => {
    if (ms < until) return
    const day = calendar.dateOf(BigInt(ms) * NS_PER_MS)
    // Looked up again in an hour: dates begin on the hour everywhere.
    until = (Math.floor(ms / 3_600_000) + 1) * 3_600_000
    if (day === date) return
    date = day
    bars.clear()
    touches.clear()
    probabilities.clear()
    takenAt.clear()
    revision += 1
  }
  const takeBar = (bar: MinuteBar): boolean => {
    if (!Number.isSafeInteger(bar.minute)) return false
    if (calendar.dateOf(BigInt(bar.minute) * NS_PER_MINUTE) !== date || !bars.take(bar)) return false
    takenAt.set(bar.minute, revision + 1)
    return true
  }
  const settle = (anchor: Anchor): number => {
    const session = date === null ? null : calendar.sessionOf(date)
    if (session === null) return 0
    const [openMinute, closeMinute] = [session.openNs, session.closeNs].map((ns) => Number(ns / NS_PER_MINUTE))
    if (openMinute === undefined || closeMinute === undefined) return 0
    return touches.settle(bars.ended, { openMinute, closeMinute }, { ...settings, anchor }, revision + 1)
  }
  return {
    get revision() {
      return revision
    },
    learn(value) {
      const bar = readBar(value)
      if (!Number.isSafeInteger(bar.minute)) return
      turnTo(bar.minute * 60_000)
      if (takeBar(bar)) revision += 1
    },
    take(payload) {
      // What was scored without an error has the fields of a snapshot.
      const { ts, spy, bars: given = [], viewport } = payload as Payload
      if (viewport === undefined || viewport.error !== null) return
      turnTo(ts)
      const added = given.map(readBar).filter(takeBar).length
      bars.price(ts, spy.spot)
      probabilities.take(ts, viewport.targets)
      const seen = touches.take(ts, viewport.targets, revision + 1)
      const settled = added === 0 ? 0 : settle(viewport.timeframe)
      if (added + seen + settled > 0) revision += 1
    },
    since: (from) => ({
      date,
      revision,
      bars: bars.ended.filter(({ minute }) => (takenAt.get(minute) ?? 0) > from),
      forming: bars.forming,
      touches: touches.since(from),
      thresholds,
    }),
    touch: touches.find,
    probabilities: probabilities.of,
  }
}
