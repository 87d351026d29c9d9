// Histograms of one node, sixteen columns (a block) at a time: their cells stay in the first-level cache, and the codes of a
// block lie row by row, so that a row costs one load of a cache line that its neighbours share.
import {
  columnBins,
  columnCells,
  groupBins,
  groupFewest,
  groupStart,
  groups,
  nodePacked,
  order,
  packed,
  rowBins,
  rows,
  tileCodes,
} from './region.as'

/** Rows of a tile: what is copied of all blocks stays in the second-level cache while it is added block by block. */
export const CHUNK_ROWS: i32 = 2048

/** Bytes of one block of a tile. */
const TILE_BYTES: usize = 32768

/** Copies the packed derivatives of `order[from..to)` side by side: every block reads them. */
export function gather(from: i32, to: i32): void {
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  let out = nodePacked
  while (at < end) {
    store<i64>(out, load<i64>(packed + ((<usize>load<u32>(at)) << 3)))
    at += 4
    out += 8
  }
}

/** Empties the cells of a block, which begin at `cells`, at the resolution for `nodeRows`. */
export function clear(block: i32, cells: usize, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const histogram = cells - cellRow(first)
  for (let group = first; group < end; group++) {
    memory.fill(histogram + cellRow(group), 0, (<usize>(cellsOf(group, shiftFor(group, nodeRows)) + 1)) << 5)
  }
}

