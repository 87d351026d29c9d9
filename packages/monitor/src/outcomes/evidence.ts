import { reaches, type Thresholds } from '@breakwater/features'
import type { PublishedForecast } from './forecast.ts'

/**
 * What is known of one published forecast's path. Times are seconds since the session's open. Events by place: threshold 1
 * break, threshold 1 bounce, threshold 2 break, threshold 2 bounce. The first time that event i happened lies in
 * [start[i], end[i]]; NaN while it has not been seen.
 */
export interface Evidence {
  readonly forecast: PublishedForecast
  /** When it was published. */
  readonly at: number
  /** When its windows begin; NaN before the touch that it is conditional on. */
  from: number
  /** The first minute that lies in the windows whole. */
  slot: number
  /** Dollars beyond the level when the windows begin; NaN where the price is not known. */
  moved: number
  readonly start: Float64Array
  readonly end: Float64Array
  /** 1 where the bar of the minute in which the windows begin reached it, and no tick tells whether that was before. */
  readonly straddles: Uint8Array
  /** Whether a tick came between the start of the windows and their first whole minute. */
  hasTicks: boolean
  /** Furthest prices beyond the level and before it within the windows; -Infinity and Infinity before the first. */
  most: number
  least: number
  /** When the level was touched, as an interval; NaN before. */
  touchStart: number
  touchEnd: number
  /** Whether the bar of the minute of publication came to the level, and no tick tells when. */
  touchStraddles: boolean
  /** Where the longest window ends: prices from then on are no part of it. */
  until: number
  /** Where the data breaks off; Infinity while it does not. */
  cut: number
  /** First question that is not answered yet. */
  next: number
}

const EVENTS = 4

/** A minute of prices, by its place in the session. */
export interface SlotBar {
  readonly slot: number
  readonly high: number
  readonly low: number
}

const MINUTE = 60

/** Seconds that a forecast may be later than the start of its minute and still be about that whole minute. */
const ALIGNED_SECONDS = 1

/** When a forecast was published, when its windows begin (NaN: at the touch), and how long the longest is; seconds. */
export interface ForecastTimes {
  readonly at: number
  readonly from: number
  readonly longest: number
}

/** Evidence of a forecast before anything is known. */
export function beginEvidence(forecast: PublishedForecast, { at, from, longest }: ForecastTimes): Evidence {
  const evidence: Evidence = {
    forecast,
    at: aligned(at),
    from: Number.NaN,
    slot: Infinity,
    moved: Number.NaN,
    start: new Float64Array(EVENTS).fill(Number.NaN),
    end: new Float64Array(EVENTS).fill(Number.NaN),
    straddles: new Uint8Array(EVENTS),
    hasTicks: false,
    most: -Infinity,
    least: Infinity,
    touchStart: Number.NaN,
    touchEnd: Number.NaN,
    touchStraddles: false,
    until: aligned(at) + longest,
    cut: Infinity,
    next: 0,
  }
  if (!Number.isNaN(from)) openWindows(evidence, from, longest)
  return evidence
}

/** A time, or the start of its minute where that is just before it. */
function aligned(time: number): number {
  const minute = Math.floor(time / MINUTE) * MINUTE
  return time - minute <= ALIGNED_SECONDS ? minute : time
}

/** Begins the windows of a forecast. A time just after the start of a minute is taken as that start. */
function openWindows(evidence: Evidence, from: number, longest: number): void {
  evidence.from = aligned(from)
  evidence.slot = Math.ceil(evidence.from / MINUTE)
  evidence.until = evidence.from + longest
}

/** Dollars beyond the level in the direction of approach. */
export function beyond({ forecast: { price, sign } }: Evidence, spot: number): number {
  return sign * (spot - price)
}

/** Takes a price that was traded at `time`. Writes `evidence`. */
export function takeTick(evidence: Evidence, time: number, spot: number, thresholds: Thresholds): void {
  if (!(time >= evidence.from && time <= evidence.until)) return
  if (time < evidence.slot * MINUTE) evidence.hasTicks = true
  const move = beyond(evidence, spot)
  evidence.most = Math.max(evidence.most, move)
  evidence.least = Math.min(evidence.least, move)
  for (let event = 0; event < EVENTS; event++) {
    if (!Number.isNaN(evidence.start[event])) continue
    if (!reaches(event % 2 === 0 ? move : -move, event < 2 ? thresholds[0] : thresholds[1])) continue
    evidence.start[event] = evidence.end[event] = time
  }
}

/**
 * Looks whether a price at `time` touches the level of a forecast that waits for it: within the band of the level, or beyond
 * it, for price may jump the level between two ticks. Its windows begin then. Writes `evidence`.
 */
export function touchByTick(evidence: Evidence, time: number, spot: number, band: number): void {
  const move = beyond(evidence, spot)
  if (!reaches(move, -band)) return
  evidence.touchStart = evidence.touchEnd = time
  openWindows(evidence, time, evidence.until - evidence.at)
  evidence.moved = move
}

/**
 * The same by a bar that has ended. Nobody knows when in its minute it came, and where price stood then: windows begin at its end, and what is
 * asked of them has no answer.
 */
export function touchByBar(evidence: Evidence, { slot, high, low }: SlotBar, band: number): void {
  const begins = slot * MINUTE
  if (begins + MINUTE <= evidence.at || !reaches(Math.max(beyond(evidence, high), beyond(evidence, low)), -band)) return
  if (begins < evidence.at) {
    evidence.touchStraddles = true
    return
  }
  evidence.touchStart = begins
  evidence.touchEnd = begins + MINUTE
  openWindows(evidence, begins + MINUTE, evidence.until - evidence.at)
}

/**
 * Takes a bar that has ended. One whose minute began before the windows says only what cannot have happened in it; an event
 * that a tick showed within a minute keeps the tick's time. Writes `evidence`.
 */
export function takeBar(evidence: Evidence, { slot, high, low }: SlotBar, thresholds: Thresholds): void {
  const isWhole = slot >= evidence.slot
  if (!isWhole && slot !== evidence.slot - 1) return
  const [first, second] = [beyond(evidence, high), beyond(evidence, low)]
  const [best, worst] = first > second ? [first, second] : [second, first]
  const begins = slot * MINUTE
  if (begins >= evidence.until) return
  if (isWhole && begins + MINUTE <= evidence.until) {
    evidence.most = Math.max(evidence.most, best)
    evidence.least = Math.min(evidence.least, worst)
  }
  for (let event = 0; event < EVENTS; event++) {
    if (!reaches(event % 2 === 0 ? best : -worst, event < 2 ? thresholds[0] : thresholds[1])) continue
    const seen = evidence.start[event] as number
    if (seen < begins + MINUTE) continue
    if (!isWhole) {
      evidence.straddles[event] = evidence.hasTicks ? 0 : 1
      continue
    }
    evidence.start[event] = begins
    evidence.end[event] = begins + MINUTE
  }
}
