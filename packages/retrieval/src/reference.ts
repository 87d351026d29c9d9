import type { Reference } from './index-data.ts'

/** An index that has measured nothing. */
export const NO_REFERENCE: Reference = { k: 0, rows: 0, distances: new Float32Array(0) }

/** Rows that are measured by default: enough for a percentile to within about 1%. */
export const REFERENCE_ROWS = 2000

/**
 * Sorts measured distances by rank. `measured` holds k rising distances a row; rows that found fewer are not in it. 32 bits,
 * because a percentile needs no more.
 */
export function makeReference(k: number, measured: readonly Float64Array[]): Reference {
  const rows = measured.length
  const distances = new Float32Array(k * rows)
  for (let rank = 0; rank < k; rank++) {
    const column = distances.subarray(rank * rows, (rank + 1) * rows)
    for (const [row, values] of measured.entries()) column[row] = values[rank] as number
    column.sort()
  }
  return { k, rows, distances }
}

/**
 * Share of the measured rows whose neighbour of the same rank is at least as near as the query's, in [0, 1]. The rank is the
 * last that both have. Null where nothing was measured or found. `distances` rise. Cost: log rows.
 */
export function percentileOf({ k, rows, distances }: Reference, found: Float64Array): number | null {
  const rank = Math.min(k, found.length)
  if (rank === 0 || rows === 0) return null
  const column = distances.subarray((rank - 1) * rows, rank * rows)
  const wanted = Math.fround(found[rank - 1] as number)
  let low = 0
  let high = rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((column[middle] as number) <= wanted) low = middle + 1
    else high = middle
  }
  return low / rows
}
