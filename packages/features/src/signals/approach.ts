import { closeAsOf, fromLast } from './day.ts'
import type { DayState } from './day.ts'
import type { SignalSettings } from './settings.ts'
import type { Touch } from './touches.ts'

/** Columns of {@link approachFeatures}. */
export type ApproachColumn = 'approach_velocity' | 'approach_bars' | 'approach_distance'

/** Seconds after the touch minute's start at which each is known. */
export const KNOWN_AFTER_S: Readonly<Record<ApproachColumn, number>> = {
  approach_velocity: 60,
  approach_bars: 60,
  approach_distance: 60,
}

/** Number of consecutive closes, ending with the last bar's, that each moved in direction `sign`. */
function runLength(day: DayState, sign: 1 | -1): number {
  let run = 0
  while (sign * (fromLast(day.close, run) - fromLast(day.close, run + 1)) > 0) run += 1
  return run
}

/**
 * How price came to the level, from the close of the touch bar (the last of `day`) and closes before it:
 * approach_velocity: change of the close over `lookback` minutes, per minute, positive toward the level; the earlier close is
 * the last one at or before that time. approach_distance: that change's size, dollars. Both NaN where the day has no close
 * that old. approach_bars: consecutive closes toward the level, ending with the touch bar.
 */
export function approachFeatures(
  day: DayState,
  { sign, minute }: Touch,
  settings: SignalSettings,
): Record<ApproachColumn, number> {
  const change = fromLast(day.close, 0) - closeAsOf(day, minute - settings.lookback)
  return {
    approach_velocity: (sign * change) / settings.lookback,
    approach_bars: runLength(day, sign),
    approach_distance: Math.abs(change),
  }
}
