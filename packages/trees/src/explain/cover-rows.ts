import { inCategorySet } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { MAX_PLACES, widestPaths } from './leaf-paths.ts'
import type { AddRow, LeafPaths, RowBlock } from './leaf-paths.ts'
import { gaussLegendre } from './quadrature.ts'
import type { Quadrature } from './quadrature.ts'

/** What does not depend on the row, by node; the edge of a node is the one from its parent. */
interface Edges {
  /** The next node above, on the path, whose edge answers about the same column; -1 for none. */
  readonly before: Int32Array
  /** Product of the cover shares of the edges about this column, from the root to here: z of the cover game. */
  readonly share: Float64Array
}

/**
 * The contributions of {@link coverGame} to a single row, for all leaves of a tree together (Yu et al. 2022, "Linear
 * TreeShap", with quadrature points in place of polynomial coefficients). One pass down multiplies the factors
 * t o + (1 - t) z of the path's columns, one pass up adds the leaves below each edge; where an edge answers about a column
 * again, its factor takes the place of the former one. Cost: O(nodes x depth), memory 3 x 8 bytes per node and point.
 */
export function coverRows(model: TreeModel, paths: LeafPaths, coverShare: Float64Array): AddRow {
  const { feature, left, value, treeStart } = model
  const { parent } = paths
  const { before, share } = edgesOf(model, paths, coverShare)
  const rules = rulesOf(model, paths)
  const size = rules.reduce((max, { points }, t) => Math.max(max, points.length * nodesOf(model, t)), 0)
  const factor = new Float64Array(size)
  const product = new Float64Array(size)
  const sum = new Float64Array(size)
  const towards = new Uint8Array(feature.length)

  /** Fills `towards`, `factor` and `product` of one child of a branch. */
  function down(root: number, branch: number, child: number, answered: boolean, points: Float64Array): void {
    const former = before[child] as number
    const o = answered && (former < 0 || towards[former] === 1) ? 1 : 0
    towards[child] = o
    const count = points.length
    const to = (child - root) * count
    const above = (branch - root) * count
    for (let k = 0; k < count; k++) {
      const t = points[k] as number
      const own = t * o + (1 - t) * (share[child] as number)
      const old = former < 0 ? 1 : (factor[(former - root) * count + k] as number)
      factor[to + k] = own
      // A former factor of 0 has made the product 0 already.
      product[to + k] = old === 0 ? 0 : ((product[above + k] as number) * own) / old
    }
  }

  /** The leaves below a node, without the factor of the column of node `edge` at or above it. */
  function without(root: number, node: number, edge: number, count: number): number {
    const at = (node - root) * count
    const of = (edge - root) * count
    let total = 0
    for (let k = 0; k < count; k++) total += (sum[at + k] as number) / (factor[of + k] as number)
    return total * ((towards[edge] as number) - (share[edge] as number))
  }

  /** Hands the leaves below a node on to its parent, and gives the contribution of its edge. */
  function up(root: number, node: number, { points, weights }: Quadrature): number {
    const count = points.length
    const at = (node - root) * count
    const above = ((parent[node] as number) - root) * count
    for (let k = 0; k < count; k++) {
      if ((feature[node] as number) < 0) {
        sum[at + k] = (value[node] as number) * (weights[k] as number) * (product[at + k] as number)
      }
      sum[above + k] = (sum[above + k] as number) + (sum[at + k] as number)
    }
    // Neither the row nor any training row goes here.
    if (towards[node] === 0 && share[node] === 0) return 0
    const former = before[node] as number
    const own = without(root, node, node, count)
    return former < 0 ? own : own - without(root, node, former, count)
  }

  return (tree, block, r, sums) => {
    const root = treeStart[tree] as number
    const end = treeStart[tree + 1] as number
    const rule = rules[tree] as Quadrature
    const count = rule.points.length
    for (let k = 0; k < count; k++) product[k] = 1
    for (let i = 0; i < (end - root) * count; i++) sum[i] = 0
    for (let node = root; node < end; node++) {
      if ((feature[node] as number) < 0) continue
      const child = left[node] as number
      const goesLeft = answersLeft(model, node, block, r)
      down(root, node, child, goesLeft, rule.points)
      down(root, node, child + 1, !goesLeft, rule.points)
    }
    for (let node = end - 1; node > root; node--) {
      const to = (feature[parent[node] as number] as number) * block.rows + r
      sums[to] = (sums[to] as number) + up(root, node, rule)
    }
  }
}

function nodesOf({ treeStart }: TreeModel, tree: number): number {
  return (treeStart[tree + 1] as number) - (treeStart[tree] as number)
}

function edgesOf(model: TreeModel, { parent }: LeafPaths, coverShare: Float64Array): Edges {
  const before = new Int32Array(coverShare.length).fill(-1)
  const share = Float64Array.from(coverShare)
  for (let node = 0; node < share.length; node++) {
    const branch = parent[node] as number
    if (branch < 0) continue
    const column = model.feature[branch]
    let above = branch
    while ((parent[above] as number) >= 0 && model.feature[parent[above] as number] !== column) {
      above = parent[above] as number
    }
    if ((parent[above] as number) < 0) continue
    before[node] = above
    share[node] = (share[node] as number) * (share[above] as number)
  }
  return { before, share }
}

/** For every tree the rule that is exact on its widest path. */
function rulesOf(model: TreeModel, paths: LeafPaths): Quadrature[] {
  const known = Array.from({ length: MAX_PLACES / 2 + 1 }, (_, size) => gaussLegendre(size))
  return Array.from(widestPaths(model, paths), (widest) => known[(widest + 1) >> 1] as Quadrature)
}

function answersLeft(model: TreeModel, node: number, block: RowBlock, r: number): boolean {
  const column = model.feature[node] as number
  const x = block.values[block.at + r * block.rowStride + column * block.columnStride] as number
  const set = model.categorySet[node] as number
  if (x !== x) return model.missingLeft[node] === 1
  return set < 0 ? x < (model.threshold[node] as number) : inCategorySet(model.categoryBits, set, x)
}
