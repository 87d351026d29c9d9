import type { Engine } from '../../engine/engine.ts'
import type { EngineLayout } from '../../engine/layout.ts'
import { resolutionShift } from '../../engine/resolution.ts'

/** Where a node's cells are. */
export interface NodeHistogram {
  readonly from: number
  readonly to: number
  /** Address of its histogram; 0 where none was kept, and a column's cells are built again. */
  readonly histogram: number
  /** Rows that the histogram's resolution is for. */
  readonly resolution: number
}

/** One column's cells in a node: bin 0 is missing, value bins follow. Sums in fixed-point units. */
export interface ColumnHistogram {
  readonly bins: number
  readonly gradients: Float64Array
  readonly hessians: Float64Array
}

/** Room for the cells of one column. */
export function createColumnHistogram(): { gradients: Float64Array; hessians: Float64Array } {
  return { gradients: new Float64Array(256), hessians: new Float64Array(256) }
}

/** Address of a node's histogram where it has a cell for every bin of the slot, else 0. */
export function wholeHistogram(
  { groupMinBins }: EngineLayout,
  slot: number,
  { histogram, resolution }: NodeHistogram,
): number {
  return resolutionShift(groupMinBins[slot >> 2] as number, resolution) === 0 ? histogram : 0
}

/** Copies the cells of a slot to `out`: bin b at index b. */
export function readColumnHistogram(
  engine: Engine,
  slot: number,
  cells: NodeHistogram,
  out: { readonly gradients: Float64Array; readonly hessians: Float64Array },
): ColumnHistogram {
  const { layout, views, kernel, region } = engine
  const { i32 } = views
  const bins = layout.binsOf[slot] as number
  const histogram = wholeHistogram(layout, slot, cells)
  const kept = histogram !== 0
  if (!kept) kernel.column(cells.from, cells.to, slot)
  const first = (layout.groupStart[slot >> 2] as number) * 8 + 2 * (slot & 3)
  const step = kept ? 8 : 4
  let at = kept ? (histogram >> 2) + first : region.columnHistogram >> 2
  for (let bin = 0; bin <= bins; bin++, at += step) {
    out.hessians[bin] = i32[at] as number
    out.gradients[bin] = i32[at + 1] as number
  }
  return { bins, gradients: out.gradients, hessians: out.hessians }
}
