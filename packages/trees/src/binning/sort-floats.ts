const DIGIT = 11
const BUCKETS = 1 << DIGIT
const MASK = BUCKETS - 1

/**
 * Sorts 32-bit floats without NaN in ascending order, in place: a radix sort of three passes over their bits, whose sign
 * is turned so that they order like the numbers (-0 before 0). Stable. Cost: linear, and as much memory again.
 */
export function sortFloats(values: Float32Array): void {
  const count = values.length
  let keys: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, count)
  let spare: Uint32Array = new Uint32Array(count)
  const counts = new Int32Array(3 * BUCKETS)
  for (let i = 0; i < count; i++) {
    const bits = keys[i] as number
    const key = (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0
    keys[i] = key
    for (let pass = 0; pass < 3; pass++) {
      const bucket = pass * BUCKETS + ((key >>> (pass * DIGIT)) & MASK)
      counts[bucket] = (counts[bucket] as number) + 1
    }
  }
  const own = keys
  for (let pass = 0; pass < 3; pass++) {
    scatter(keys, spare, counts.subarray(pass * BUCKETS, (pass + 1) * BUCKETS), pass * DIGIT)
    ;[keys, spare] = [spare, keys]
  }
  for (let i = 0; i < count; i++) {
    const key = keys[i] as number
    own[i] = key & 0x80000000 ? key & 0x7fffffff : ~key
  }
}

/** One pass: moves the keys to where the counts of smaller digits end. */
function scatter(from: Uint32Array, to: Uint32Array, counts: Int32Array, shift: number): void {
  let start = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const size = counts[bucket] as number
    counts[bucket] = start
    start += size
  }
  for (let i = 0; i < from.length; i++) {
    const key = from[i] as number
    const bucket = (key >>> shift) & MASK
    const at = counts[bucket] as number
    to[at] = key
    counts[bucket] = at + 1
  }
}
