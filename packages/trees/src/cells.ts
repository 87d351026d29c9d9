import type { Engine } from './engine/engine.ts'

/** Where a node's cells are: in its histogram, or in its parent's less its sibling's. */
export interface NodeCells {
  readonly histogram: number
  /** Address of the histogram to take away; 0 for none. */
  readonly minus: number
}

/** One column's cells in a node: bin 0 is missing, value bins follow. Sums in fixed-point units. */
export interface ColumnCells {
  readonly bins: number
  readonly gradients: Float64Array
  readonly hessians: Float64Array
}

/** Room for the cells of one column. */
export function createColumnCells(): { gradients: Float64Array; hessians: Float64Array } {
  return { gradients: new Float64Array(256), hessians: new Float64Array(256) }
}

/** Copies the cells of a slot to `out`: bin b at index b. */
export function readCells(
  engine: Engine,
  slot: number,
  cells: NodeCells,
  out: { readonly gradients: Float64Array; readonly hessians: Float64Array },
): ColumnCells {
  const { layout, views } = engine
  const { i32 } = views
  const first = (layout.groupStart[slot >> 2] as number) * 8 + 2 * (slot & 3)
  const bins = layout.binsOf[slot] as number
  let at = (cells.histogram >> 2) + first
  let other = (cells.minus >> 2) + first
  const subtracted = cells.minus !== 0
  for (let bin = 0; bin <= bins; bin++, at += 8, other += 8) {
    out.hessians[bin] = (i32[at] as number) - (subtracted ? (i32[other] as number) : 0)
    out.gradients[bin] = (i32[at + 1] as number) - (subtracted ? (i32[other + 1] as number) : 0)
  }
  return { bins, gradients: out.gradients, hessians: out.hessians }
}
