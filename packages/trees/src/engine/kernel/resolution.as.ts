// Where histograms lie, and how many value bins are merged into one of theirs. A histogram is rows of 32 bytes: row
// `groupStart[k] + b` holds bin b of the four columns of group k, each the sum of gradients (high 32 bits, signed) and of
// hessians (low 32 bits). Bin 0 is missing. Four groups are a block.
import { MAX_FULL_BINS, MIN_HISTOGRAM_BINS } from './constants.as'
import { groupBins, groupMinBins, groups, groupStart } from './region.as'

/**
 * How many times the bins of a group are halved in a node of so many rows. Where a bin would hold few rows, neighbouring
 * cuts differ little, and one of two, four, eight or sixteen is enough to choose the column; its cut is then the best of all.
 * A merged bin holds 64 rows at most, on average.
 */
export function shiftFor(group: i32, nodeRows: i32): i32 {
  const minBins = load<i32>(groupMinBins + ((<usize>group) << 2))
  if (minBins <= MAX_FULL_BINS || nodeRows >= 32 * minBins) return 0
  if (nodeRows >= 8 * minBins) return 1
  if (nodeRows >= 2 * minBins || minBins < MIN_HISTOGRAM_BINS << 3) return 2
  return nodeRows >= minBins || minBins < MIN_HISTOGRAM_BINS << 4 ? 3 : 4
}

/** Bins of a group's values in a histogram, each of 2^shift value bins. */
export function histogramBins(group: i32, shift: i32): i32 {
  return (load<i32>(groupBins + ((<usize>group) << 2)) + (1 << shift) - 1) >> shift
}

/** Merges the histogram of a block from the resolution for `widerRows` to that for `nodeRows`. */
export function coarsen(block: i32, bins: usize, widerRows: i32, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const base = bins - histogramOffset(first)
  for (let group = first; group < end; group++) {
    const shift = shiftFor(group, widerRows)
    const halvings = shiftFor(group, nodeRows) - shift
    if (halvings > 0) merge(base + histogramOffset(group) + 32, histogramBins(group, shift), 1 << halvings)
  }
}

/** Adds up each `size` of the `count` bins that begin at `bins`. */
function merge(bins: usize, count: i32, size: i32): void {
  const end = bins + ((<usize>count) << 5)
  const stride = (<usize>size) << 5
  let out = bins
  for (let at = bins; at < end; at += stride) {
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

/** Byte offset of a group's first bin in a histogram. */
export function histogramOffset(group: i32): usize {
  return (<usize>load<u32>(groupStart + ((<usize>group) << 2))) << 5
}

/** Empties the histogram of a block, which begins at `bins`, at the resolution for `nodeRows`. */
export function clear(block: i32, bins: usize, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const histogram = bins - histogramOffset(first)
  for (let group = first; group < end; group++) {
    memory.fill(
      histogram + histogramOffset(group),
      0,
      (<usize>(histogramBins(group, shiftFor(group, nodeRows)) + 1)) << 5,
    )
  }
}
