/**
 * Labels: what became of a touch. They look forward, beyond everything that features may see, and are computed only once a
 * session's bars are all there.
 */
import type { Coverage } from './coverage.ts'
import { coverageOf, coveredMinutes, lastBarBefore } from './coverage.ts'
import type { DayState } from './day.ts'
import { type Anchor, ANCHOR_SECONDS } from '../vocabulary/anchors.ts'
import { reaches } from '../vocabulary/price.ts'
import type { OutcomeName } from '../vocabulary/words.ts'
import type { SignalSettings } from './settings.ts'

/** Numeric label columns, without an anchor's suffix. */
export type OutcomeNumber =
  | 'anchor_spot'
  | 'future_price'
  | 'tradeable_1'
  | 'tradeable_2'
  | 'excursion_max'
  | 'excursion_min'
  | 'strength_signed'
  | 'strength_abs'
  | 'time_to_threshold_1'
  | 'time_to_threshold_2'
  | 'time_to_break_1'
  | 'time_to_bounce_1'
  | 'time_to_break_2'
  | 'time_to_bounce_2'
  | 'window_s'

/** Labels of one touch at one anchor. */
export interface Outcome {
  readonly outcome: OutcomeName
  readonly numbers: Readonly<Record<OutcomeNumber, number>>
}

/** Minutes from the start of the touch minute to an anchor, where its label window starts. */
export const anchorMinutes = (anchor: Anchor): number => ANCHOR_SECONDS[anchor] / 60

/** A session's bars and what they cover. */
export interface SessionBars {
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
  readonly coverage: Coverage
}

/** The regular bars of `day`, whose last bar has come. */
export function sessionBars(day: DayState, settings: Pick<SignalSettings, 'maxGapMinutes'>): SessionBars {
  const from = day.preMarketBars
  const slots = day.minute.slice(from).map((minute) => minute - day.openMinute)
  return {
    high: day.high.slice(from),
    low: day.low.slice(from),
    close: day.close.slice(from),
    coverage: coverageOf(slots, day.closeMinute - day.openMinute, settings.maxGapMinutes),
  }
}

/** The part of a touch that its labels depend on; `slot` counts minutes from the open. */
export interface LabelledTouch {
  readonly slot: number
  readonly price: number
  readonly sign: 1 | -1
}

const FUTURE_MINUTES = 5

/** The settings that label windows depend on. */
export type WindowSettings = Pick<SignalSettings, 'lookforward' | 'thresholds'>

/** What the bars of a label window came to. */
export interface Window {
  /** Minutes of it that the data covers without a break, at most `lookforward`. */
  readonly minutes: number
  /** Best and worst price of the covered bars in the frame of the approach, dollars beyond the level. */
  readonly most: number
  readonly least: number
  /** Minutes from its start to the start of the first bar that reached each threshold, NaN when none did. */
  readonly breaks: readonly [number, number]
  readonly bounces: readonly [number, number]
}

/**
 * Scans the label window that starts at `slot`, `lookforward` whole minutes or as many of them as the data covers. An infinite
 * `most` and `least` say that it has no bar. Cost: minutes of the window.
 */
export function scanWindow(
  bars: SessionBars,
  { slot, price, sign }: LabelledTouch,
  { lookforward, thresholds }: WindowSettings,
): Window {
  const minutes = coveredMinutes(bars.coverage, slot, lookforward)
  const breaks: [number, number] = [Number.NaN, Number.NaN]
  const bounces: [number, number] = [Number.NaN, Number.NaN]
  let [most, least] = [-Infinity, Infinity]
  for (let offset = 0; offset < minutes; offset++) {
    const bar = bars.coverage.barAt[slot + offset] ?? -1
    if (bar < 0) continue
    const above = (bars.high[bar] ?? Number.NaN) - price
    const below = (bars.low[bar] ?? Number.NaN) - price
    const [best, worst] = sign > 0 ? [above, below] : [-below, -above]
    most = Math.max(most, best)
    least = Math.min(least, worst)
    for (const i of [0, 1] as const) {
      const threshold = thresholds[i]
      if (Number.isNaN(breaks[i]) && reaches(best, threshold)) breaks[i] = offset
      if (Number.isNaN(bounces[i]) && reaches(-worst, threshold)) bounces[i] = offset
    }
  }
  return { minutes, most, least, breaks, bounces }
}

