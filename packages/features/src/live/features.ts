import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import { MOMENT_NUMBERS } from '../moments/columns.ts'
import { marketState, writeMoment } from '../moments/moment.ts'
import type { LevelPath, MarketState } from '../moments/moment.ts'
import { fromLast, MINUTE_NS, minuteOf } from '../signals/day.ts'
import type { DayState, MinuteBar } from '../signals/day.ts'
import { roundLevels } from '../signals/levels.ts'
import type { Level } from '../signals/levels.ts'
import { type BarState, barStateOf } from '../signals/bar-state.ts'
import { anchorMinutes, type Outcome, outcomeOf, sessionBars } from '../signals/outcomes.ts'
import { optionBook } from '../signals/option-levels.ts'
import type { OptionLevel } from '../signals/option-levels.ts'
import { physicsSource } from '../signals/physics-table.ts'
import { resolveSettings } from '../signals/settings.ts'
import type { SignalSettings } from '../signals/settings.ts'
import { beginSession, beginStream, levelsAt, pushBar } from '../signals/stream.ts'
import type { SignalRow, SignalStream } from '../signals/stream.ts'
import { approachSign } from '../signals/touches.ts'
import type { Anchor } from '../vocabulary/anchors.ts'
import { checkBar } from './check-bar.ts'
import { type LastBar, type LiveLevel, rowIn, signalsRow } from './level-row.ts'
import { rangeBook } from './range-book.ts'
import { touchRow } from './touch-row.ts'
import type { TouchRow } from './touch-row.ts'

/** Options of {@link createLiveFeatures}: settings as the models' signals were built with, and further inputs. */
export interface LiveFeaturesOptions extends Partial<SignalSettings> {
  /** The profile that moments are made with where the call names none, see `rangeProfile`; none by default. */
  readonly profile?: ArrayLike<number>
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
  /** Strikes and walls known beforehand; none by default. */
  readonly optionLevels?: readonly OptionLevel[]
}

