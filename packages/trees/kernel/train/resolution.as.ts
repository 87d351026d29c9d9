// Where the cells of a histogram lie, and how many bins share one.
import { groupBins, groupMinBins, groupStart, groups } from './region.as'

/** Columns of more bins than this are searched by fewer cuts in small nodes. */
const MAX_FULL_BINS: i32 = 64

/** Cells that a column of many bins keeps at least. */
const MIN_HISTOGRAM_BINS: i32 = 15

/**
 * How many times the bins of a group are halved in a node of so many rows. Where a cell would hold few rows, neighbouring
 * cuts differ little, and one of two, four, eight or sixteen is enough to choose the column; its cut is then the best of all.
 * A cell that bins share holds 64 rows at most, on average.
 */
export function shiftFor(group: i32, nodeRows: i32): i32 {
  const minBins = load<i32>(groupMinBins + ((<usize>group) << 2))
  if (minBins <= MAX_FULL_BINS || nodeRows >= 32 * minBins) return 0
  if (nodeRows >= 8 * minBins) return 1
  if (nodeRows >= 2 * minBins || minBins < MIN_HISTOGRAM_BINS << 3) return 2
  return nodeRows >= minBins || minBins < MIN_HISTOGRAM_BINS << 4 ? 3 : 4
}

/** Cells of a group's value bins, each of 2^shift of them. */
export function histogramBins(group: i32, shift: i32): i32 {
  return (load<i32>(groupBins + ((<usize>group) << 2)) + (1 << shift) - 1) >> shift
}

/** Makes the cells of a block, at the resolution for `widerRows`, those for `nodeRows`. */
export function coarsen(block: i32, cells: usize, widerRows: i32, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const base = cells - histogramOffset(first)
  for (let group = first; group < end; group++) {
    const shift = shiftFor(group, widerRows)
    const halvings = shiftFor(group, nodeRows) - shift
    if (halvings > 0) merge(base + histogramOffset(group) + 32, histogramBins(group, shift), 1 << halvings)
  }
}

/** Adds up each `size` of the `count` cells that begin at `cells`. */
function merge(cells: usize, count: i32, size: i32): void {
  const end = cells + ((<usize>count) << 5)
  const stride = (<usize>size) << 5
  let out = cells
  for (let at = cells; at < end; at += stride) {
    let low = v128.load(at)
    let high = v128.load(at, 16)
    const stop = min(at + stride, end)
    for (let next = at + 32; next < stop; next += 32) {
      low = i64x2.add(low, v128.load(next))
      high = i64x2.add(high, v128.load(next, 16))
    }
    v128.store(out, low)
    v128.store(out, high, 16)
    out += 32
  }
}

/** Byte offset of a group's first row in a histogram. */
export function histogramOffset(group: i32): usize {
  return (<usize>load<u32>(groupStart + ((<usize>group) << 2))) << 5
}

/** Empties the cells of a block, which begin at `cells`, at the resolution for `nodeRows`. */
export function clear(block: i32, cells: usize, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const histogram = cells - histogramOffset(first)
  for (let group = first; group < end; group++) {
    memory.fill(
      histogram + histogramOffset(group),
      0,
      (<usize>(histogramBins(group, shiftFor(group, nodeRows)) + 1)) << 5,
    )
  }
}
