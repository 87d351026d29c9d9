import { SEARCH } from './kernel.ts'
import { histogramBins, groupsOf, sizeOf } from './reference-groups.ts'
import type { Group } from './reference-groups.ts'
import { ranksOf, rankingOf } from './reference-scan.ts'
import type { ReferenceState } from './reference.ts'

/** See `Kernel.search`. A cell is two integers: hessians, then gradients. */
export function search(
  state: ReferenceState,
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
  const request = Array.from(f64.subarray(at.request >> 3, (at.request >> 3) + 9))
  const [g = 0, h = 0, least = 0, otherG = 0, otherH = 0, otherMinHessian = 0, l2 = 0, rows = 0, parentRows = 0] =
    request
  for (let block = first; block < end; block++) {
    const groups = groupsOf(state, block)
    const start = groups[0]?.start ?? 0
    // Where the block's cells would begin if group 0 were in front of them.
    const cells = asked(SEARCH.keep) ? histogram >> 2 : (at.spareHistogram >> 2) - start
    const theirs = parent >> 2
    for (const group of groups) {
      i32.fill(0, cells + group.start, cells + group.start + sizeOf(group, rows))
      // Groups of no column stay empty.
      for (let i = from; i < to && group.bins > 0; i++) {
        addRow(state, group, everyRow ? i : (i32[(at.order >> 2) + i] as number), cells + group.start, rows)
      }
    }
    if (asked(SEARCH.node)) ranksOf(state, groups, cells, at.gains, rows, rankingOf(g, h, least, l2))
    if (!asked(SEARCH.sibling)) continue
    for (const group of groups) {
      coarsen(i32, theirs + group.start, group, parentRows, rows)
      addHistogram(i32, theirs + group.start, cells + group.start, sizeOf(group, rows), -1)
    }
    ranksOf(state, groups, theirs, at.otherGains, rows, rankingOf(otherG, otherH, otherMinHessian, l2))
    if (asked(SEARCH.keep)) continue
    for (const group of groups) {
      addHistogram(i32, theirs + group.start, cells + group.start, sizeOf(group, rows), 1)
    }
  }
}

function gather({ i32, at }: ReferenceState, from: number, to: number): void {
  for (let i = from, out = at.nodePacked >> 2; i < to; i++, out += 2) {
    const derivatives = (at.packed >> 2) + 2 * (i32[(at.order >> 2) + i] as number)
    i32[out] = i32[derivatives] as number
    i32[out + 1] = i32[derivatives + 1] as number
  }
}

/** Adds one row's derivatives to the cells of a group, which are for `rows` rows. */
function addRow({ u8, i32, at }: ReferenceState, group: Group, row: number, cells: number, rows: number): void {
  const derivatives = (at.packed >> 2) + 2 * row
  const codes = at.rowBins + 4 * (row * at.groups + group.index)
  const { shared } = histogramBins(group, rows)
  for (let lane = 0; lane < 4; lane++) {
    const cell = cells + Math.ceil((u8[codes + lane] as number) / shared) * 8 + 2 * lane
    i32[cell] = (i32[cell] as number) + (i32[derivatives] as number)
    i32[cell + 1] = (i32[cell + 1] as number) + (i32[derivatives + 1] as number)
  }
}

/** Makes a group's cells, those for `widerRows` rows, cells for `rows`. */
function coarsen(i32: Int32Array, cells: number, group: Group, widerRows: number, rows: number): void {
  const from = histogramBins(group, widerRows)
  const to = histogramBins(group, rows)
  const merged = to.shared / from.shared
  if (merged <= 1) return
  for (let k = 0; k < to.count; k++) {
    for (let part = 0; part < 8; part++) {
      let sum = 0
      for (let cell = k * merged; cell < Math.min(from.count, (k + 1) * merged); cell++) {
        sum += i32[cells + 8 * (cell + 1) + part] as number
      }
      i32[cells + 8 * (k + 1) + part] = sum
    }
  }
}

function addHistogram(i32: Int32Array, cells: number, other: number, count: number, sign: number): void {
  for (let i = 0; i < count; i++) i32[cells + i] = (i32[cells + i] as number) + sign * (i32[other + i] as number)
}

/** See `Kernel.column`. */
export function column({ u8, i32, at }: ReferenceState, from: number, to: number, slot: number): void {
  const cells = at.columnHistogram >> 2
  i32.fill(0, cells, cells + 1024)
  for (let i = from; i < to; i++) {
    const row = i32[(at.order >> 2) + i] as number
    const code = u8[at.columnBins + slot * at.rows + row] as number
    const cell = cells + 4 * code
    const derivatives = (at.packed >> 2) + 2 * row
    i32[cell] = (i32[cell] as number) + (i32[derivatives] as number)
    i32[cell + 1] = (i32[cell + 1] as number) + (i32[derivatives + 1] as number)
    i32[cell + 2] = (i32[cell + 2] as number) + 1
  }
}
