import { orderBySteps, stepOrder } from './by-steps.ts'
import type { StepOrder } from './by-steps.ts'
import { squaredDistance } from './distance.ts'
import type { RetrievalIndex } from './index-data.ts'
import type { Kernel, KernelFunctions } from './kernel/load.ts'
import { bound, offer } from './nearest.ts'
import type { Nearest } from './nearest.ts'
import { encodeQuery, mostSteps, OUT_ROWS, slotOf } from './quantise.ts'
import type { Codes, Slot } from './quantise.ts'
import type { Scan } from './scan-plain.ts'

/** Rows of the first call: enough for a first bound, few enough to order quickly. Later calls are this times as large. */
const FIRST_ROWS = 512
const GROWTH = 8
/** Fewer candidates than this are ranked as they arrive. */
const WORTH_ORDERING = 24

/**
 * Scans 8-bit codes for rows that could be near enough, and ranks those by their exact distance. Exact: a code's distance
 * less its rounding never exceeds the true one (see quantise.ts), so no row is left out that plainScan would offer. The
 * candidates of a call are ranked from the nearest code on, until no code left can be near enough.
 */
export function quantisedScan(index: RetrievalIndex, kernel: Kernel, codes: Codes, place: number): Scan {
  const slot = slotOf(codes, place)
  const functions = kernel.bind(codes.memory)
  const order = stepOrder(OUT_ROWS)
  return (query, ranges, nearest, accepts) => {
    const search = { index, codes, slot, functions, order, query, nearest, accepts, rounding: encodeQuery(slot, query) }
    let most = FIRST_ROWS
    for (const { start, end } of ranges) {
      let from = start
      while (from < end) {
        const to = Math.min(end, from + most)
        scanBlock(search, from, to)
        from = to
        most = Math.min(OUT_ROWS, most * GROWTH)
      }
    }
  }
}

interface Search {
  readonly index: RetrievalIndex
  readonly codes: Codes
  readonly slot: Slot
  readonly functions: KernelFunctions
  readonly order: StepOrder
  readonly query: Float32Array
  readonly nearest: Nearest
  readonly accepts: (row: number) => boolean
  readonly rounding: number
}

/** The greatest sum of a code whose row can still enter. */
function limitOf({ codes, nearest, rounding }: Search): number {
  return mostSteps(codes, Math.sqrt(bound(nearest)), rounding)
}

function scanBlock(search: Search, from: number, to: number): void {
  const { index, codes, slot, functions, order, query, nearest, accepts } = search
  const { row: places, episode } = index.stored
  let most = limitOf(search)
  const count = functions.near(codes.start, from, to, codes.stride, slot.query, most, slot.out)
  const ordered = count >= WORTH_ORDERING
  if (ordered) orderBySteps(slot.found, count, order)
  for (let i = 0; i < count; i++) {
    const at = 2 * (ordered ? (order.places[i] as number) : i)
    if ((slot.found[at + 1] as number) > most) continue
    const row = slot.found[at] as number
    const limit = bound(nearest)
    const squared = squaredDistance(query, index.vectors, row * query.length, limit)
    if (squared > limit || !accepts(row)) continue
    offer(nearest, row, squared, places, episode)
    most = limitOf(search)
  }
}
