import { newYorkCalendar, type Calendar, type MinuteBar, type Thresholds } from '@breakwater/features'
import { createCalibrationWatch, type CalibrationAlarm, type HeadStanding, type WatchState } from './alarms/watch.ts'
import type { PublishedForecast, ResolvedForecast } from './outcomes/forecast.ts'
import { createOutcomeJoin } from './outcomes/join.ts'
import type { Question } from './outcomes/question.ts'
import type { JoinCounts, JoinState } from './outcomes/state.ts'
import { createLiveScores, type LiveScores, type ScoresState } from './scores/live-scores.ts'

/** Options of {@link createMonitor}. */
export interface MonitorOptions {
  readonly questions: readonly Question[]
  /** Settings of the signals that the models were trained on, as `createOutcomeJoin` takes them. */
  readonly thresholds?: Thresholds
  readonly touchBand?: number
  readonly maxGapMinutes?: number
  /** Chance that a calibrated head ever raises an alarm. Default 0.01. */
  readonly level?: number
  /** Sessions that running scores look back on. Default 20. */
  readonly sessions?: number
  readonly calendar?: Calendar
  readonly state?: MonitorState
}

/** State of a monitor as plain JSON. */
export interface MonitorState {
  readonly version: 1
  readonly date: string | null
  readonly minute: number
  readonly join: JoinState
  readonly watch: WatchState
  readonly scores: ScoresState
}

/** What one tick brought. */
export interface MonitoredTick {
  readonly tsNs: bigint
  readonly spot: number
  /** Bars that ended since the tick before, oldest first. */
  readonly bars: readonly MinuteBar[]
  /** What was published; asked for at the first tick of a minute alone. */
  readonly forecasts: () => readonly PublishedForecast[]
}

/** A monitor of what one scorer publishes. One caller at a time, tick by tick. */
export interface Monitor {
  readonly questions: readonly Question[]
  readonly counts: Readonly<JoinCounts>
  /** Forecasts that wait for an answer. */
  readonly open: number
  /** Session of the last tick within the regular hours, 'YYYY-MM-DD'; null before the first. */
  readonly date: string | null
  readonly scores: LiveScores
  /** Takes a tick; returns the alarms that its answers raise. */
  tick(tick: MonitoredTick): readonly CalibrationAlarm[]
  standings(): HeadStanding[]
  /** The answers of the last tick. */
  readonly resolved: readonly ResolvedForecast[]
  /** Watches anew: other models serve. Forecasts that wait are still answered and scored. */
  reset(): void
  state(): MonitorState
}

const MINUTE_NS = 60_000_000_000n
const NONE: readonly CalibrationAlarm[] = []

/**
 * Follows what a scorer publishes: outcomes, alarms and running scores. What is published at the first tick of a minute is
 * followed: the moments that models are trained on, and enough of them, since what comes between them overlaps with them.
 * The same ticks give the same bits, also across {@link Monitor.state}.
 */
export function createMonitor(options: MonitorOptions): Monitor {
  const { state, level, sessions, ...settings } = options
  const { questions, calendar = newYorkCalendar() } = settings
  const join = createOutcomeJoin({ ...settings, calendar, ...(state === undefined ? {} : { state: state.join }) })
  const scores = createLiveScores(questions, {
    ...(sessions === undefined ? {} : { sessions }),
    ...(state === undefined ? {} : { state: state.scores }),
  })
  const watch = createCalibrationWatch(questions, {
    ...(level === undefined ? {} : { level }),
    ...(state === undefined ? {} : { state: state.watch }),
  })
  let date = state?.date ?? null
  let [minute, sessionEnd] = [state?.minute ?? -1, 0n]
  let last: readonly ResolvedForecast[] = []
  const take = (resolved: readonly ResolvedForecast[]): readonly CalibrationAlarm[] => {
    if (resolved.length === 0) return NONE
    last = last.length === 0 ? resolved : [...last, ...resolved]
    scores.take(resolved)
    return watch.resolve(resolved)
  }
  /** Begins the session of a time where it is another one. */
  const enter = (tsNs: bigint): void => {
    if (tsNs < sessionEnd) return
    const next = calendar.dateOf(tsNs)
    const session = calendar.sessionOf(next)
    if (session === null || tsNs < session.openNs || tsNs >= session.closeNs) return
    sessionEnd = session.closeNs
    if (next === date) return
    date = next
    scores.begin(next)
    watch.begin()
  }
  return {
    questions,
    counts: join.counts,
    get open() {
      return join.open
    },
    get resolved() {
      return last
    },
    get date() {
      return date
    },
    scores,
    tick({ tsNs, spot, bars, forecasts }) {
      last = []
      let alarms = NONE
      // The answers of a session belong to it, also where the next one's first tick brings them.
      for (const bar of bars) alarms = joined(alarms, take(join.bar(bar)))
      alarms = joined(alarms, take(join.tick(tsNs, spot)))
      enter(tsNs)
      const now = Number(tsNs / MINUTE_NS)
      if (now === minute) return alarms
      minute = now
      const followed: PublishedForecast[] = []
      for (const forecast of forecasts()) {
        const { published } = join.counts
        alarms = joined(alarms, take(join.publish(forecast)))
        if (join.counts.published > published) followed.push(forecast)
      }
      if (followed.length > 0) watch.publish(followed)
      return alarms
    },
    standings: () => watch.standings(),
    reset: () => watch.reset(),
    state: () => ({ version: 1, date, minute, join: join.state(), watch: watch.state(), scores: scores.state() }),
  }
}

const joined = (a: readonly CalibrationAlarm[], b: readonly CalibrationAlarm[]): readonly CalibrationAlarm[] =>
  b.length === 0 ? a : [...a, ...b]
