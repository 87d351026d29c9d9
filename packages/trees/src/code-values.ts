/** Bits of a float that choose its bucket: the sign, the exponent and five bits of the fraction. */
const BUCKET_BITS = 14
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
  const least = new Float32Array(1)
  const bits = new Uint32Array(least.buffer)
  let below = 0
  const mark = (bucket: number, lowest: number): void => {
    bits[0] = lowest
    // NaN buckets compare false and keep the last count; NaN has a code of its own.
    while (below < cuts.length && (cuts[below] as number) <= (least[0] as number)) below++
    first[bucket] = below
  }
  // Ascending: negative floats from the largest magnitude down, whose bucket's least has all other bits set.
  for (let bucket = 2 * HALF - 1; bucket >= HALF; bucket--) mark(bucket, ((bucket << SHIFT) | ((1 << SHIFT) - 1)) >>> 0)
  for (let bucket = 0; bucket < HALF; bucket++) mark(bucket, (bucket << SHIFT) >>> 0)
  return { cuts, first }
}

/**
 * Codes `out.length` values, `step` apart from `at` on: the number of cuts at or below each, and `cuts.length + 1` for NaN.
 */
export function codeValues(
  { cuts, first }: BinFinder,
  values: Float32Array,
  at: number,
  step: number,
  out: Uint8Array,
): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const count = cuts.length
  for (let r = 0, i = at; r < out.length; r++, i += step) {
    const x = values[i] as number
    if (x === x) {
      let bin = first[(bits[i] as number) >>> SHIFT] as number
      while (bin < count && (cuts[bin] as number) <= x) bin++
      out[r] = bin
    } else out[r] = count + 1
  }
}
