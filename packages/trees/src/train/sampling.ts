import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/**
 * The random source of one head: xoroshiro128+ seeded from the run's seed and the head's name, so that a head's model
 * does not depend on which other heads are trained, in which order, or on which thread.
 */
export function randomOf(seed: number, name: string): RandomGenerator {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return xoroshiro128plus(hash)
}

/** How many of `count` items a sampling rate keeps: the nearest integer, at least 1. */
export function sampleSize(count: number, rate: number): number {
  return Math.max(1, Math.round(count * rate))
}

/**
 * Draws `size` of the numbers 0 to `count` (exclusive) without replacement, each subset equally likely, in ascending
 * order (Knuth's algorithm S, one random number an item). Writes them to `out` and returns `size`.
 */
export function sample(random: RandomGenerator, count: number, size: number, out: Int32Array): number {
  let taken = 0
  for (let i = 0; i < count && taken < size; i++) {
    if (uniformFloat64(random) * (count - i) < size - taken) out[taken++] = i
  }
  return size
}
