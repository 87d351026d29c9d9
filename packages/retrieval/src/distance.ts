/** Coordinates between two looks at the bound. */
const BLOCK = 16

/**
 * Squared Euclidean distance of the query to the vector that starts at `from`, in 64 bits; any number above `bound` when it
 * is above `bound`. Sums four strands in one fixed order, so every path that ranks by it gets the same bits. Cost: linear
 * in width.
 */
export function squaredDistance(query: Float32Array, vectors: Float32Array, from: number, bound: number): number {
  const width = query.length
  const whole = width - (width % BLOCK)
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let c = 0
  while (c < whole) {
    for (const end = c + BLOCK; c < end; c += 4) {
      const d0 = (query[c] as number) - (vectors[from + c] as number)
      const d1 = (query[c + 1] as number) - (vectors[from + c + 1] as number)
      const d2 = (query[c + 2] as number) - (vectors[from + c + 2] as number)
      const d3 = (query[c + 3] as number) - (vectors[from + c + 3] as number)
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
    }
    if (s0 + s1 + (s2 + s3) > bound) return Infinity
  }
  for (; c < width; c++) {
    const d = (query[c] as number) - (vectors[from + c] as number)
    s0 += d * d
  }
  return s0 + s1 + (s2 + s3)
}
