import type { Bars } from '../bars/bars.ts'
import { barOf } from '../signals/bars-in-order.ts'
import { addBar } from '../signals/day.ts'
import type { DayState } from '../signals/day.ts'
import type { SessionSlice } from '../signals/sessions.ts'
import type { SignalSettings } from '../signals/settings.ts'
import { marketState } from './moment.ts'
import type { MarketState } from './moment.ts'
import { addRange, beginRangeSession } from './ranges.ts'
import type { RangeState } from './ranges.ts'

/** What a session is walked with. `day` has no bar yet; both states are written as the walk continues. */
export interface SessionToWalk {
  readonly bars: Bars
  readonly slice: SessionSlice
  readonly day: DayState
  readonly ranges: RangeState
  readonly settings: SignalSettings
}

/** A session walked minute by minute, forward only. Slots are minutes from the open. */
export interface SessionWalk {
  /** Adds the bars that have ended by the start of `slot`. */
  advance(slot: number): void
  /** The market at the start of `slot`, to which the walk has come. */
  market(slot: number): MarketState
}

/** Begins the walk of a session, before its first bar. */
export function walkSession({ bars, slice, day, ranges, settings }: SessionToWalk): SessionWalk {
  let next = slice.from
  beginRangeSession(ranges)
  return {
    advance(slot) {
      for (; next < slice.to; next++) {
        const bar = barOf(bars, next)
        if (bar.minute - day.openMinute >= slot) return
        addBar(day, bar, settings.openingRangeMinutes)
        if (bar.minute >= day.openMinute) addRange(ranges, bar, bar.minute - day.openMinute)
      }
    },
    market: (slot) => marketState(day, ranges, { sinceOpen: slot * 60 }, settings),
  }
}
