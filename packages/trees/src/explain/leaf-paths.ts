import { inCategorySet, treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'

/** Different columns on one path at most: a path's columns are the bits of a 32-bit mask. */
export const MAX_PLACES = 32

/**
 * How the columns of each path are numbered. The different columns that are split on between a root and a node have the
 * places 0, 1, ... in the order of their first question. One entry per node of the model.
 */
export interface LeafPaths {
  /** The branch above, -1 for a root. */
  readonly parent: Int32Array
  /** Branch: the place of its column on the paths through it. Leaf: 0. */
  readonly place: Uint8Array
  /** Number of different columns split on above the node. */
  readonly width: Uint8Array
}

/** Rows to explain: column c of row r is `values[at + r * rowStride + c * columnStride]`. */
export interface RowBlock {
  readonly values: Float32Array
  readonly at: number
  readonly rows: number
  readonly rowStride: number
  readonly columnStride: number
}

/** Adds what one tree contributes to row r of a block to `sums[c * block.rows + r]`. */
export type AddRow = (tree: number, block: RowBlock, r: number, sums: Float64Array) => void

/** Numbers the columns of every path. Throws RangeError where a path splits on more than 32 columns. Cost: O(nodes x depth). */
export function leafPaths(model: TreeModel): LeafPaths {
  const nodes = model.feature.length
  const paths = {
    parent: new Int32Array(nodes).fill(-1),
    place: new Uint8Array(nodes),
    width: new Uint8Array(nodes),
  }
  for (let node = 0; node < nodes; node++) {
    if ((model.feature[node] as number) < 0) continue
    const known = placeAbove(model, paths, node)
    const width = paths.width[node] as number
    if (known < 0 && width === MAX_PLACES) {
      throw new RangeError(
        `trees: model: the path to node ${node} splits on more than ${MAX_PLACES} different columns: contributions need ` +
          'at most that many. Train with maxDepth <= 32',
      )
    }
    paths.place[node] = known < 0 ? width : known
    const left = model.left[node] as number
    for (let child = left; child <= left + 1; child++) {
      paths.parent[child] = node
      paths.width[child] = known < 0 ? width + 1 : width
    }
  }
  return paths
}

/** The place that a branch's column got from a question above it, or -1. */
function placeAbove(model: TreeModel, { parent, place }: LeafPaths, branch: number): number {
  const column = model.feature[branch]
  for (let above = parent[branch] as number; above >= 0; above = parent[above] as number) {
    if (model.feature[above] === column) return place[above] as number
  }
  return -1
}

/** For every tree the number of different columns on its widest path. */
export function widestPaths(model: TreeModel, { width }: LeafPaths): Uint8Array {
  return Uint8Array.from({ length: treeCount(model) }, (_, t) =>
    width.subarray(model.treeStart[t], model.treeStart[t + 1]).reduce((max, one) => Math.max(max, one), 0),
  )
}

/** Writes the columns at the places of a leaf's path to `out`. */
export function columnsOfPath(model: TreeModel, { parent, place }: LeafPaths, leaf: number, out: Int32Array): void {
  for (let node = parent[leaf] as number; node >= 0; node = parent[node] as number) {
    out[place[node] as number] = model.feature[node] as number
  }
}

/** The mask with a bit for each of `width` places, as a signed 32-bit integer. */
export function fullMask(width: number): number {
  return width === MAX_PLACES ? -1 : ~(-1 << width)
}

/**
 * Hands the masks of a branch on to its children, for every row. `masks[(node - root) * rows + r]` has bit p set while row
 * r has given every answer about the column at place p that leads to the node; a root starts with all bits set.
 */
export function routeMasks(
  model: TreeModel,
  { place }: LeafPaths,
  branch: number,
  root: number,
  block: RowBlock,
  masks: Int32Array,
): void {
  const { categoryBits } = model
  const { values, rows, rowStride } = block
  const threshold = model.threshold[branch] as number
  const set = model.categorySet[branch] as number
  const missingLeft = model.missingLeft[branch] === 1
  const failed = ~(1 << (place[branch] as number))
  const from = (branch - root) * rows
  const left = ((model.left[branch] as number) - root) * rows
  let at = block.at + (model.feature[branch] as number) * block.columnStride
  for (let r = 0; r < rows; r++, at += rowStride) {
    const x = values[at] as number
    const chosen = set < 0 ? x < threshold : inCategorySet(categoryBits, set, x)
    const goesLeft = chosen || (missingLeft && x !== x)
    const mask = masks[from + r] as number
    masks[left + r] = goesLeft ? mask : mask & failed
    masks[left + rows + r] = goesLeft ? mask & failed : mask
  }
}

/**
 * The cooperative game that a tree's leaf plays: its players are the different columns on its path, by place. Contributions
 * of a tree are the sums of its leaves' (Shapley values are linear in the game, and all other columns get 0).
 */
export interface LeafGame {
  /** Prepares for a leaf. */
  turnTo(leaf: number): void
  /**
   * Writes the Shapley values of the current leaf's places to `out`, for a row that gives the answers leading to the leaf
   * about the columns whose bit is set in `mask`, and no others.
   */
  shares(mask: number, out: Float64Array): void
}
