/** Buckets that sums are parted into: enough that few candidates share one. */
const BUCKETS = 512

/** Scratch for {@link orderBySteps}: the pairs' places in order, and where each bucket ends. */
export interface StepOrder {
  readonly places: Int32Array
  readonly ends: Int32Array
}

/** Scratch for up to `most` pairs. */
export function stepOrder(most: number): StepOrder {
  return { places: new Int32Array(most), ends: new Int32Array(BUCKETS) }
}

/**
 * Orders `count` pairs of row and sum nearly by sum: by buckets of equal width, rows rising within each. Writes the places of
 * the pairs to `order.places`. Nearly is enough: the order decides how soon the bound falls, never the answer. Linear.
 */
export function orderBySteps(pairs: Int32Array, count: number, { places, ends }: StepOrder): void {
  let least = 2 ** 31 - 1
  let most = 0
  for (let i = 0; i < count; i++) {
    const sum = pairs[2 * i + 1] as number
    if (sum < least) least = sum
    if (sum > most) most = sum
  }
  const scale = BUCKETS / (most - least + 1)
  ends.fill(0)
  for (let i = 0; i < count; i++) {
    const bucket = (((pairs[2 * i + 1] as number) - least) * scale) | 0
    ends[bucket] = (ends[bucket] as number) + 1
  }
  let before = 0
  for (let b = 0; b < BUCKETS; b++) {
    const size = ends[b] as number
    ends[b] = before
    before += size
  }
  for (let i = 0; i < count; i++) {
    const bucket = (((pairs[2 * i + 1] as number) - least) * scale) | 0
    places[ends[bucket] as number] = i
    ends[bucket] = (ends[bucket] as number) + 1
  }
}
