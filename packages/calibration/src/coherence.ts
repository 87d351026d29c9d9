import { checkProbability, type Values } from './check.ts'

/** "Event `lower` implies event `upper`", by their places: the probability of the first may not exceed the second's. */
export interface Implication {
  readonly lower: number
  readonly upper: number
}

/**
 * Probabilities of events of which some imply others, made coherent: q_i <= q_j wherever i implies j. Heads that were
 * calibrated one by one need not be ($2 within 60 s implies $1 within 60 s, and $2 within 120 s).
 *
 * q is the mean of the least coherent values above p (each the greatest p that implies it) and the greatest coherent
 * values below p (Mukerjee 1988), for any order. Coherent values come back as they are. NaN stands for an event without a probability and takes no part; what
 * it connects stays connected. Events that imply each other become equal. Throws on what is neither a probability nor NaN,
 * and on places that do not exist. O(events x implications).
 */
export function coherentProbabilities(probabilities: Values, implications: readonly Implication[]): Float64Array {
  const count = probabilities.length
  for (let i = 0; i < count; i++) {
    const p = probabilities[i] as number
    if (!Number.isNaN(p)) checkProbability('probabilities', i, p)
  }
  checkPlaces(implications, count)
  const coherent = Float64Array.from(probabilities)
  settler(count, implications)(coherent)
  return coherent
}

/** Makes probabilities coherent in place, as {@link coherentProbabilities} does; nothing is checked. */
export function settler(count: number, implications: readonly Implication[]): (probabilities: Float64Array) => void {
  const [above, below] = [new Float64Array(count), new Float64Array(count)]
  const pass = (): boolean => {
    let changed = false
    for (const { lower, upper } of implications) {
      if ((above[upper] as number) < (above[lower] as number)) {
        above[upper] = above[lower] as number
        changed = true
      }
      if ((below[lower] as number) > (below[upper] as number)) {
        below[lower] = below[upper] as number
        changed = true
      }
    }
    return changed
  }
  return (probabilities) => {
    for (let i = 0; i < count; i++) {
      const p = probabilities[i] as number
      above[i] = Number.isNaN(p) ? Number.NEGATIVE_INFINITY : p
      below[i] = Number.isNaN(p) ? Number.POSITIVE_INFINITY : p
    }
    settle(count, pass)
    for (let i = 0; i < count; i++) {
      if (!Number.isNaN(probabilities[i])) probabilities[i] = ((above[i] as number) + (below[i] as number)) / 2
    }
  }
}

/** Passes over the implications until nothing changes, which takes at most as many passes as there are events. */
function settle(events: number, pass: () => boolean): void {
  for (let i = 0; i <= events; i++) if (!pass()) return
}

/** Throws unless every implication joins two of `count` places. */
export function checkPlaces(implications: readonly Implication[], count: number): void {
  for (const [i, { lower, upper }] of implications.entries()) {
    const known = (place: number): boolean => Number.isSafeInteger(place) && place >= 0 && place < count
    if (known(lower) && known(upper) && lower !== upper) continue
    throw new RangeError(
      `calibration: implications[${i}]=${lower}->${upper}: must join two places of 0 to ${count - 1}. Are they names of heads that are absent?`,
    )
  }
}
