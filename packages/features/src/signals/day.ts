import type { Session } from '../bars/calendar.ts'
import { addMinuteClose, beginSma, settleSma } from './sma.ts'
import type { SmaState } from './sma.ts'

/** Nanoseconds of a minute. */
export const MINUTE_NS = 60_000_000_000n

/** A one-minute bar; `minute` is its start in whole minutes since 1970 UTC. */
export interface MinuteBar {
  readonly minute: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** What a day needs from the sessions before it. */
export interface PriorSessions {
  /** Last regular-session close of the session before, NaN when unknown. */
  readonly close: number
  /** Two-minute closes of the warm-up sessions, oldest first. */
  readonly twoMinuteCloses: readonly number[]
}

/** Highest and lowest price so far; NaN before the first bar. */
export interface Range {
  high: number
  low: number
}

/**
 * One day as far as it has come: the bars so far, pre-market included, and what sums them up. It never holds a bar that
 * has not been added, so whatever is computed from it is known when its last bar ends.
 */
export interface DayState {
  readonly date: string
  /** Minutes since 1970 of 09:30 and of the close. */
  readonly openMinute: number
  readonly closeMinute: number
  readonly priorClose: number
  readonly minute: number[]
  readonly open: number[]
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
  /** Number of bars before 09:30. */
  preMarketBars: number
  readonly preMarket: Range
  readonly openingRange: Range
  readonly session: Range
  /** Sums over the regular session of typical price x volume and of volume. */
  priceVolume: number
  volume: number
  readonly sma: SmaState
}

const emptyRange = (): Range => ({ high: Number.NaN, low: Number.NaN })

/** A time in minutes since 1970; `ns` must be a whole minute. */
export function minuteOf(ns: bigint): number {
  return Number(ns / MINUTE_NS)
}

/** A day of `session` before its first bar. */
export function beginDay(session: Session, prior: PriorSessions): DayState {
  return {
    date: session.date,
    openMinute: minuteOf(session.openNs),
    closeMinute: minuteOf(session.closeNs),
    priorClose: prior.close,
    minute: [],
    open: [],
    high: [],
    low: [],
    close: [],
    preMarketBars: 0,
    preMarket: emptyRange(),
    openingRange: emptyRange(),
    session: emptyRange(),
    priceVolume: 0,
    volume: 0,
    sma: beginSma(prior.twoMinuteCloses),
  }
}

function extend(range: Range, bar: MinuteBar): void {
  if (!(range.high >= bar.high)) range.high = bar.high
  if (!(range.low <= bar.low)) range.low = bar.low
}

function addRegularBar(day: DayState, bar: MinuteBar, openingRangeMinutes: number): void {
  extend(day.session, bar)
  if (bar.minute < day.openMinute + openingRangeMinutes) extend(day.openingRange, bar)
  day.priceVolume += ((bar.high + bar.low + bar.close) / 3) * bar.volume
  day.volume += bar.volume
  addMinuteClose(day.sma, bar.minute, day.openMinute, bar.close)
}

/**
 * Adds the next bar of the day: pre-market before 09:30, else of the regular session. Bars come in time order and lie
 * before the close (the caller sees to both). Writes `day`.
 */
export function addBar(day: DayState, bar: MinuteBar, openingRangeMinutes: number): void {
  day.minute.push(bar.minute)
  day.open.push(bar.open)
  day.high.push(bar.high)
  day.low.push(bar.low)
  day.close.push(bar.close)
  if (bar.minute >= day.openMinute) addRegularBar(day, bar, openingRangeMinutes)
  else {
    day.preMarketBars += 1
    extend(day.preMarket, bar)
  }
}

/** Tells the day that it is `minute`, before the bar that starts then: a two-minute bar may have ended. Writes `day`. */
export function advanceDay(day: DayState, minute: number): void {
  settleSma(day.sma, minute)
}

/** Value `back` bars before the last one; NaN before the first. */
export function fromLast(values: readonly number[], back: number): number {
  return values[values.length - 1 - back] ?? Number.NaN
}

/** The close of the last bar that starts at or before `minute`, NaN when there is none. Cost: the bars since then. */
export function closeAsOf(day: DayState, minute: number): number {
  let i = day.minute.length - 1
  while (i >= 0 && (day.minute[i] ?? Number.NaN) > minute) i -= 1
  return day.close[i] ?? Number.NaN
}
