import { valueBins } from './binning.ts'
import type { BinnedMatrix } from './binning.ts'
import { countOf, hessianOf } from './fixed-point.ts'
import type { FixedPoint } from './fixed-point.ts'
import { buildHistogram, subtractHistogram } from './histogram.ts'
import type { Layout } from './histogram.ts'
import { addNodes } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import { partition } from './partition.ts'
import type { RowOrder } from './partition.ts'
import { findSplit } from './split.ts'
import type { NodeSums, Split, SplitRules, SplitScratch } from './split.ts'
import type { Steps } from './steps.ts'

/** What limits a tree. */
export interface GrowRules extends SplitRules {
  readonly learningRate: number
  readonly maxDepth: number
}

/** Everything one tree is grown from. `rows` and `store` are written. */
export interface GrowTask {
  readonly binned: BinnedMatrix
  readonly layout: Layout
  readonly rules: GrowRules
  readonly point: FixedPoint
  /** Entries 0 to `count` hold the tree's rows; growth reorders them. */
  readonly rows: RowOrder
  readonly count: number
  readonly store: NodeStore
  /** Histograms not in use, each `histogramLength` long (at least the layout's size); growth takes and returns them. */
  readonly spare: Float64Array[]
  readonly histogramLength: number
  readonly scratch: SplitScratch
}

/** Entries `from` to `to` of the row order ended in leaf `node`. */
export interface Leaf {
  readonly node: number
  readonly from: number
  readonly to: number
}

/** A node that may still be split, with its histogram. */
interface OpenNode extends Leaf {
  readonly depth: number
  readonly sums: NodeSums
  readonly histogram: Float64Array
}

/**
 * Grows one tree: every node is split at its best split until the depth or the split rules forbid it. Of two children
 * only the smaller one's histogram is built; the other's is the parent's minus it. Depth first, so at most depth + 1
 * histograms are alive. Appends the nodes to the store, children side by side behind their parent, and returns the
 * leaves with their rows. A tree of one leaf means that the root has no split. Yields after every node.
 */
export function* growTree(task: GrowTask): Steps<readonly Leaf[]> {
  const leaves: Leaf[] = []
  const root = openRoot(task)
  const open: OpenNode[] = []
  if (canSplit(root.sums, root.depth, task)) open.push(root)
  else leaves.push(closeNode(root, task))
  yield task.count * task.layout.columns.length
  for (let node = open.pop(); node; node = open.pop()) {
    const split = findSplit(node.histogram, node.sums, task)
    if (split.slot < 0) {
      task.spare.push(node.histogram)
      leaves.push(closeNode(node, task))
      continue
    }
    splitNode(node, split, task, open, leaves)
    yield (node.to - node.from) * task.layout.columns.length
  }
  return leaves
}

function openRoot(task: GrowTask): OpenNode {
  const { binned, layout, rows, count, store } = task
  const histogram = takeHistogram(task)
  buildHistogram(binned, layout, rows, { from: 0, to: count }, histogram)
  let gradient = 0
  let packed = 0
  for (let i = 0; i < count; i++) {
    gradient += rows.gradients[i] as number
    packed += rows.hessians[i] as number
  }
  return { node: addNodes(store, 1), from: 0, to: count, depth: 0, sums: { gradient, packed }, histogram }
}

function takeHistogram(task: GrowTask): Float64Array {
  return task.spare.pop() ?? new Float64Array(task.histogramLength)
}

/** Whether a node is shallow and heavy enough to be worth a search. */
function canSplit(sums: NodeSums, depth: number, { rules, point }: GrowTask): boolean {
  return (
    depth < rules.maxDepth &&
    countOf(sums.packed, point) >= 2 * rules.minRowsPerLeaf &&
    hessianOf(sums.packed, point) >= 2 * rules.minChildWeight
  )
}

/** Writes the leaf's value, -learningRate G / (H + l2), and its cover. */
function closeNode(leaf: Leaf & { readonly sums: NodeSums }, { rules, point, store }: GrowTask): Leaf {
  const hessian = hessianOf(leaf.sums.packed, point)
  const divisor = hessian + rules.l2
  store.value[leaf.node] = divisor > 0 ? (-rules.learningRate * leaf.sums.gradient) / divisor : 0
  store.cover[leaf.node] = hessian
  return leaf
}

/** A node whose histogram is not there (yet). */
type Child = Omit<OpenNode, 'histogram'>

/** Writes the branch, moves its rows, and makes the two children: leaves are closed, others put on the open stack. */
function splitNode(node: OpenNode, split: Split, task: GrowTask, open: OpenNode[], leaves: Leaf[]): void {
  const left = writeBranch(node, split, task)
  const middle = partition(task.rows, node.from, node.to, binQuestion(split, task))
  const { gradient, packed } = node.sums
  const rightSums = { gradient: gradient - split.left.gradient, packed: packed - split.left.packed }
  const depth = node.depth + 1
  const first: Child = { node: left, from: node.from, to: middle, depth, sums: split.left }
  const second: Child = { node: left + 1, from: middle, to: node.to, depth, sums: rightSums }
  const firstIsSmaller = middle - node.from <= node.to - middle
  openChildren(node.histogram, firstIsSmaller ? first : second, firstIsSmaller ? second : first, task, open, leaves)
}

/**
 * Builds the smaller child's histogram and turns the parent's into the larger child's. A child that cannot be split
 * becomes a leaf and its buffer goes back; where neither can, nothing is built.
 */
function openChildren(
  parent: Float64Array,
  smaller: Child,
  larger: Child,
  task: GrowTask,
  open: OpenNode[],
  leaves: Leaf[],
): void {
  const { binned, layout, rows, spare } = task
  const openSmaller = canSplit(smaller.sums, smaller.depth, task)
  const openLarger = canSplit(larger.sums, larger.depth, task)
  if (!openLarger) leaves.push(closeNode(larger, task))
  if (!openSmaller) leaves.push(closeNode(smaller, task))
  if (!openSmaller && !openLarger) {
    spare.push(parent)
    return
  }
  const built = takeHistogram(task)
  buildHistogram(binned, layout, rows, smaller, built)
  if (openLarger) {
    subtractHistogram(layout, parent, built)
    open.push({ ...larger, histogram: parent })
  } else spare.push(parent)
  if (openSmaller) open.push({ ...smaller, histogram: built })
  else spare.push(built)
}

/** Fills the branch's node and returns its left child, the right one beside it. */
function writeBranch(node: OpenNode, split: Split, { binned, layout, store, point }: GrowTask): number {
  const left = addNodes(store, 2)
  const column = layout.columns[split.slot] as number
  store.feature[node.node] = column
  store.bin[node.node] = split.bin
  store.threshold[node.node] =
    split.bin < 0 ? -Infinity : (binned.cuts[(binned.cutStart[column] as number) + split.bin] as number)
  store.left[node.node] = left
  store.missingLeft[node.node] = split.missingLeft ? 1 : 0
  store.gain[node.node] = split.gain
  store.cover[node.node] = hessianOf(node.sums.packed, point)
  return left
}

function binQuestion(split: Split, { binned, layout }: GrowTask): Parameters<typeof partition>[3] {
  const column = layout.columns[split.slot] as number
  return {
    codes: binned.bins.subarray(column * binned.rows, (column + 1) * binned.rows),
    bin: split.bin,
    missing: valueBins(binned, column),
    missingLeft: split.missingLeft,
  }
}
