/** A touch of a round dollar, as the simulated market sees it. */
export interface Touch {
  /** The round dollar. */
  readonly level: number
  /** 1 when the price came from below, -1 from above. */
  readonly sign: 1 | -1
}

const TOUCH_BAND = 0.1
const MONITOR_BAND = 0.25

/**
 * The round dollar that a bar touches: its range comes within $0.10 of the level and its close within $0.25. The side is
 * that of the close before the bar; a close exactly on the level gives none. At most one level fits, as $0.25 is less
 * than half a dollar.
 */
export function roundTouch(bar: { high: number; low: number; close: number }, closeBefore: number): Touch | undefined {
  const level = Math.round(bar.close)
  const near = bar.low <= level + TOUCH_BAND && bar.high >= level - TOUCH_BAND
  if (!near || Math.abs(bar.close - level) > MONITOR_BAND || closeBefore === level) return undefined
  return { level, sign: closeBefore < level ? 1 : -1 }
}
