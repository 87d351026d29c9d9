import type { Engine } from '../../engine/engine.ts'
import { CODES } from '../../engine/kernel.ts'
import type { EngineLayout } from '../../engine/layout.ts'
import { BIN_WORDS, resolutionShift } from '../../engine/resolution.ts'

/** A node's rows and where its histogram is. */
export interface NodeHistogram {
  readonly from: number
  readonly to: number
  /** Address of its histogram; 0 where none was kept, and a column's is built again. */
  readonly histogram: number
  /** Rows that the histogram's resolution is for. */
  readonly resolution: number
}

/** Sums of one column by code, in fixed-point units. */
export interface ColumnSums {
  readonly gradients: Float64Array
  readonly hessians: Float64Array
}

/** One column's histogram in a node: code 0 is missing, `bins` value bins follow. */
export interface ColumnHistogram extends ColumnSums {
  readonly bins: number
}

/** Room for the sums of one column. */
export function createColumnSums(): ColumnSums {
  return { gradients: new Float64Array(CODES), hessians: new Float64Array(CODES) }
}

/** Address of a node's histogram where no bins of the slot are merged in it, else 0. */
export function fullHistogram(
  { groupMinBins }: EngineLayout,
  slot: number,
  { histogram, resolution }: NodeHistogram,
): number {
  return resolutionShift(groupMinBins[slot >> 2] as number, resolution) === 0 ? histogram : 0
}

/** Copies the histogram of a slot to `out`, from the node's where that is full, else built from its rows. */
export function readColumnHistogram(
  engine: Engine,
  slot: number,
  node: NodeHistogram,
  out: ColumnSums,
): ColumnHistogram {
  const { layout, views, kernel, region } = engine
  const { i32 } = views
  const bins = layout.binsOf[slot] as number
  const histogram = fullHistogram(layout, slot, node)
  const kept = histogram !== 0
  if (!kept) kernel.column(node.from, node.to, slot)
  const first = (layout.groupStart[slot >> 2] as number) * BIN_WORDS + 2 * (slot & 3)
  const stride = kept ? BIN_WORDS : 4
  let at = kept ? (histogram >> 2) + first : region.columnHistogram >> 2
  for (let code = 0; code <= bins; code++, at += stride) {
    out.hessians[code] = i32[at] as number
    out.gradients[code] = i32[at + 1] as number
  }
  return { bins, gradients: out.gradients, hessians: out.hessians }
}

/** Rows of the node by code. */
export function countRows(
  { views, layout }: Engine,
  slot: number,
  bins: number,
  { from, to }: NodeHistogram,
): Int32Array {
  const counts = new Int32Array(bins + 1)
  const base = slot * layout.rows
  for (let i = from; i < to; i++) {
    const code = views.columnBins[base + (views.order[i] as number)] as number
    counts[code] = (counts[code] as number) + 1
  }
  return counts
}