/** The lesser of two numbers, of which either may be missing. */
function earliest(a: number, b: number): number {
  if (Number.isNaN(a)) return b
  return Number.isNaN(b) ? a : Math.min(a, b)
}

function wordOf(toBreak: number, toBounce: number, complete: boolean): OutcomeName {
  if (!complete || toBreak === toBounce) return 'UNDEFINED'
  if (Number.isNaN(toBreak) && Number.isNaN(toBounce)) return 'CHOP'
  return earliest(toBreak, toBounce) === toBreak ? 'BREAK' : 'BOUNCE'
}

function closeBefore(bars: SessionBars, slot: number): number {
  return bars.close[lastBarBefore(bars.coverage, slot)] ?? Number.NaN
}

/** Last close known five minutes after the anchor, NaN when the data does not cover the time until then. */
function futurePrice(bars: SessionBars, from: number): number {
  const covered = coveredMinutes(bars.coverage, from, FUTURE_MINUTES) === FUTURE_MINUTES
  return covered ? closeBefore(bars, from + FUTURE_MINUTES) : Number.NaN
}

/**
 * The labels of `touch` at `anchor`. The window is `lookforward` whole minutes
 * from the anchor, [t1, t1 + lookforward); `window_s` seconds of it are covered by the data: up to the session's close, its
 * last bar, or a gap longer than `maxGapMinutes`. Prices are in the frame of the approach: positive beyond the level.
 *
 * anchor_spot: last close known at the anchor. future_price: the same five minutes later. time_to_break_k, time_to_bounce_k:
 * start of the first covered bar that lies threshold k beyond the level, or before it, in seconds from the anchor; the true
 * time lies in [t, t + 60). time_to_threshold_k: the earlier of the two. These may be set in an incomplete window.
 * In a complete window only: outcome BREAK or BOUNCE by the second threshold reached first, CHOP for neither; tradeable_k 1
 * when threshold k was reached either way, else 0; excursion_max, excursion_min: greatest and least price beyond the level;
 * strength_signed: the one of larger size (excursion_max when equal), strength_abs its size.
 * UNDEFINED: an incomplete window, or one bar that is the first to reach both second thresholds (the order is unknowable).
 */
export function outcomeOf(bars: SessionBars, touch: LabelledTouch, anchor: Anchor, settings: WindowSettings): Outcome {
  const from = touch.slot + anchorMinutes(anchor)
  const { minutes, most, least, breaks, bounces } = scanWindow(bars, { ...touch, slot: from }, settings)
  const complete = minutes === settings.lookforward
  const first = [earliest(breaks[0], bounces[0]), earliest(breaks[1], bounces[1])] as const
  const whenComplete = (value: number): number => (complete && Number.isFinite(value) ? value : Number.NaN)
  const strength = whenComplete(Math.abs(most) >= Math.abs(least) ? most : least)
  return {
    outcome: wordOf(breaks[1], bounces[1], complete),
    numbers: {
      anchor_spot: closeBefore(bars, from),
      future_price: futurePrice(bars, from),
      tradeable_1: whenComplete(Number.isNaN(first[0]) ? 0 : 1),
      tradeable_2: whenComplete(Number.isNaN(first[1]) ? 0 : 1),
      excursion_max: whenComplete(most),
      excursion_min: whenComplete(least),
      strength_signed: strength,
      strength_abs: Math.abs(strength),
      time_to_threshold_1: first[0] * 60,
      time_to_threshold_2: first[1] * 60,
      time_to_break_1: breaks[0] * 60,
      time_to_bounce_1: bounces[0] * 60,
      time_to_break_2: breaks[1] * 60,
      time_to_bounce_2: bounces[1] * 60,
      window_s: minutes * 60,
    },
  }
}
