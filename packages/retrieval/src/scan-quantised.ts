import { squaredDistance } from './distance.ts'
import type { RetrievalIndex } from './index-data.ts'
import type { Kernel, KernelFunctions } from './kernel/load.ts'
import { bound, offer } from './nearest.ts'
import type { Nearest } from './nearest.ts'
import type { Scan } from './scan-plain.ts'
import { encodeQuery, mostSteps, OUT_ROWS, slotOf } from './quantise.ts'
import type { Codes, Slot } from './quantise.ts'

/** Fewest rows a call is worth. */
const FEWEST_ROWS = 64

/**
 * Scans 8-bit codes for rows that could be near enough, and ranks those by their exact distance. Exact: a code's distance
 * less its rounding never exceeds the true one (see quantise.ts), so no row is left out that plainScan would offer. Calls of
 * doubling size: the first rows set a bound, and each later call brings about k rows to rank.
 */
export function quantisedScan(index: RetrievalIndex, kernel: Kernel, codes: Codes, place: number): Scan {
  const slot = slotOf(codes, place)
  const functions = kernel.bind(codes.memory)
  return (query, ranges, nearest, accepts) => {
    const rounding = encodeQuery(slot, query)
    let next = Math.max(FEWEST_ROWS, nearest.capacity)
    for (const { start, end } of ranges) {
      let from = start
      while (from < end) {
        const to = Math.min(end, from + Math.min(next, OUT_ROWS))
        scanBlock({ index, codes, slot, functions, query, rounding, nearest, accepts }, from, to)
        next += to - from
        from = to
      }
    }
  }
}

interface Block {
  readonly index: RetrievalIndex
  readonly codes: Codes
  readonly slot: Slot
  readonly functions: KernelFunctions
  readonly query: Float32Array
  readonly rounding: number
  readonly nearest: Nearest
  readonly accepts: (row: number) => boolean
}

function scanBlock(block: Block, from: number, to: number): void {
  const { index, codes, slot, functions, query, rounding, nearest, accepts } = block
  const { row: order, episode } = index.stored
  const farthest = bound(nearest)
  if (farthest === Infinity) {
    for (let row = from; row < to; row++) rank(row)
    return
  }
  const most = mostSteps(codes, Math.sqrt(farthest), rounding)
  const count = functions.near(codes.start, from, to, codes.stride, slot.query, most, slot.out)
  for (let i = 0; i < count; i++) rank(slot.found[i] as number)

  function rank(row: number): void {
    const limit = bound(nearest)
    const squared = squaredDistance(query, index.vectors, row * query.length, limit)
    if (squared <= limit && accepts(row)) offer(nearest, row, squared, order, episode)
  }
}
