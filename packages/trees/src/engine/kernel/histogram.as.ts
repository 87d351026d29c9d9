// Histograms, sixteen columns (a block) at a time: their histograms stay in the first-level cache while rows are added.
import { CODES } from './constants.as'
import { histogramOffset } from './resolution.as'
import { columnBins, columnHistogram, groupBins, nodePacked, order, packed, rows, tileCodes } from './region.as'
import { TILE_BYTES } from './tile.as'

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

/** Adds the `count` rows of the tile's block number `place`, whose derivatives begin at `start`, to the histogram of `block`. */
export function add(block: i32, place: i32, bins: usize, start: usize, count: i32): void {
  const group = block << 2
  const histogram = bins - histogramOffset(group)
  const codes = tileCodes + <usize>place * TILE_BYTES
  let used = 1
  while (used < 4 && load<i32>(groupBins + ((<usize>(group + used)) << 2)) > 0) used++
  if (used == 4) addRows<Groups4>(histogram, group, codes, start, count)
  else if (used == 3) addRows<Groups3>(histogram, group, codes, start, count)
  else if (used == 2) addRows<Groups2>(histogram, group, codes, start, count)
  else addRows<Groups1>(histogram, group, codes, start, count)
}

/** Adds one row's derivatives to the histograms of the four columns whose codes begin at `codes + lane`. */
function addGroup(bins: usize, codes: usize, lane: usize, value: i64): void {
  const c0 = bins + ((<usize>load<u8>(codes + lane)) << 5)
  store<i64>(c0, load<i64>(c0) + value)
  const c1 = bins + ((<usize>load<u8>(codes + lane, 1)) << 5)
  store<i64>(c1, load<i64>(c1, 8) + value, 8)
  const c2 = bins + ((<usize>load<u8>(codes + lane, 2)) << 5)
  store<i64>(c2, load<i64>(c2, 16) + value, 16)
  const c3 = bins + ((<usize>load<u8>(codes + lane, 3)) << 5)
  store<i64>(c3, load<i64>(c3, 24) + value, 24)
}

// The groups of a block that have columns, a type argument told apart by size: only the last block has fewer than four.
type Groups1 = i8
type Groups2 = i16
type Groups3 = i32
type Groups4 = i64

function addRows<Groups>(histogram: usize, group: i32, first: usize, start: usize, count: i32): void {
  const stop = start + ((<usize>count) << 3)
  const g0 = histogram + histogramOffset(group)
  const g1 = histogram + histogramOffset(group + 1)
  const g2 = histogram + histogramOffset(group + 2)
  const g3 = histogram + histogramOffset(group + 3)
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

/** One row, in the high half of a bin of a column. */
const ONE_ROW: v128 = i64x2(0, 1)

/** Fills `columnHistogram` with one column over `order[from..to)`: 16 bytes a code, the packed sums and then the rows. */
export function column(from: i32, to: i32, slot: i32): void {
  memory.fill(columnHistogram, 0, CODES << 4)
  const codes = columnBins + <usize>slot * <usize>rows
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  while (at < end) {
    const row = <usize>load<u32>(at)
    const bin = columnHistogram + ((<usize>load<u8>(codes + row)) << 4)
    const value = v128.or(v128.load_zero<u64>(packed + (row << 3)), ONE_ROW)
    v128.store(bin, i64x2.add(v128.load(bin), value))
    at += 4
  }
}
