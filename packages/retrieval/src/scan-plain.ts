import { squaredDistance } from './distance.ts'
import type { RetrievalIndex } from './index-data.ts'
import { bound, offer } from './nearest.ts'
import type { Nearest } from './nearest.ts'
import type { Range } from './partitions.ts'

/** Offers every row of the ranges that could be among the nearest and that `accepts` lets in. */
export type Scan = (
  query: Float32Array,
  ranges: readonly Range[],
  nearest: Nearest,
  accepts: (row: number) => boolean,
) => void

/** Scans row by row in 64 bits, leaving a row as soon as it is too far. The twin of the quantised scan. */
export function plainScan({ vectors, stored }: RetrievalIndex): Scan {
  const { row: order, episode } = stored
  return (query, ranges, nearest, accepts) => {
    const width = query.length
    for (const { start, end } of ranges) {
      for (let row = start; row < end; row++) {
        const farthest = bound(nearest)
        const squared = squaredDistance(query, vectors, row * width, farthest)
        if (squared <= farthest && accepts(row)) offer(nearest, row, squared, order, episode)
      }
    }
  }
}
