/**
 * Signals one bar at a time: the same functions for a file of bars and for a live feed. State goes in with each bar and is
 * updated in place; what comes out depends on the bars so far only, so a row never changes once it is out.
 */
import type { Calendar, Session } from '../bars/calendar.ts'
import { attemptsOf, beginMemory, rememberTouch } from './attempts.ts'
import type { AttemptColumn, TouchMemory } from './attempts.ts'
import { addBar, advanceDay, beginDay, fromLast } from './day.ts'
import type { DayState, MinuteBar, PriorSessions } from './day.ts'
import { featuresOf } from './features.ts'
import type { TouchFeatures } from './features.ts'
import { barLevels } from './levels.ts'
import type { Level } from './levels.ts'
import { barStateOf } from './bar-state.ts'
import type { BarState } from './bar-state.ts'
import { optionLevelsAt } from './option-levels.ts'
import type { OptionBook } from './option-levels.ts'
import type { PhysicsSource } from './physics-table.ts'
import type { PhysicsValues } from './physics.ts'
import type { SignalSettings } from './settings.ts'
import { settleSma } from './sma.ts'
import { touchesOf } from './touches.ts'
import type { Touch } from './touches.ts'

/** What a stream is set up with. */
export interface StreamSetup {
  readonly settings: SignalSettings
  readonly calendar: Calendar
  readonly options: OptionBook
  readonly physics: PhysicsSource
}

interface PastSession {
  readonly date: string
  readonly close: number
  readonly twoMinuteCloses: readonly number[]
}

/** State of a stream; {@link beginSession} and {@link pushBar} update it. */
export interface SignalStream extends StreamSetup {
  /** The session that has begun last, or null before the first. */
  day: DayState | null
  memory: TouchMemory
  /** Sessions before `day`, oldest first, as many as the warm-up needs. */
  past: readonly PastSession[]
}

/** One touch with its features, before any label. */
export interface SignalRow {
  readonly date: string
  readonly touch: Touch
  /** Numeric features by family; `featureValues` gives them by column name. */
  readonly features: TouchFeatures
  readonly words: PhysicsValues['words']
  /** Whether the physics source had a row for it. */
  readonly physicsRow: number
}

/** What one bar gave. */
export interface BarSignals {
  readonly rows: readonly SignalRow[]
  /** Touches left out because the side they came from is unknown. */
  readonly undirected: number
  /** Levels known at the bar's start, round levels aside. */
  readonly levels: readonly Level[]
}

/** A stream before its first session. */
export function beginStream(setup: StreamSetup): SignalStream {
  return { ...setup, day: null, memory: beginMemory(), past: [] }
}

function pastSession(day: DayState): PastSession {
  settleSma(day.sma, day.closeMinute)
  const close = day.minute.length > day.preMarketBars ? fromLast(day.close, 0) : Number.NaN
  return { date: day.date, close, twoMinuteCloses: day.sma.closes.slice(day.sma.warmup) }
}

/** The unbroken run of trading days that ends just before `date`: a session that the data lacks ends the memory there. */
function unbroken(past: readonly PastSession[], date: string, calendar: Calendar): PastSession[] {
  const run: PastSession[] = []
  let expected = calendar.previousSession(date).date
  for (const session of past.toReversed()) {
    if (session.date !== expected) break
    run.unshift(session)
    expected = calendar.previousSession(expected).date
  }
  return run
}

function priorOf(past: readonly PastSession[], warmupSessions: number): PriorSessions {
  const warmup = warmupSessions === 0 ? [] : past.slice(-warmupSessions)
  return { close: past.at(-1)?.close ?? Number.NaN, twoMinuteCloses: warmup.flatMap((day) => [...day.twoMinuteCloses]) }
}

/** Ends the session before, if any, and begins `session`, which comes after it. Writes `stream`; returns the new day. */
export function beginSession(stream: SignalStream, session: Session): DayState {
  const { settings, calendar } = stream
  const ended = stream.day === null ? stream.past : [...stream.past, pastSession(stream.day)]
  stream.past = unbroken(ended.slice(-Math.max(1, settings.warmupSessions)), session.date, calendar)
  stream.memory = beginMemory()
  const day = beginDay(session, priorOf(stream.past, settings.warmupSessions))
  stream.day = day
  return day
}

/** What the touches of one bar share. */
export interface TouchedBar {
  readonly day: DayState
  /** Levels known at the bar's start, round levels aside. */
  readonly levels: readonly Level[]
  readonly state: BarState
}

/** The row of a touch that is `attempts` among the touches of its day. Reads `stream`. */
export function rowOf(
  { physics, settings }: StreamSetup,
  { day, levels, state }: TouchedBar,
  touch: Touch,
  attempts: Readonly<Record<AttemptColumn, number>>,
): SignalRow {
  const physicsRow = physics.find(touch.minute, touch.level.price)
  const values = physics.read(physicsRow)
  const features = featuresOf({ day, touch, levels, state, attempts, physics: values }, settings)
  return { date: day.date, touch, features, words: values.words, physicsRow }
}

function rowsOf(stream: SignalStream, bar: TouchedBar, touches: readonly Touch[]): SignalRow[] {
  const { memory, settings } = stream
  return touches.map((touch) => {
    const { level, minute } = touch
    const attempts = attemptsOf(memory, level, minute, settings)
    rememberTouch(memory, level, minute, attempts)
    return rowOf(stream, bar, touch, attempts)
  })
}

/** The levels, round levels aside, known at the start of `minute` of the session that has begun. Writes `stream`. */
export function levelsAt(stream: SignalStream, minute: number): Level[] {
  const { day, settings } = stream
  if (day === null) return []
  advanceDay(day, minute)
  const fromBars = barLevels(day, minute, settings.openingRangeMinutes)
  return [...fromBars, ...optionLevelsAt(stream.options, day.date, minute)]
}

/**
 * Adds the next bar of the session that has begun (pre-market from 04:00, regular until the close) and returns its touches
 * with their features, known when the bar has ended (physics when its windows have). Pre-market bars give none. Writes
 * `stream`. Throws when the bar is outside the session or not after the bar before it. Cost: constant per bar and level.
 */
export function pushBar(stream: SignalStream, bar: MinuteBar): BarSignals {
  const { day, settings } = stream
  const isNext = day !== null && bar.minute < day.closeMinute && !(bar.minute <= fromLast(day.minute, 0))
  if (!isNext) {
    throw new RangeError(
      `features: bar.minute=${bar.minute}: not the next minute of session ${day?.date ?? '(none begun)'}. Begin the bar's session first, and give bars in time order.`,
    )
  }
  const levels = bar.minute < day.openMinute ? [] : levelsAt(stream, bar.minute)
  addBar(day, bar, settings.openingRangeMinutes)
  if (bar.minute < day.openMinute) return { rows: [], undirected: 0, levels }
  const { touches, undirected } = touchesOf(day, levels, settings)
  const rows = touches.length === 0 ? [] : rowsOf(stream, { day, levels, state: barStateOf(day, settings) }, touches)
  return { rows, undirected, levels }
}
