import { valueBins } from './binning.ts'
import type { BinnedMatrix } from './binning.ts'

/**
 * Where each column lives in a histogram: slot s (the s-th column in use) has cells `start[s]` up to `start[s + 1]`,
 * one for each value bin and a last one for missing. Cell i is the pair `[2 i]` sum of gradients, `[2 i + 1]` packed
 * sum of hessians and rows (fixed-point.ts).
 */
export interface Layout {
  /** Matrix column of each slot, ascending. */
  readonly columns: Int32Array
  /** `slots + 1` cell offsets. */
  readonly start: Int32Array
}

/** Rows of a tree and their derivatives, in node order. Read only. */
export interface OrderedRows {
  /** Matrix row of each entry. */
  readonly order: Int32Array
  readonly gradients: Float64Array
  /** Packed hessians. */
  readonly hessians: Float64Array
}

/** The entries of one node: `from` up to `to` (exclusive). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** The layout for these columns of a matrix. */
export function layoutOf(binned: BinnedMatrix, columns: Int32Array): Layout {
  const start = new Int32Array(columns.length + 1)
  for (const [slot, c] of columns.entries()) start[slot + 1] = (start[slot] as number) + valueBins(binned, c) + 1
  return { columns, start }
}

/** Numbers a histogram of this layout holds. */
export function histogramSize(layout: Layout): number {
  return 2 * (layout.start.at(-1) ?? 0)
}

/**
 * Fills `out` with the node's histogram: O(rows x columns). Four columns are built at a time, so that a row's
 * derivatives are read once for four updates; {@link buildColumn} is the plain twin for the columns left over.
 */
export function buildHistogram(
  binned: BinnedMatrix,
  layout: Layout,
  rows: OrderedRows,
  node: Range,
  out: Float64Array,
): void {
  const { columns, start } = layout
  out.fill(0, 0, histogramSize(layout))
  const inFours = columns.length - (columns.length % 4)
  for (let slot = 0; slot < inFours; slot += 4) buildFour(binned, layout, slot, rows, node, out)
  for (let slot = inFours; slot < columns.length; slot++) {
    buildColumn(binned.bins, (columns[slot] as number) * binned.rows, rows, node, out, 2 * (start[slot] as number))
  }
}

/** Adds the node's rows to one column's cells, which begin at `base`; its codes begin at `codes`. */
function buildColumn(
  bins: Uint8Array,
  codes: number,
  ordered: OrderedRows,
  node: Range,
  out: Float64Array,
  base: number,
): void {
  const { order, gradients, hessians } = ordered
  const { from, to } = node
  for (let i = from; i < to; i++) {
    const cell = base + 2 * (bins[codes + (order[i] as number)] as number)
    out[cell] = (out[cell] as number) + (gradients[i] as number)
    out[cell + 1] = (out[cell + 1] as number) + (hessians[i] as number)
  }
}

/** {@link buildColumn} for the four columns from `slot` on. */
function buildFour(
  binned: BinnedMatrix,
  layout: Layout,
  slot: number,
  ordered: OrderedRows,
  node: Range,
  out: Float64Array,
): void {
  const { order, gradients, hessians } = ordered
  const { from, to } = node
  const { bins, rows } = binned
  const codes0 = (layout.columns[slot] as number) * rows
  const codes1 = (layout.columns[slot + 1] as number) * rows
  const codes2 = (layout.columns[slot + 2] as number) * rows
  const codes3 = (layout.columns[slot + 3] as number) * rows
  const base0 = 2 * (layout.start[slot] as number)
  const base1 = 2 * (layout.start[slot + 1] as number)
  const base2 = 2 * (layout.start[slot + 2] as number)
  const base3 = 2 * (layout.start[slot + 3] as number)
  for (let i = from; i < to; i++) {
    const row = order[i] as number
    const g = gradients[i] as number
    const h = hessians[i] as number
    const cell0 = base0 + 2 * (bins[codes0 + row] as number)
    out[cell0] = (out[cell0] as number) + g
    out[cell0 + 1] = (out[cell0 + 1] as number) + h
    const cell1 = base1 + 2 * (bins[codes1 + row] as number)
    out[cell1] = (out[cell1] as number) + g
    out[cell1 + 1] = (out[cell1 + 1] as number) + h
    const cell2 = base2 + 2 * (bins[codes2 + row] as number)
    out[cell2] = (out[cell2] as number) + g
    out[cell2 + 1] = (out[cell2 + 1] as number) + h
    const cell3 = base3 + 2 * (bins[codes3 + row] as number)
    out[cell3] = (out[cell3] as number) + g
    out[cell3 + 1] = (out[cell3 + 1] as number) + h
  }
}

/** Turns a parent's histogram into one child's by taking the other child's away; exact, since sums are fixed-point. */
export function subtractHistogram(layout: Layout, parent: Float64Array, child: Float64Array): void {
  const { start } = layout
  // Column by column: V8 does not promote a caller that merely contains one long inlined loop.
  for (let slot = 0; slot < layout.columns.length; slot++) {
    subtractCells(parent, child, 2 * (start[slot] as number), 2 * (start[slot + 1] as number))
  }
}

function subtractCells(parent: Float64Array, child: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) parent[i] = (parent[i] as number) - (child[i] as number)
}
