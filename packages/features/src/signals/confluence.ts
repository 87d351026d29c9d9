import type { LevelKind } from '../vocabulary/words.ts'
import type { Level } from './levels.ts'
import type { BarState } from './bar-state.ts'
import { within } from '../vocabulary/price.ts'
import type { SignalSettings } from './settings.ts'
import type { Touch } from './touches.ts'

/** Columns of {@link confluenceFeatures}. */
export type ConfluenceColumn =
  | 'confluence_count'
  | 'confluence_weighted_score'
  | 'confluence_min_distance'
  | 'confluence_pressure'
  | 'confluence_alignment'

/** Seconds after the touch minute's start at which each is known: key levels at once, the SMAs' alignment at its end. */
export const KNOWN_AFTER_S: Readonly<Record<ConfluenceColumn, number>> = {
  confluence_count: 0,
  confluence_weighted_score: 0,
  confluence_min_distance: 0,
  confluence_pressure: 0,
  confluence_alignment: 60,
}

/** Weights of the key levels; round levels and strikes are none. */
const KEY_WEIGHTS: Readonly<Partial<Record<LevelKind, number>>> = {
  PM_HIGH: 1,
  PM_LOW: 1,
  OR_HIGH: 0.9,
  OR_LOW: 0.9,
  SMA_200: 0.8,
  SMA_400: 0.8,
  VWAP: 0.7,
  SESSION_HIGH: 0.6,
  SESSION_LOW: 0.6,
  CALL_WALL: 1,
  PUT_WALL: 1,
}

/**
 * +1 when both SMAs lie beyond the level in the direction of approach, both slopes point that way and their spread is wider
 * than `shortSlopeBars` two-minute bars ago; -1 when both lie before the level, both slopes point back and the spread widens;
 * else 0. NaN when a part is missing.
 */
function alignmentOf({ level, sign }: Touch, { sma200, sma400 }: BarState): number {
  const widening = Math.abs(sma200.value - sma400.value) - Math.abs(sma200.shortAgo - sma400.shortAgo)
  const parts = [sma200, sma400].flatMap((sma) => [sign * (sma.value - level.price), sign * sma.slope])
  if (Number.isNaN(widening) || parts.some(Number.isNaN)) return Number.NaN
  if (!(widening > 0)) return 0
  if (parts.every((part) => part > 0)) return 1
  return parts.every((part) => part < 0) ? -1 : 0
}

/**
 * How close the other key levels known at the touch minute's start lie to the touched one (which is left out by its kind):
 * confluence_count: how many within `confluenceBand`; confluence_weighted_score: sum over those of weight x (1 - distance/band);
 * confluence_min_distance: least distance, in or out of the band, NaN without key levels; confluence_pressure: that sum over
 * the weight of all other key levels, in [0, 1], NaN without any; confluence_alignment: see the code's `alignmentOf`.
 */
export function confluenceFeatures(
  touch: Touch,
  levels: readonly Level[],
  state: BarState,
  settings: SignalSettings,
): Record<ConfluenceColumn, number> {
  const { confluenceBand: band } = settings
  let [count, score, totalWeight, least] = [0, 0, 0, Infinity]
  for (const { kind, price } of levels) {
    const weight = KEY_WEIGHTS[kind]
    if (weight === undefined || kind === touch.level.kind) continue
    const distance = Math.abs(price - touch.level.price)
    totalWeight += weight
    least = Math.min(least, distance)
    if (!within(distance, band)) continue
    count += 1
    score += weight * Math.max(0, 1 - distance / band)
  }
  return {
    confluence_count: count,
    confluence_weighted_score: score,
    confluence_min_distance: totalWeight > 0 ? least : Number.NaN,
    confluence_pressure: totalWeight > 0 ? score / totalWeight : Number.NaN,
    confluence_alignment: alignmentOf(touch, state),
  }
}
