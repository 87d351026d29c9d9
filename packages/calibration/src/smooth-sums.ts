import { addCosines, cosineTable } from './cosine-sums.ts'
import { COARSE, selfConsistent } from './smooth-ece.ts'

const TABLE = cosineTable(COARSE.points, COARSE.modes)

/** Length of the sums that a smooth ECE can be taken of. */
export const SMOOTH_SUMS: number = COARSE.modes

/**
 * Adds one forecast and its outcome to the sums that {@link smoothEceOfSums} reads: sum of (y - p) cos(pi k p) by k. Sums of
 * sessions may be added up. `p` in [0, 1], `y` 0 or 1. Writes `sums`, which has {@link SMOOTH_SUMS} entries. O(128).
 */
export function addToSmoothSums(sums: Float64Array | number[], p: number, y: number): void {
  addCosines(sums, 0, p, y - p, COARSE.modes)
}

/**
 * Smooth ECE of the forecasts that were added to `sums`, at the coarser resolution of resampling (the least bandwidth is
 * 0.011): what `smoothEceBySession` gives of the same rows. NaN without rows. O(128 x 128), a few times.
 */
export function smoothEceOfSums(sums: Float64Array, rows: number): number {
  return rows === 0 ? Number.NaN : selfConsistent(sums, rows, TABLE).value
}
