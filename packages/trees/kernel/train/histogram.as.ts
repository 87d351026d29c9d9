// Histograms of one node, sixteen columns (a block) at a time: their cells stay in the first-level cache, and the codes of a
// block lie row by row, so that a row costs one load of a cache line that its neighbours share.
import {
  blockBins,
  columnBins,
  columnCells,
  groupBins,
  groupFewest,
  groupStart,
  groups,
  nodePacked,
  order,
  packed,
  rows,
  tileCodes,
} from './region.as'

/** Rows whose codes are copied before they are added: what fits the first-level cache beside the cells. */
const TILE_ROWS: i32 = 256

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

/**
 * Fills the cells of a block, which begin at `cells`, for the rows `order[from..to)` (gathered before), or, where
 * `everyRow`, for the rows from..to themselves, at the resolution for `nodeRows`.
 */
export function build(block: i32, from: i32, to: i32, cells: usize, everyRow: bool, nodeRows: i32): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const histogram = cells - cellRow(first)
  for (let group = first; group < end; group++) {
    memory.fill(histogram + cellRow(group), 0, (<usize>(cellsOf(group, shiftFor(group, nodeRows)) + 1)) << 5)
  }
  const shifts = shiftsOf(first, nodeRows)
  const bins = blockBins + ((<usize>block * <usize>rows) << 4)
  const derivatives = everyRow ? packed + ((<usize>from) << 3) : nodePacked
  if (everyRow && !v128.any_true(shifts)) {
    addRows(histogram, first, bins + ((<usize>from) << 4), derivatives, to - from)
    return
  }
  for (let at = from; at < to; at += TILE_ROWS) {
    const count = min(TILE_ROWS, to - at)
    if (everyRow) copyCodes(at, count, bins)
    else gatherCodes(at, count, bins)
    for (let k = 0; k < MOST_SHIFT; k++) {
      const groupsToHalve = i32x4.gt_s(shifts, i32x4.splat(k))
      if (!v128.any_true(groupsToHalve)) break
      halveCodes(count, groupsToHalve)
    }
    addRows(histogram, first, tileCodes, derivatives + ((<usize>(at - from)) << 3), count)
  }
}

/** Copies the codes of `order[at..at + count)` in one block side by side: these loads do not wait for each other. */
function gatherCodes(at: i32, count: i32, bins: usize): void {
  let next = order + ((<usize>at) << 2)
  const end = next + ((<usize>count) << 2)
  let out = tileCodes
  while (next < end) {
    v128.store(out, v128.load(bins + ((<usize>load<u32>(next)) << 4)))
    next += 4
    out += 16
  }
}

/** Copies the codes of the rows from `at` on. */
function copyCodes(at: i32, count: i32, bins: usize): void {
  memory.copy(tileCodes, bins + ((<usize>at) << 4), (<usize>count) << 4)
}

/** Makes each code of the groups in `mask` half itself, rounded up: pairs of value bins become one, and 0 stays missing. */
function halveCodes(count: i32, mask: v128): void {
  const end = tileCodes + ((<usize>count) << 4)
  for (let at = tileCodes; at < end; at += 16) {
    const codes = v128.load(at)
    v128.store(at, v128.bitselect(i8x16.avgr_u(codes, i8x16.splat(0)), codes, mask))
  }
}

/** Columns of more bins than this are searched by fewer cuts in small nodes. */
const MANY_BINS: i32 = 64

/** The most times that bins are halved. */
const MOST_SHIFT: i32 = 3

/**
 * How many times the bins of a group are halved in a node of so many rows. Where a cell would hold few rows, neighbouring
 * cuts differ little, and one of two, four or eight is enough to choose the column; its cut is then the best of all.
 */
export function shiftFor(group: i32, nodeRows: i32): i32 {
  const fewest = load<i32>(groupFewest + ((<usize>group) << 2))
  if (fewest <= MANY_BINS || nodeRows >= fewest << 4) return 0
  if (nodeRows >= fewest << 2) return 1
  return nodeRows >= fewest >> 1 ? 2 : 3
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

/** Adds `count` rows, whose codes begin at `first` and derivatives at `start`. */
function addRows(histogram: usize, group: i32, first: usize, start: usize, count: i32): void {
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
    addGroup(g1, codes, 4, value)
    addGroup(g2, codes, 8, value)
    addGroup(g3, codes, 12, value)
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
