import type { Anchor } from '../vocabulary/anchors.ts'
import { coverageOf } from './coverage.ts'
import type { MinuteBar } from './day.ts'
import { type Outcome, outcomeOf, type WindowSettings } from './outcomes.ts'
import { SIGNAL_DEFAULTS } from './settings.ts'

/** A touch, and the regular session that it belongs to; minutes are whole minutes since 1970 UTC. */
export interface SessionTouch {
  readonly minute: number
  /** Dollars. */
  readonly price: number
  /** +1 when price comes from below the level, -1 from above. */
  readonly sign: 1 | -1
  /** The regular session is [openMinute, closeMinute). */
  readonly openMinute: number
  readonly closeMinute: number
}

/** What the labels of a touch depend on beside its bars. */
export interface TouchOutcomeOptions extends Partial<WindowSettings> {
  readonly anchor: Anchor
  /** Default that of the signals. */
  readonly maxGapMinutes?: number
}

/**
 * The labels of one touch from the bars so far, in time order: those that the signals table has for it once the session is
 * over. UNDEFINED until the label window has ended, and where bars are absent. Bars outside the session are left out. Looks
 * forward from the touch. Cost: the bars of the session.
 */
export function touchOutcome(bars: readonly MinuteBar[], touch: SessionTouch, options: TouchOutcomeOptions): Outcome {
  const { anchor, maxGapMinutes, lookforward, thresholds } = { ...SIGNAL_DEFAULTS, ...options }
  const regular = bars.filter(({ minute }) => minute >= touch.openMinute && minute < touch.closeMinute)
  const slots = regular.map(({ minute }) => minute - touch.openMinute)
  const session = {
    high: regular.map(({ high }) => high),
    low: regular.map(({ low }) => low),
    close: regular.map(({ close }) => close),
    coverage: coverageOf(slots, touch.closeMinute - touch.openMinute, maxGapMinutes),
  }
  const slot = touch.minute - touch.openMinute
  return outcomeOf(session, { slot, price: touch.price, sign: touch.sign }, anchor, { lookforward, thresholds })
}
