import type { StateSettings, TargetState } from '@breakwater/viewport'

interface Tick {
  readonly tsNs: bigint
  readonly spot: number
}

interface Read {
  readonly state: TargetState
  readonly touchNs: bigint | null
}

const EPSILON = 1e-8

/**
 * The states along a whole path, found the long way round: first the episodes as spans of ticks, then the ticks between
 * them by distance. Knows nothing of the tick before it.
 */
export function episodesOf(ticks: readonly Tick[], price: number, settings: StateSettings): Read[] {
  const distance = ticks.map(({ spot }) => Math.abs(price - spot))
  const within =
    (band: number) =>
    (i: number): boolean =>
      (distance[i] ?? Infinity) <= band + EPSILON
  const near10 = within(settings.touchBand)
  const sideAt = (i: number): number => {
    const off = price - (ticks[i]?.spot ?? price)
    return Math.abs(off) <= EPSILON ? 0 : Math.sign(off)
  }
  const sides = ticks.map((_, i) => sideAt(i))
  /** Within the band, or on the other side than when price last stood on one. */
  const touches = (i: number): boolean =>
    near10(i) || (sides[i] !== 0 && sides.slice(0, i).findLast((side) => side !== 0) === -(sides[i] ?? 0))
  const inBand = within(settings.monitorBand)
  const near = within(settings.approachBand)
  const firstFrom = (from: number, holds: (i: number) => boolean): number => {
    for (let i = from; i < ticks.length; i++) if (holds(i)) return i
    return ticks.length
  }
  const read: Read[] = ticks.map((_, i) => ({
    state: inBand(i)
      ? 'IN_MONITOR_BAND'
      : near(i) && nearing(distance.slice(0, i + 1), settings.moveFrom)
        ? 'APPROACHING'
        : 'FAR',
    touchNs: null,
  }))
  let start = firstFrom(0, touches)
  while (start < ticks.length) {
    const touchNs = ticks[start]?.tsNs ?? 0n
    const from = settings.clock === 'minute' ? touchNs - (touchNs % 60_000_000_000n) : touchNs
    const confirmed = firstFrom(start + 1, (i) => (ticks[i]?.tsNs ?? 0n) >= from + settings.confirmNs)
    const away = firstFrom(confirmed, (i) => !inBand(i))
    const fill = (state: TargetState, begin: number, end: number): void => {
      for (let i = begin; i < Math.min(end, ticks.length); i++) read[i] = { state, touchNs }
    }
    const resolved = firstFrom(confirmed + 1, (i) => !inBand(i))
    const again = firstFrom(away + 1, touches)
    const confirmationEnd = Math.min(resolved, again)
    const over =
      resolved < again ? firstFrom(resolved + 1, (i) => inBand(i) || !near(i) || touches(i)) : confirmationEnd
    fill('TOUCH', start, confirmed)
    fill('CONFIRMATION', confirmed, confirmationEnd)
    fill('RESOLVED', confirmationEnd, over)
    start = firstFrom(over, touches)
  }
  return read
}

/** Whether price comes nearer: the last move of at least `moveFrom` from a turning point goes toward the level. */
function nearing(distance: readonly number[], moveFrom: number): boolean {
  let [low, high, toward] = [distance[0] ?? 0, distance[0] ?? 0, false]
  let known = false
  for (const d of distance) {
    if (!known) {
      toward = d <= low - moveFrom + EPSILON
      known = toward || d >= high + moveFrom - EPSILON
      if (known) [low, high] = [d, d]
    } else if (toward) {
      low = Math.min(low, d)
      if (d >= low + moveFrom - EPSILON) [toward, high] = [false, d]
    } else {
      high = Math.max(high, d)
      if (d <= high - moveFrom + EPSILON) [toward, low] = [true, d]
    }
  }
  return toward
}
