// Histograms of one node, sixteen columns (a block) at a time: their cells stay in the first-level cache, and the codes of a
// block lie row by row, so that a row costs one load of a cache line that its neighbours share.
import {
  blockBins,
  columnBins,
  columnCells,
  columnRows,
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
 * `everyRow`, for the rows from..to themselves.
 */
export function build(block: i32, from: i32, to: i32, cells: usize, everyRow: bool): void {
  const first = block << 2
  const end = min(first + 4, groups)
  memory.fill(cells, 0, cellRow(end) - cellRow(first))
  const bins = blockBins + ((<usize>block * <usize>rows) << 4)
  const histogram = cells - cellRow(first)
  if (everyRow) {
    addRows(histogram, first, bins + ((<usize>from) << 4), packed + ((<usize>from) << 3), to - from)
    return
  }
  for (let at = from; at < to; at += TILE_ROWS) {
    const count = min(TILE_ROWS, to - at)
    gatherCodes(at, count, bins)
    addRows(histogram, first, tileCodes, nodePacked + ((<usize>(at - from)) << 3), count)
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

/** Fills `columnCells` with the histogram of one column over `order[from..to)`, and `columnRows` with its rows by code. */
export function column(from: i32, to: i32, slot: i32): void {
  memory.fill(columnCells, 0, 2048)
  memory.fill(columnRows, 0, 1024)
  const codes = columnBins + <usize>slot * <usize>rows
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  while (at < end) {
    const row = <usize>load<u32>(at)
    const code = <usize>load<u8>(codes + row)
    const cell = columnCells + (code << 3)
    store<i64>(cell, load<i64>(cell) + load<i64>(packed + (row << 3)))
    const count = columnRows + (code << 2)
    store<u32>(count, load<u32>(count) + 1)
    at += 4
  }
}
