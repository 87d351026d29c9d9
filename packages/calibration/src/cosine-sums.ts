import type { Values } from './check.ts'

/**
 * Sums over rows of w_i cos(k pi f_i) for k = 0 to `modes` - 1. They carry everything that a Gaussian kernel reflected at
 * 0 and 1 needs to know about the rows: that kernel is the heat kernel on [0, 1],
 * K_s(t, f) = 1 + 2 sum_k exp(-k^2 pi^2 s^2 / 2) cos(k pi t) cos(k pi f). O(rows x modes).
 */
export function cosineSums(positions: Values, weight: (row: number) => number, modes: number): Float64Array {
  const sums = new Float64Array(modes)
  for (let row = 0; row < positions.length; row++) {
    const added = weight(row)
    if (added !== 0) addCosines(sums, 0, positions[row] as number, added, modes)
  }
  return sums
}

/** Adds one row to the `modes` sums that start at `offset`, by cos((k + 1) x) = 2 cos x cos(k x) - cos((k - 1) x). */
export function addCosines(
  sums: Float64Array | number[],
  offset: number,
  position: number,
  weight: number,
  modes: number,
): void {
  const twice = 2 * Math.cos(Math.PI * position)
  let before = twice / 2
  let cosine = 1
  for (let k = 0; k < modes; k++) {
    sums[offset + k] = (sums[offset + k] as number) + weight * cosine
    const next = twice * cosine - before
    before = cosine
    cosine = next
  }
}

/** Cosines cos(k pi t_j) at the middles t_j of `points` equal cells of [0, 1]: a table that many smoothings share. */
export interface CosineTable {
  readonly points: number
  readonly modes: number
  readonly cosines: Float64Array
}

/** The table for middles of cells. O(points x modes). */
export function cosineTable(points: number, modes: number): CosineTable {
  const cosines = new Float64Array(points * modes)
  for (let j = 0; j < points; j++) addCosines(cosines, j * modes, (j + 0.5) / points, 1, modes)
  return { points, modes, cosines }
}

/** As {@link cosineSums}, to the bit, of rows at the table's points, with a weight each. O(points x modes). */
export function cosineSumsAt(weights: Float64Array, { points, modes, cosines }: CosineTable): Float64Array {
  const sums = new Float64Array(modes)
  for (let j = 0; j < points; j++) {
    const added = weights[j] as number
    if (added === 0) continue
    const row = j * modes
    for (let k = 0; k < modes; k++) sums[k] = (sums[k] as number) + added * (cosines[row + k] as number)
  }
  return sums
}

/** Factors below this are left out. */
const NEGLIGIBLE = 1e-12

/** The weighted rows smoothed by the reflected Gaussian of deviation `sigma`, at the table's points. O(points x modes). */
export function smooth(sums: Float64Array, sigma: number, { points, modes, cosines }: CosineTable): Float64Array {
  const factors = new Float64Array(modes)
  let used = 0
  for (let k = 0; k < modes; k++) {
    const factor = Math.exp(-((k * Math.PI * sigma) ** 2) / 2)
    if (factor < NEGLIGIBLE) break
    factors[k] = (k === 0 ? 1 : 2) * factor * (sums[k] as number)
    used = k + 1
  }
  const smoothed = new Float64Array(points)
  let j = 0
  // Four points at a time: an addition of one need not wait for that of another.
  for (; j + 4 <= points; j += 4) {
    const row = j * modes
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let k = 0; k < used; k++) {
      const factor = factors[k] as number
      a += factor * (cosines[row + k] as number)
      b += factor * (cosines[row + modes + k] as number)
      c += factor * (cosines[row + 2 * modes + k] as number)
      d += factor * (cosines[row + 3 * modes + k] as number)
    }
    smoothed[j] = a
    smoothed[j + 1] = b
    smoothed[j + 2] = c
    smoothed[j + 3] = d
  }
  for (; j < points; j++) {
    let value = 0
    for (let k = 0; k < used; k++) value += (factors[k] as number) * (cosines[j * modes + k] as number)
    smoothed[j] = value
  }
  return smoothed
}
