// The codes of some rows, copied block by block at the resolution of a node.
import { TILE_ROWS } from './constants.as'
import { shiftFor } from './resolution.as'
import { groupMinBins, groups, order, rowBins, tileCodes } from './region.as'

/** Bytes of one block of a tile. */
export const TILE_BYTES: usize = (<usize>TILE_ROWS) << 4

/** Times that bins are halved at most. */
const MAX_SHIFT: i32 = 4

/**
 * Copies to the tile the codes of the rows `order[from..to)` (of the rows from..to themselves with `everyRow`) in the blocks
 * `first` to `end`, at the resolution for `nodeRows`: at most TILE_ROWS rows.
 */
export function fillTile(first: i32, end: i32, from: i32, to: i32, everyRow: bool, nodeRows: i32): void {
  const stride = (<usize>groups) << 2
  const codes = rowBins + ((<usize>first) << 4)
  const source = everyRow ? codes + <usize>from * stride : codes
  const named: usize = everyRow ? 0 : order + ((<usize>from) << 2)
  const shift = commonShift(first << 2, end << 2, nodeRows)
  const blocks = <usize>(end - first)
  const count = to - from
  if (shift == 1) copyCodes<Halved1>(source, stride, named, count, blocks)
  else if (shift == 2) copyCodes<Halved2>(source, stride, named, count, blocks)
  else if (shift == 3) copyCodes<Halved3>(source, stride, named, count, blocks)
  else if (shift == 4) copyCodes<Halved4>(source, stride, named, count, blocks)
  else copyCodes<Halved0>(source, stride, named, count, blocks)
  if (shift >= 0) return
  for (let block = first; block < end; block++) {
    halveCodes(tileCodes + <usize>(block - first) * TILE_BYTES, count, shiftsOf(block << 2, nodeRows))
  }
}

// Each number of halvings is compiled on its own: it is a type argument, told apart by size.
type Halved0 = i8
type Halved1 = i16
type Halved2 = i32
type Halved3 = i64
type Halved4 = v128

/**
 * Copies the codes of `count` rows (from `source` on where `rowsAt` is 0), halved, each block side by side. A row's codes share
 * cache lines, and these loads do not wait for each other.
 */
function copyCodes<Halvings>(source: usize, stride: usize, rowsAt: usize, count: i32, blocks: usize): void {
  const zero = i8x16.splat(0)
  const width = blocks << 4
  let next = rowsAt
  let from = source
  const end = tileCodes + ((<usize>count) << 4)
  for (let out = tileCodes; out < end; out += 16) {
    let at = from
    if (rowsAt != 0) {
      at = source + <usize>load<u32>(next) * stride
      next += 4
    } else from += stride
    const stop = at + width
    for (let to = out; at < stop; to += TILE_BYTES) {
      let codes = v128.load(at)
      if (sizeof<Halvings>() > 1) codes = i8x16.avgr_u(codes, zero)
      if (sizeof<Halvings>() > 2) codes = i8x16.avgr_u(codes, zero)
      if (sizeof<Halvings>() > 4) codes = i8x16.avgr_u(codes, zero)
      if (sizeof<Halvings>() > 8) codes = i8x16.avgr_u(codes, zero)
      v128.store(to, codes)
      at += 16
    }
  }
}

/** Halves `count` rows of codes, rounded up, each group as often as its lane of `shifts` requires: 0 stays missing. */
function halveCodes(start: usize, count: i32, shifts: v128): void {
  const end = start + ((<usize>count) << 4)
  for (let k = 0; k < MAX_SHIFT; k++) {
    const mask = i32x4.gt_s(shifts, i32x4.splat(k))
    if (!v128.any_true(mask)) return
    for (let at = start; at < end; at += 16) {
      const codes = v128.load(at)
      v128.store(at, v128.bitselect(i8x16.avgr_u(codes, i8x16.splat(0)), codes, mask))
    }
  }
}

/** How often the groups from `first` to `end` are halved; -1 where they differ. */
function commonShift(first: i32, end: i32, nodeRows: i32): i32 {
  const shift = shiftFor(first, nodeRows)
  const stop = min(end, groups)
  for (let group = first + 1; group < stop; group++) {
    if (load<i32>(groupMinBins + ((<usize>group) << 2)) != 0 && shiftFor(group, nodeRows) != shift) return -1
  }
  return shift
}

/** {@link shiftFor} the four groups of a block, in the lanes of their codes. */
function shiftsOf(first: i32, nodeRows: i32): v128 {
  let shifts = i32x4.splat(shiftFor(first, nodeRows))
  shifts = i32x4.replace_lane(shifts, 1, shiftFor(first + 1, nodeRows))
  shifts = i32x4.replace_lane(shifts, 2, shiftFor(first + 2, nodeRows))
  return i32x4.replace_lane(shifts, 3, shiftFor(first + 3, nodeRows))
}
