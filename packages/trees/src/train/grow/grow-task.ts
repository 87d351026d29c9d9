import type { BinnedMatrix } from '../../binning/bin-matrix.ts'
import type { Growth } from '../options.ts'
import type { ColumnChoice } from './column-sampling.ts'
import type { FindContext } from './find-split.ts'
import { addCategories, addNodes } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import { childBounds, leafWeight, toLossUnits } from './split-gain.ts'
import type { Bounds, NodeSums, Split, SplitRules } from './split-gain.ts'

/** What limits a tree. */
export interface GrowRules extends SplitRules {
  readonly learningRate: number
  readonly maxDepth: number
  /** Leaves at most; Infinity for no limit. */
  readonly maxLeaves: number
  readonly growth: Growth
  /** The largest value of a leaf with these sums, in units of the loss; see LossFunction. */
  readonly maxWeight: ((sums: NodeSums) => number) | undefined
}

/** Everything one tree is grown from. `order` and scores in the engine's region and `store` are written. */
export interface GrowTask extends FindContext {
  readonly binned: BinnedMatrix
  readonly rules: GrowRules
  /** Entries 0 to `count` of the order hold the tree's rows; growth moves them. */
  readonly count: number
  /** The first of the tree's rows, where they are consecutive rows of the matrix; else -1. */
  readonly firstRow: number
  readonly columns: ColumnChoice
  readonly store: NodeStore
  /** Whether the caller needs every leaf's rows: then leaves are not added to the scores. */
  readonly keepRows: boolean
}

/** Entries `from` to `to` of the order ended in leaf `node`. */
export interface Leaf {
  readonly node: number
  readonly from: number
  readonly to: number
  readonly bounds: Bounds
}

/** A node that is split. */
export interface Branch {
  readonly node: number
  readonly split: Split
  readonly sums: NodeSums
  readonly bounds: Bounds
}

/** Writes a leaf's value and cover. */
export function writeLeaf(
  { rules, scale, store }: Pick<GrowTask, 'rules' | 'scale' | 'store'>,
  node: number,
  sums: NodeSums,
  bounds: Bounds,
): void {
  const own = toLossUnits(sums, scale)
  const weight = leafWeight(own, rules, bounds)
  const max = rules.maxWeight?.(own) ?? Infinity
  store.value[node] = rules.learningRate * (weight > max ? Math.max(bounds.low, max) : weight)
  store.cover[node] = own.hessian
}

/** Fills the branch's node and returns its left child, the right one beside it. */
export function writeBranch(task: GrowTask, { node, split, sums }: Branch): number {
  const { binned, engine, store, scale } = task
  const left = addNodes(store, 2)
  const column = engine.layout.columnOf[split.slot] as number
  const cuts = binned.cutStart[column] as number
  store.feature[node] = column
  store.bin[node] = split.bin
  store.left[node] = left
  store.missingLeft[node] = split.missingLeft ? 1 : 0
  store.gain[node] = split.gain
  store.cover[node] = sums.hessian / scale.hessian
  if (split.codes) {
    const codes = split.codes.subarray(1)
    const categories = binned.cuts.subarray(cuts, binned.cutStart[column + 1]).filter((_, bin) => codes[bin] === 1)
    addCategories(store, node, [...categories], split.codes)
  } else store.threshold[node] = split.bin < 0 ? -Infinity : (binned.cuts[cuts + split.bin] as number)
  return left
}

/** Bounds of the children: a split on a constrained column keeps each side on its side of the middle (XGBoost's rule). */
export function boundsBelow(
  { rules, scale }: Pick<GrowTask, 'rules' | 'scale'>,
  { split, bounds }: Branch,
  sums: readonly [NodeSums, NodeSums],
): readonly [Bounds, Bounds] {
  const direction = split.codes ? 0 : (rules.monotone?.[split.slot] ?? 0)
  if (direction === 0 || split.bin < 0) return [bounds, bounds]
  const weightOf = (side: NodeSums): number => leafWeight(toLossUnits(side, scale), rules, bounds)
  return childBounds(bounds, direction, (weightOf(sums[0]) + weightOf(sums[1])) / 2)
}

/** Marks the codes that go left in a table: those of the set, or codes up to `bin + 1` and code 0 as `missingLeft` says. */
export function markLeft(table: Uint8Array, { bin, missingLeft, codes }: Split): void {
  if (codes) {
    table.set(codes)
    return
  }
  table.fill(1, 0, bin + 2)
  table.fill(0, bin + 2)
  table[0] = missingLeft ? 1 : 0
}
