import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { RegionViews } from '../engine/memory.ts'
import type { TrainSettings } from './options.ts'

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

/** The rows of one tree are the first `count` of the order; `others` are training rows that it does not see. */
export interface RowSample {
  readonly count: number
  readonly others: Int32Array
}

const NONE = new Int32Array(0)

/**
 * Draws the rows of the next tree into the order, ascending: all training rows, an even sample of them, or GOSS's. GOSS
 * multiplies the derivatives of the rows drawn from the rest in place, so that they stand for all of the rest.
 */
export function drawRows(
  rows: Int32Array,
  settings: Pick<TrainSettings, 'rowSampling' | 'goss'>,
  views: Pick<RegionViews, 'order' | 'gradients' | 'hessians'>,
  random: RandomGenerator,
): RowSample {
  const { rowSampling, goss } = settings
  if (goss) return oneSided(rows, goss, views, random)
  if (rowSampling === 1) {
    views.order.set(rows)
    return { count: rows.length, others: NONE }
  }
  const picked = new Int32Array(rows.length)
  const count = sample(random, rows.length, sampleSize(rows.length, rowSampling), picked)
  return takeRows(rows, picked.subarray(0, count), views.order)
}

/** The rows with the largest |g h|, and an even sample of the rest (Ke et al. 2017, algorithm 2). */
function oneSided(
  rows: Int32Array,
  { top, other }: { readonly top: number; readonly other: number },
  { order, gradients, hessians }: Pick<RegionViews, 'order' | 'gradients' | 'hessians'>,
  random: RandomGenerator,
): RowSample {
  const size = Float32Array.from(rows, (row) => Math.abs((gradients[row] as number) * (hessians[row] as number)))
  const kept = sampleSize(rows.length, top)
  const limit = size.toSorted()[rows.length - kept] as number
  // Of rows that tie at the limit (all of them, where gradients take few values) the first are kept.
  let ties = kept - size.reduce((count, x) => count + (x > limit ? 1 : 0), 0)
  const large: number[] = []
  const small: number[] = []
  for (const [i, x] of size.entries()) {
    if (x > limit || (x === limit && ties-- > 0)) large.push(i)
    else small.push(i)
  }
  const picked = new Int32Array(small.length)
  const count = sample(random, small.length, Math.min(small.length, sampleSize(rows.length, other)), picked)
  const factor = small.length / count
  for (let i = 0; i < count; i++) {
    const row = rows[small[picked[i] as number] as number] as number
    gradients[row] = (gradients[row] as number) * factor
    hessians[row] = (hessians[row] as number) * factor
    large.push(small[picked[i] as number] as number)
  }
  return takeRows(rows, Int32Array.from(large).toSorted(), order)
}

/** Writes the picked rows to the order and returns the others. */
function takeRows(rows: Int32Array, picked: Int32Array, order: Int32Array): RowSample {
  const others = new Int32Array(rows.length - picked.length)
  let next = 0
  let left = 0
  for (let i = 0; i < rows.length; i++) {
    if (picked[next] === i) order[next++] = rows[i] as number
    else others[left++] = rows[i] as number
  }
  return { count: picked.length, others }
}
