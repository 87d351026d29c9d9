/** Bits of a float that choose its bucket: the sign, the exponent and seven bits of the fraction. */
const BUCKET_BITS = 16
const SHIFT = 32 - BUCKET_BITS
const HALF = 1 << (BUCKET_BITS - 1)

/**
 * Finds bins fast: `first[b]` is the number of cuts at or below every float of bucket b, so that few cuts are left to try.
 */
export interface BinFinder {
  readonly cuts: Float32Array
  readonly first: Uint8Array
}

/** The finder of a column with these cuts (at most 255). */
export function binFinder(cuts: Float32Array): BinFinder {
  const first = new Uint8Array(2 * HALF)
  const lowest = new Float32Array(1)
  const bits = new Uint32Array(lowest.buffer)
  let from = 0
  for (let below = 0; below < cuts.length; below++) {
    const cut = cuts[below] as number
    lowest[0] = cut
    const bucket = (bits[0] as number) >>> SHIFT
    const place = bucket < HALF ? HALF + bucket : 2 * HALF - 1 - bucket
    // The bucket of a cut begins below it, unless it begins with it.
    bits[0] = bucket < HALF ? bucket << SHIFT : ((bucket << SHIFT) | ((1 << SHIFT) - 1)) >>> 0
    const to = lowest[0] >= cut ? place : place + 1
    fillPlaces(first, below, from, to)
    from = to
  }
  fillPlaces(first, cuts.length, from, 2 * HALF)
  return { cuts, first }
}

/** Fills the buckets at some places, half-open, as values ascend: the negative ones, largest magnitude first, then the others. */
function fillPlaces(first: Uint8Array, below: number, from: number, to: number): void {
  if (from < HALF) first.fill(below, 2 * HALF - Math.min(to, HALF), 2 * HALF - from)
  if (to > HALF) first.fill(below, Math.max(from, HALF) - HALF, to - HALF)
}

/**
 * Codes `out.length` values, `stride` apart from `at` on: 0 for NaN, else 1 plus the number of cuts at or below the value.
 */
export function codeValues(
  { cuts, first }: BinFinder,
  values: Float32Array,
  at: number,
  stride: number,
  out: Uint8Array,
): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const count = cuts.length
  for (let r = 0, i = at; r < out.length; r++, i += stride) {
    const x = values[i] as number
    if (x === x) {
      let bin = first[(bits[i] as number) >>> SHIFT] as number
      while (bin < count && (cuts[bin] as number) <= x) bin++
      out[r] = bin + 1
    } else out[r] = 0
  }
}
