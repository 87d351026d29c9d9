import type { PublishedTarget } from './payload.ts'

/** A target's probabilities at one time; null where the payload had none. */
export interface ProbabilityPoint {
  /** Milliseconds since 1970. */
  readonly ts: number
  readonly tradeable: number | null
  readonly breaks: number | null
  readonly bounces: number | null
}

/** The probabilities of each level since the day began. */
export interface ProbabilityBook {
  /** Keeps the probabilities of `targets`, at most one point a level every five seconds. */
  readonly take: (ts: number, targets: readonly PublishedTarget[]) => void
  /** Points of a level in time order; none for a level that is not known. */
  readonly of: (levelId: string) => readonly ProbabilityPoint[]
  readonly clear: () => void
}

/** Milliseconds between two points of a level. */
const SPACING_MS = 5000
/** Points kept of a level: a regular session. Older ones are dropped. */
const MOST_POINTS = 4680
/** Levels kept; the one that was not a target for the longest time is dropped. */
const MOST_LEVELS = 40
/** Numbers of a point. */
const WIDTH = 4

/** Points of one level in a ring that grows to its limit. */
interface Ring {
  values: Float64Array
  count: number
  last: number
}

/** A book before its first tick. At most 40 levels of 4,680 points: 6 MB. */
export function probabilityBook(): ProbabilityBook {
  const rings = new Map<string, Ring>()
  return {
    take(ts, targets) {
      for (const target of targets) {
        const known = rings.get(target.level_id)
        if (known !== undefined && ts - known.last < SPACING_MS) continue
        const ring = known ?? { values: new Float64Array(64 * WIDTH), count: 0, last: ts }
        // Set anew, so that the map's order is that of use.
        rings.delete(target.level_id)
        rings.set(target.level_id, ring)
        append(ring, ts, target)
        const oldest = rings.keys().next()
        if (rings.size > MOST_LEVELS && oldest.done !== true) rings.delete(oldest.value)
      }
    },
    of(levelId) {
      const ring = rings.get(levelId)
      if (ring === undefined) return []
      const from = Math.max(0, ring.count - MOST_POINTS)
      return Array.from({ length: ring.count - from }, (_, i) => pointAt(ring, from + i))
    },
    clear: () => rings.clear(),
  }
}

function append(
  ring: Ring,
  ts: number,
  { p_tradeable_2: tradeable, p_break: breaks, p_bounce: bounces }: PublishedTarget,
) {
  const needed = Math.min(ring.count + 1, MOST_POINTS) * WIDTH
  if (needed > ring.values.length) {
    const grown = new Float64Array(Math.min(ring.values.length * 2, MOST_POINTS * WIDTH))
    grown.set(ring.values)
    ring.values = grown
  }
  const at = (ring.count % MOST_POINTS) * WIDTH
  ring.values.set([ts, tradeable ?? Number.NaN, breaks ?? Number.NaN, bounces ?? Number.NaN], at)
  ring.count += 1
  ring.last = ts
}

function pointAt({ values }: Ring, i: number): ProbabilityPoint {
  const at = (i % MOST_POINTS) * WIDTH
  const number = (offset: number): number | null => {
    const value = values[at + offset] ?? Number.NaN
    return Number.isNaN(value) ? null : value
  }
  return { ts: values[at] ?? 0, tradeable: number(1), breaks: number(2), bounces: number(3) }
}
