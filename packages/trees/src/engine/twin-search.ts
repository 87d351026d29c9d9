import { SEARCH } from './kernel.ts'
import { BLOCK, BLOCK_GROUPS } from './layout.ts'
import { ranksOf, rankingOf } from './twin-scan.ts'
import type { TwinState } from './twin.ts'

/** See `Kernel.search`. A cell is two integers: hessians, then gradients. */
export function search(
  state: TwinState,
  from: number,
  to: number,
  histogram: number,
  parent: number,
  first: number,
  end: number,
  flags: number,
): void {
  const { i32, f64, at } = state
  const asked = (bit: number): boolean => (flags & bit) !== 0
  const everyRow = asked(SEARCH.everyRow)
  if (!everyRow) gather(state, from, to)
  const request = Array.from(f64.subarray(at.request >> 3, (at.request >> 3) + 8))
  const [g = 0, h = 0, least = 0, otherG = 0, otherH = 0, otherLeast = 0, l2 = 0, others = 0] = request
  const startOf = (group: number): number => (i32[(at.groupStart >> 2) + group] as number) * 32
  for (let block = first; block < end; block++) {
    const groups = { first: block * BLOCK_GROUPS, end: Math.min(at.groups, (block + 1) * BLOCK_GROUPS) }
    const offset = startOf(groups.first)
    const size = (startOf(groups.end) - offset) >> 2
    const cells = (asked(SEARCH.keep) ? histogram + offset : at.blockCells) >> 2
    const theirs = (parent + offset) >> 2
    i32.fill(0, cells, cells + size)
    buildBlock(state, block, groups, from, to, cells - (offset >> 2), everyRow)
    if (asked(SEARCH.node)) {
      ranksOf(state, groups, cells - (offset >> 2), at.gains, rankingOf(to - from, g, h, least, l2))
    }
    if (!asked(SEARCH.sibling)) continue
    addCells(i32, theirs, cells, size, -1)
    ranksOf(state, groups, theirs - (offset >> 2), at.otherGains, rankingOf(others, otherG, otherH, otherLeast, l2))
    if (!asked(SEARCH.keep)) addCells(i32, theirs, cells, size, 1)
  }
}

/** Groups of a block, half-open. */
export interface Groups {
  readonly first: number
  readonly end: number
}

function gather({ i32, at }: TwinState, from: number, to: number): void {
  for (let i = from, out = at.nodePacked >> 2; i < to; i++, out += 2) {
    const derivatives = (at.packed >> 2) + 2 * (i32[(at.order >> 2) + i] as number)
    i32[out] = i32[derivatives] as number
    i32[out + 1] = i32[derivatives + 1] as number
  }
}

function buildBlock(
  { u8, i32, at }: TwinState,
  block: number,
  groups: Groups,
  from: number,
  to: number,
  histogram: number,
  everyRow: boolean,
): void {
  for (let group = groups.first; group < groups.end; group++) {
    const cells = histogram + (i32[(at.groupStart >> 2) + group] as number) * 8
    for (let i = from; i < to; i++) {
      const row = everyRow ? i : (i32[(at.order >> 2) + i] as number)
      const derivatives = (at.packed >> 2) + 2 * row
      const codes = at.blockBins + (block * at.rows + row) * BLOCK + 4 * (group - groups.first)
      for (let lane = 0; lane < 4; lane++) {
        const cell = cells + (u8[codes + lane] as number) * 8 + 2 * lane
        i32[cell] = (i32[cell] as number) + (i32[derivatives] as number)
        i32[cell + 1] = (i32[cell + 1] as number) + (i32[derivatives + 1] as number)
      }
    }
  }
}

function addCells(i32: Int32Array, cells: number, other: number, count: number, sign: number): void {
  for (let i = 0; i < count; i++) i32[cells + i] = (i32[cells + i] as number) + sign * (i32[other + i] as number)
}

/** See `Kernel.column`. */
export function column({ u8, i32, at }: TwinState, from: number, to: number, slot: number): void {
  const cells = at.columnCells >> 2
  const counts = at.columnRows >> 2
  i32.fill(0, cells, cells + 512)
  i32.fill(0, counts, counts + 256)
  for (let i = from; i < to; i++) {
    const row = i32[(at.order >> 2) + i] as number
    const code = u8[at.columnBins + slot * at.rows + row] as number
    const cell = cells + 2 * code
    i32[counts + code] = (i32[counts + code] as number) + 1
    const derivatives = (at.packed >> 2) + 2 * row
    i32[cell] = (i32[cell] as number) + (i32[derivatives] as number)
    i32[cell + 1] = (i32[cell + 1] as number) + (i32[derivatives + 1] as number)
  }
}
