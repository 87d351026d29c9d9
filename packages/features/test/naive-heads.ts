/**
 * A row-by-row reading of the rules for heads, written from the data contract and sharing no code with the package: which
 * rows a head sees, and what the target is. Null is a masked row.
 */

/** One touch with its labels at one anchor, as plain values; NaN and null are missing. */
export interface LabelledTouch {
  readonly up: boolean
  readonly level: number
  readonly spot: number
  readonly outcome: 'BREAK' | 'BOUNCE' | 'CHOP' | 'UNDEFINED'
  readonly tradeable2: number
  readonly strength: number
  readonly window: number
  /** By threshold and side: t1, t2, t1_break, t1_bounce, t2_break, t2_bounce. */
  readonly times: Readonly<Record<string, number>>
}

/** Dollars that the anchor price lies beyond the level on a side ('' is either side). */
function already(touch: LabelledTouch, side: string): number {
  const above = touch.spot - touch.level
  if (side === '') return above < 0 ? -above : above
  const inBreakDirection = touch.up ? above : -above
  return side === 'break' ? inBreakDirection : -inBreakDirection
}

/** Target of the head `name` (without an anchor's suffix) for one touch. */
export function naiveTarget(
  name: string,
  touch: LabelledTouch,
  thresholds: readonly [number, number],
  resolution: number,
): number | null {
  if (name === 'strength_signed') return touch.outcome === 'UNDEFINED' ? null : touch.strength
  if (name === 'tradeable_2') {
    if (touch.outcome === 'UNDEFINED' && touch.window < 480) return null
    return already(touch, '') >= thresholds[1] ? null : touch.tradeable2
  }
  if (name === 'direction') {
    if (touch.outcome === 'UNDEFINED' || touch.outcome === 'CHOP') return null
    if (touch.tradeable2 === 0 || already(touch, '') >= thresholds[1]) return null
    return touch.outcome === 'BREAK' ? 1 : 0
  }
  const parts = name.split('_')
  const side = parts.length === 3 ? (parts[1] ?? '') : ''
  const horizon = Number((parts.at(-1) ?? '').replace('s', ''))
  const threshold = name.startsWith('t1') ? thresholds[0] : thresholds[1]
  if (touch.window < horizon || already(touch, side) >= threshold) return null
  const hit = touch.times[side === '' ? name.slice(0, 2) : `${name.slice(0, 2)}_${side}`] ?? Number.NaN
  if (Number.isNaN(hit)) return 0
  const [from, to] = [hit, hit + resolution]
  if (to <= horizon) return 1
  return from >= horizon ? 0 : null
}