/** A touch as its labels depend on it. */
export interface LiveTouch {
  /** Start of the touch minute, nanoseconds since 1970. */
  readonly tsNs: bigint
  /** The level, dollars. */
  readonly price: number
  /** +1 when price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
}

/** Counts of bars. */
export interface LiveBarCounts {
  /** Bars of a session, pre-market included. */
  readonly taken: number
  /** Bars outside the sessions: overnight, after the close, on closed days. */
  readonly ignored: number
}

/** Bars so far and touches so far, and rows made from them. One caller at a time. */
export interface LiveFeatures {
  /** Grows with every bar taken. */
  readonly version: number
  /** Start of the last bar taken; null before the first. */
  readonly lastBarNs: bigint | null
  readonly counts: LiveBarCounts
  /**
   * Adds a one-minute bar that has ended. The first bar of a date begins its session. Bars outside the sessions are
   * counted and left out. Throws RangeError on values that are no bar and on one that is not after the bar before it; nothing
   * has changed then. Cost: as `pushBar`.
   */
  push(bar: MinuteBar): void
  /**
   * Forgets the bars that had not ended at `tsNs`, as if they had never come: those before them are taken again, those of the last
   * ten days. For a clock that was wrong. Cost: a push for each.
   */
  rewind(tsNs: bigint): void
  /**
   * The levels that bars and options give at a time after the last bar, round levels within `roundsWithin` dollars of the last
   * close included; none before the first bar of the session.
   */
  levels(tsNs: bigint, roundsWithin: number): Level[]
  /**
   * The row of a level as if the last bar had touched it, from the side `sign` (0: the side of the bars before). Where it did
   * from that side, it is that touch's row. null before the first regular bar of the session, and where no side is known.
   */
  supposed(level: LiveLevel, sign: -1 | 0 | 1): TouchRow | null
  /**
   * The row of a touch in the minute that holds `touchNs`. Where the signals have that touch (their level within half a
   * cent, or within `clusterBand` where there is one of its kind), it is theirs; else, while that minute's bar is the
   * last, it is computed by the same functions, from the side of the bars before (`sign` where they do not tell). null
   * until the bar has been pushed, and for an absent or older one.
   */
  touched(level: LiveLevel, touchNs: bigint, sign: -1 | 0 | 1): TouchRow | null
  /**
   * The labels of a touch of today's session at an anchor, those that the signals have for it: once the last bar of its label window, or a later
   * one, has been pushed, or the session's last. null before that, and for a touch of another session. Looks forward from the touch. Cost:
   * the bars of the session.
   */
  outcome(touch: LiveTouch, anchor: Anchor): Outcome | null
  /**
   * The moment of a level's path at a time after the last bar: numbers by the names of `momentColumns`, NaN where one is not
   * known. With `spot`, the price now; else by the last close. At the start of a minute and without `spot` it has the bits of
   * `touchMoments` and `approachMoments`. null before the first regular bar of the session, from its close on, and at a time
   * that a bar had not ended by. Averages of ranges remember five sessions: push the bars of as many.
   */
  moment(path: LevelPath, tsNs: bigint, spot?: number): Readonly<Record<string, number>> | null
  /**
   * The moments of all levels at one time, as {@link moment} has them: what they share is computed once. null where `moment` would be.
   * `profile` is that of the model which is asked, known by its identity; null for none, by default that of the options.
   */
  moments(tsNs: bigint, spot: number, profile?: ArrayLike<number> | null): MomentWriter | null
}

/** Writes moments of one time. */
export interface MomentWriter {
  /** Seconds until the session closes. */
  readonly leftS: number
  /**
   * Writes the numbers of a level's path to `out`, in the order of `MOMENT_NUMBERS`; NaN where one is not known. `spot`: as if price
   * stood there; the price now by default.
   */
  write(path: LevelPath, out: Float64Array, spot?: number): void
}

/** How many minutes of touches {@link LiveFeatures.touched} looks back on. */
const HELD_MINUTES = 16

/** Bars kept to be taken again: ten days, which hold the sessions that averages are warmed up by. */
const KEPT_MINUTES = 10 * 24 * 60

/**
 * Live features before the first bar. Push the bars of the three sessions before today's first: SMAs and the side of early
 * touches come from them. A row depends on the bars pushed so far and on nothing else. Throws RangeError on a bad option.
 */
export function createLiveFeatures(options: LiveFeaturesOptions = {}): LiveFeatures {
  const settings = resolveSettings(options)
  const calendar = options.calendar ?? newYorkCalendar()
  const optionLevels = optionBook(options.optionLevels ?? [], calendar)
  const begin = (): SignalStream =>
    beginStream({ settings, calendar, options: optionLevels, physics: physicsSource(undefined) })
  let stream = begin()
  const ranges = rangeBook()
  const usual = options.profile ?? null
  ranges.under(usual)
  let kept: MinuteBar[] = []
  const held = new Map<number, readonly SignalRow[]>()
  let last: Omit<LastBar, 'state'> | null = null
  let state: BarState | null = null
  let lastBarNs: bigint | null = null
  let [version, taken, ignored] = [0, 0, 0]
  const live = (row: SignalRow, level: LiveLevel): TouchRow => touchRow(row, level.kind, settings.symbol)
  const take = (bar: MinuteBar, day: DayState): void => {
    if (day.minute.length === 0) ranges.beginSession()
    const { rows, levels } = pushBar(stream, bar)
    if (bar.minute >= day.openMinute) ranges.add(bar, bar.minute - day.openMinute)
    version += 1
    lastBarNs = BigInt(bar.minute) * MINUTE_NS
    last = bar.minute < day.openMinute ? null : { minute: bar.minute, rows, day, levels }
    state = null
    held.set(bar.minute, rows)
    for (const minute of held.keys()) if (minute <= bar.minute - HELD_MINUTES) held.delete(minute)
  }
  /** The last bar with its state, which few bars of a long history are asked for. */
  const lastBar = (): LastBar | null => {
    if (last === null) return null
    state ??= barStateOf(last.day, settings)
    return { ...last, state }
  }
  const marketAt = (tsNs: bigint, spot: number | undefined, profile = usual): MarketState | null => {
    const { day } = stream
    if (day === null || last === null) return null
    // From the open, since seconds since 1970 have no place for the nanoseconds of a tick.
    const sinceOpen = Number(tsNs - BigInt(day.openMinute) * MINUTE_NS) / 1e9
    const isWithin = sinceOpen >= (last.minute + 1 - day.openMinute) * 60
    if (!isWithin || sinceOpen >= (day.closeMinute - day.openMinute) * 60) return null
    return marketState(day, ranges.under(profile), { sinceOpen, ...(spot === undefined ? {} : { spot }) }, settings)
  }
  return {
    get version() {
      return version
    },
    get lastBarNs() {
      return lastBarNs
    },
    get counts() {
      return { taken, ignored }
    },
    push(bar) {
      checkBar(bar)
      const day = dayOf(stream, bar, lastBarNs)
      if (day === null) {
        ignored += 1
        return
      }
      if (day.minute.length === 0) kept = kept.filter(({ minute }) => minute > bar.minute - KEPT_MINUTES)
      take(bar, day)
      taken += 1
      kept.push({ ...bar })
    },
    rewind(tsNs) {
      const ended = kept.filter(({ minute }) => BigInt(minute + 1) * MINUTE_NS <= tsNs)
      if (ended.length === kept.length) return
      stream = begin()
      ranges.clear()
      kept = ended
      held.clear()
      last = lastBarNs = null
      version += 1
      for (const bar of ended) {
        const day = dayOf(stream, bar, lastBarNs)
        if (day !== null) take(bar, day)
      }
    },
    levels(tsNs, roundsWithin) {
      const minute = minuteOf(tsNs)
      const { day } = stream
      if (day === null || day.minute.length === 0 || minute <= fromLast(day.minute, 0) || minute >= day.closeMinute)
        return []
      const spot = fromLast(day.close, 0)
      // Levels of a later minute move averages on; the state is that of the bar's end.
      lastBar()
      return [
        ...levelsAt(stream, minute),
        ...roundLevels(spot - roundsWithin, spot + roundsWithin, settings.roundSpacing),
      ]
    },
    supposed(level, sign) {
      const bar = lastBar()
      if (bar === null) return null
      const made = rowIn(stream, bar, level, sign)
      return made === null ? null : live(made, level)
    },
    touched(level, touchNs, sign) {
      const minute = minuteOf(touchNs)
      const known = signalsRow(held.get(minute) ?? [], level, settings.clusterBand)
      if (known !== undefined) return live(known, level)
      const bar = lastBar()
      if (bar?.minute !== minute) return null
      const made = rowIn(stream, bar, level, approachSign(bar.day, level.price) || sign)
      return made === null ? null : live(made, level)
    },
    outcome({ tsNs, price, sign }, anchor) {
      const { day } = stream
      const minute = minuteOf(tsNs)
      if (day === null || last === null || minute < day.openMinute || minute >= day.closeMinute) return null
      const end = Math.min(day.closeMinute, minute + anchorMinutes(anchor) + settings.lookforward)
      if (last.minute < end - 1) return null
      return outcomeOf(sessionBars(day, settings), { slot: minute - day.openMinute, price, sign }, anchor, settings)
    },
    moment(path, tsNs, spot) {
      const market = marketAt(tsNs, spot)
      if (market === null) return null
      const values = new Float64Array(MOMENT_NUMBERS.length)
      writeMoment(market, path, values, 0)
      return Object.fromEntries(MOMENT_NUMBERS.map((name, i) => [name, values[i] as number]))
    },
    moments(tsNs, spot, profile) {
      const market = marketAt(tsNs, spot, profile)
      if (market === null || stream.day === null) return null
      const { openMinute, closeMinute } = stream.day
      return {
        leftS: (closeMinute - openMinute) * 60 - market.sinceOpen,
        write: (path, out, at = spot) => writeMoment(at === spot ? market : { ...market, spot: at }, path, out, 0),
      }
    },
  }
}

/** The day that takes `bar`, begun where the bar is its first; null for a bar outside the sessions. */
function dayOf(stream: SignalStream, bar: MinuteBar, lastBarNs: bigint | null): DayState | null {
  const ns = BigInt(bar.minute) * MINUTE_NS
  if (lastBarNs !== null && ns <= lastBarNs) {
    throw new RangeError(
      `features: bar.minute=${bar.minute}: must be after the last bar's, ${minuteOf(lastBarNs)}. Pass bars in time order, each once.`,
    )
  }
  const session = stream.calendar.sessionOf(stream.calendar.dateOf(ns))
  if (session === null || ns < session.preOpenNs || ns >= session.closeNs) return null
  return stream.day?.date === session.date ? stream.day : beginSession(stream, session)
}