/**
 * Copies to the tile the codes of the rows `order[from..to)` (of the rows from..to themselves with `everyRow`) in the blocks
 * `first` to `end`, at the resolution for `nodeRows`: at most CHUNK_ROWS rows.
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

/** Adds the `count` rows of the tile's block number `place`, whose derivatives begin at `start`, to the cells of `block`. */
export function add(block: i32, place: i32, cells: usize, start: usize, count: i32): void {
  const group = block << 2
  const histogram = cells - cellRow(group)
  const codes = tileCodes + <usize>place * TILE_BYTES
  let used = 1
  while (used < 4 && load<i32>(groupBins + ((<usize>(group + used)) << 2)) > 0) used++
  if (used == 4) addRows<Groups4>(histogram, group, codes, start, count)
  else if (used == 3) addRows<Groups3>(histogram, group, codes, start, count)
  else if (used == 2) addRows<Groups2>(histogram, group, codes, start, count)
  else addRows<Groups1>(histogram, group, codes, start, count)
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

/** Halves `count` rows of codes, rounded up, each group as often as its lane of `shifts` says: 0 stays missing. */
function halveCodes(start: usize, count: i32, shifts: v128): void {
  const end = start + ((<usize>count) << 4)
  for (let k = 0; k < MOST_SHIFT; k++) {
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
    if (load<i32>(groupFewest + ((<usize>group) << 2)) != 0 && shiftFor(group, nodeRows) != shift) return -1
  }
  return shift
}

/** Columns of more bins than this are searched by fewer cuts in small nodes. */
const MANY_BINS: i32 = 64

/** The most times that bins are halved. */
const MOST_SHIFT: i32 = 4

/** Cells that a column of many bins keeps at least. */
const FEWEST_CELLS: i32 = 15

/**
 * How many times the bins of a group are halved in a node of so many rows. Where a cell would hold few rows, neighbouring
 * cuts differ little, and one of two, four, eight or sixteen is enough to choose the column; its cut is then the best of all.
 * A cell that bins share holds 64 rows at most, on average.
 */
export function shiftFor(group: i32, nodeRows: i32): i32 {
  const fewest = load<i32>(groupFewest + ((<usize>group) << 2))
  if (fewest <= MANY_BINS || nodeRows >= 32 * fewest) return 0
  if (nodeRows >= 16 * fewest) return 1
  if (nodeRows >= 4 * fewest || fewest < FEWEST_CELLS << 3) return 2
  return nodeRows >= 2 * fewest || fewest < FEWEST_CELLS << 4 ? 3 : 4
}

/** {@link shiftFor} the four groups of a block, in the lanes of their codes. */
function shiftsOf(first: i32, nodeRows: i32): v128 {
  let shifts = i32x4.splat(shiftFor(first, nodeRows))
  shifts = i32x4.replace_lane(shifts, 1, shiftFor(first + 1, nodeRows))
  shifts = i32x4.replace_lane(shifts, 2, shiftFor(first + 2, nodeRows))
  return i32x4.replace_lane(shifts, 3, shiftFor(first + 3, nodeRows))
}

/** Cells of a group's value bins, each of 2^shift of them. */
export function cellsOf(group: i32, shift: i32): i32 {
  return (load<i32>(groupBins + ((<usize>group) << 2)) + (1 << shift) - 1) >> shift
}

/** Makes the cells of a block, at the resolution for `widerRows`, those for `nodeRows`. */
export function coarsen(block: i32, cells: usize, widerRows: i32, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const base = cells - cellRow(first)
  for (let group = first; group < end; group++) {
    const shift = shiftFor(group, widerRows)
    const halvings = shiftFor(group, nodeRows) - shift
    if (halvings > 0) merge(base + cellRow(group) + 32, cellsOf(group, shift), 1 << halvings)
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
export function cellRow(group: i32): usize {
  return (<usize>load<u32>(groupStart + ((<usize>group) << 2))) << 5
}

/** Adds one row's derivatives to the cells of the four columns whose codes begin at `codes + lane`. */
function addGroup(cells: usize, codes: usize, lane: usize, value: i64): void {
  const c0 = cells + ((<usize>load<u8>(codes + lane)) << 5)
  store<i64>(c0, load<i64>(c0) + value)
  const c1 = cells + ((<usize>load<u8>(codes + lane, 1)) << 5)
  store<i64>(c1, load<i64>(c1, 8) + value, 8)
  const c2 = cells + ((<usize>load<u8>(codes + lane, 2)) << 5)
  store<i64>(c2, load<i64>(c2, 16) + value, 16)
  const c3 = cells + ((<usize>load<u8>(codes + lane, 3)) << 5)
  store<i64>(c3, load<i64>(c3, 24) + value, 24)
}

// The groups of a block that have columns, a type argument told apart by size: only the last block has fewer than four.
type Groups1 = i8
type Groups2 = i16
type Groups3 = i32
type Groups4 = i64

function addRows<Groups>(histogram: usize, group: i32, first: usize, start: usize, count: i32): void {
  const stop = start + ((<usize>count) << 3)
  const g0 = histogram + cellRow(group)
  const g1 = histogram + cellRow(group + 1)
  const g2 = histogram + cellRow(group + 2)
  const g3 = histogram + cellRow(group + 3)
  let derivatives = start
  let codes = first
  while (derivatives < stop) {
    const value = load<i64>(derivatives)
    addGroup(g0, codes, 0, value)
    if (sizeof<Groups>() > 1) addGroup(g1, codes, 4, value)
    if (sizeof<Groups>() > 2) addGroup(g2, codes, 8, value)
    if (sizeof<Groups>() > 4) addGroup(g3, codes, 12, value)
    codes += 16
    derivatives += 8
  }
}

/** One row, in the high half of a cell of a column. */
const ONE_ROW: v128 = i64x2(0, 1)

/** Fills `columnCells` with one column over `order[from..to)`: 16 bytes a code, the packed sums and then the rows. */
export function column(from: i32, to: i32, slot: i32): void {
  memory.fill(columnCells, 0, 4096)
  const codes = columnBins + <usize>slot * <usize>rows
  const cells = columnCells
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  while (at < end) {
    const row = <usize>load<u32>(at)
    const cell = cells + ((<usize>load<u8>(codes + row)) << 4)
    const value = v128.or(v128.load_zero<u64>(packed + (row << 3)), ONE_ROW)
    v128.store(cell, i64x2.add(v128.load(cell), value))
    at += 4
  }
}
