// Histograms of one node. The node's rows are first copied, tile by tile, into a buffer that stays in the first-level
// cache (the loads of a tile do not wait for each other), then added sixteen columns at a time.
import { groups, groupStart, order, packed, rowBins, stride, tileBins, tilePacked } from './region.as'

/** Bytes of codes in a tile. */
const TILE: usize = 24576

/** Fills the cells of the groups `firstGroup` (a multiple of four) to `endGroup` for the rows `order[from..to)`. */
export function build(from: i32, to: i32, histogram: usize, firstGroup: i32, endGroup: i32, everyRow: bool): void {
  const firstRow = cellRow(firstGroup)
  memory.fill(histogram + firstRow, 0, cellRow(endGroup) - firstRow)
  const skipped = (<usize>firstGroup) << 2
  const width = (((<usize>endGroup) << 2) - skipped + 15) & ~15
  const step = <i32>(TILE / width)
  for (let at = from; at < to; at += step) {
    const count = min(step, to - at)
    if (everyRow) {
      const row = <usize>at
      addTile(histogram, firstGroup, endGroup, rowBins + row * stride + skipped, stride, packed + (row << 3), count)
    } else {
      gather(at, count, skipped, width)
      addTile(histogram, firstGroup, endGroup, tileBins, width, tilePacked, count)
    }
  }
}

/** Byte offset of a group's first row in a histogram. */
function cellRow(group: i32): usize {
  return (<usize>load<u32>(groupStart + ((<usize>group) << 2))) << 5
}

/** Copies `width` bytes of codes and the packed derivatives of `count` rows into the tile. */
function gather(at: i32, count: i32, skipped: usize, width: usize): void {
  let next = order + ((<usize>at) << 2)
  const end = next + ((<usize>count) << 2)
  const bins = rowBins + skipped
  let out = tileBins
  let outPacked = tilePacked
  if (width == 96) {
    while (next < end) {
      const row = <usize>load<u32>(next)
      const from = bins + row * stride
      store<i64>(outPacked, load<i64>(packed + (row << 3)))
      v128.store(out, v128.load(from))
      v128.store(out, v128.load(from, 16), 16)
      v128.store(out, v128.load(from, 32), 32)
      v128.store(out, v128.load(from, 48), 48)
      v128.store(out, v128.load(from, 64), 64)
      v128.store(out, v128.load(from, 80), 80)
      out += 96
      next += 4
      outPacked += 8
    }
    return
  }
  while (next < end) {
    const row = <usize>load<u32>(next)
    let from = bins + row * stride
    const stop = from + width
    store<i64>(outPacked, load<i64>(packed + (row << 3)))
    while (from < stop) {
      v128.store(out, v128.load(from))
      from += 16
      out += 16
    }
    next += 4
    outPacked += 8
  }
}

function addTile(
  histogram: usize,
  firstGroup: i32,
  endGroup: i32,
  bins: usize,
  step: usize,
  derivatives: usize,
  count: i32,
): void {
  const end = derivatives + ((<usize>count) << 3)
  let group = firstGroup
  let codes = bins
  for (; group + 4 <= endGroup; group += 4, codes += 16) addSixteen(histogram, group, codes, step, derivatives, end)
  for (; group + 2 <= endGroup; group += 2, codes += 8) addEight(histogram, group, codes, step, derivatives, end)
  if (group < endGroup) addFour(histogram, group, codes, step, derivatives, end)
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

function addSixteen(histogram: usize, group: i32, codes: usize, step: usize, derivatives: usize, end: usize): void {
  const g0 = histogram + cellRow(group)
  const g1 = histogram + cellRow(group + 1)
  const g2 = histogram + cellRow(group + 2)
  const g3 = histogram + cellRow(group + 3)
  while (derivatives < end) {
    const value = load<i64>(derivatives)
    addGroup(g0, codes, 0, value)
    addGroup(g1, codes, 4, value)
    addGroup(g2, codes, 8, value)
    addGroup(g3, codes, 12, value)
    codes += step
    derivatives += 8
  }
}

function addEight(histogram: usize, group: i32, codes: usize, step: usize, derivatives: usize, end: usize): void {
  const g0 = histogram + cellRow(group)
  const g1 = histogram + cellRow(group + 1)
  while (derivatives < end) {
    const value = load<i64>(derivatives)
    addGroup(g0, codes, 0, value)
    addGroup(g1, codes, 4, value)
    codes += step
    derivatives += 8
  }
}

function addFour(histogram: usize, group: i32, codes: usize, step: usize, derivatives: usize, end: usize): void {
  const g0 = histogram + cellRow(group)
  while (derivatives < end) {
    addGroup(g0, codes, 0, load<i64>(derivatives))
    codes += step
    derivatives += 8
  }
}
