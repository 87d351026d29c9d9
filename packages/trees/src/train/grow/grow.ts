import type { BinnedMatrix } from '../../binning/bin-matrix.ts'
import { chooseSplit } from './find-split.ts'
import type { ChooseContext } from './find-split.ts'
import type { ColumnChoice } from './column-sampling.ts'
import { addNodes } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import { createQueue } from './queue.ts'
import type { NodeQueue, Growth } from './queue.ts'
import { UNBOUNDED } from './split-rules.ts'
import type { Bounds, NodeSums, RealSums, SplitRules } from './split-rules.ts'
import { SEARCH } from '../../engine/kernel.ts'
import { nodeStatistics, fillTable } from './locate-split.ts'
import type { NodeStatistics, Split } from './locate-split.ts'
import type { Coroutine } from '../../binning/coroutine.ts'
import { childBounds, writeBranch, writeLeaf } from './write-nodes.ts'

/** What limits a tree. */
export interface GrowRules extends SplitRules {
  readonly learningRate: number
  readonly maxDepth: number
  /** Leaves at most; Infinity for no limit. */
  readonly maxLeaves: number
  readonly growth: Growth
  /** The most that a leaf with these sums may weigh; see LossFunction. */
  readonly maxWeight: ((sums: RealSums) => number) | undefined
}

/** Everything one tree is grown from. `order` and scores in the engine's region and `store` are written. */
export interface GrowTask extends ChooseContext {
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

/** A node, with its rows. */
interface Child extends Leaf {
  readonly depth: number
  readonly sums: NodeSums
  /** Rows of the larger of it and its sibling. */
  readonly resolution: number
  /** Slots on the path from the root, where interactions are constrained. */
  readonly path: readonly number[]
}

/** A node that will be split unless the tree is full. */
interface OpenNode extends Child {
  readonly split: Split
  /** Address of its histogram; 0 where its children will need none. */
  readonly histogram: number
}

/** Histograms in use and free, by address. */
interface Growing extends GrowTask {
  readonly free: number[]
  readonly queue: NodeQueue<OpenNode>
  readonly leaves: Leaf[]
}

/**
 * Grows one tree: nodes are split in the order of the queue until depth, leaves or the split rules forbid it. Of two
 * children only the smaller one's histogram is built; the other's is the parent's minus it, taken away while it is
 * searched. Appends nodes to the store, children side by side behind their parent, adds leaves to the scores (unless rows
 * are kept) and returns the leaves. A tree of one leaf means that the root has no split. Yields after every node.
 */
export function* growTree(task: GrowTask): Coroutine<readonly Leaf[]> {
  const state = begin(task)
  const perRow = task.engine.layout.columnOf.length
  yield task.count * perRow
  for (let node = state.queue.next(); node; node = state.queue.next()) {
    // The tree has the closed leaves, the open nodes and this one, which becomes two.
    if (state.leaves.length + state.queue.size() + 2 > task.rules.maxLeaves) {
      release(state, node.histogram)
      closeLeaf(state, node)
      continue
    }
    splitNode(state, node)
    yield (node.to - node.from) * perRow
  }
  return state.leaves
}

function begin(task: GrowTask): Growing {
  const { engine, rules, count } = task
  const { region, layout } = engine
  const free = Array.from(
    { length: layout.histograms },
    (_, i) => region.histograms + i * layout.histogramBytes,
  ).toReversed()
  const state: Growing = { ...task, free, queue: createQueue(rules.growth, rules.maxLeaves), leaves: [] }
  const root: Child = {
    node: addNodes(task.store, 1),
    from: 0,
    to: count,
    resolution: count,
    depth: 0,
    path: [],
    bounds: UNBOUNDED,
    sums: totalOf(state),
  }
  if (canSplit(root, task)) {
    const histogram = rules.maxDepth > 1 ? take(state) : 0
    const statistics = statisticsFor(root, task)
    search(state, root, histogram, undefined, { node: statistics })
    openNode(state, root, statistics, histogram, engine.views.gains)
  } else closeLeaf(state, root)
  return state
}

/** Sums over the tree's rows. */
function totalOf({ engine, count }: Growing): NodeSums {
  const { views, region } = engine
  let gradient = 0
  let hessian = 0
  for (let i = 0; i < count; i++) {
    const at = (region.packed >> 2) + 2 * (views.order[i] as number)
    hessian += views.i32[at] as number
    gradient += views.i32[at + 1] as number
  }
  return { gradient, hessian }
}

/**
 * Builds the histogram of `node` (kept at `histogram` unless that is 0) and writes the ranks of `node`, or of its sibling, or of
 * both: the statistics given say which.
 */
function search(
  { engine, count, firstRow }: Growing,
  { from, to, depth, resolution }: Child,
  histogram: number,
  parent: Pick<OpenNode, 'histogram' | 'resolution'> | undefined,
  asked: { readonly node?: NodeStatistics | undefined; readonly sibling?: NodeStatistics | undefined },
): void {
  const { request } = engine.views
  request[7] = resolution
  request[8] = parent?.resolution ?? 0
  let flags = histogram === 0 ? 0 : SEARCH.keep
  const consecutive = depth === 0 && firstRow >= 0
  if (consecutive) flags |= SEARCH.everyRow
  for (const [key, at] of [
    ['node', 0],
    ['sibling', 3],
  ] as const) {
    const statistics = asked[key]
    if (statistics === undefined) continue
    flags |= SEARCH[key]
    request[at] = statistics.gradient
    request[at + 1] = statistics.hessian
    request[at + 2] = statistics.least
    request[6] = statistics.l2
  }
  if (consecutive) engine.search(firstRow, firstRow + count, histogram, 0, flags)
  else engine.search(from, to, histogram, parent?.histogram ?? 0, flags)
}

function take({ free }: Growing): number {
  const histogram = free.pop()
  if (histogram === undefined)
    throw new Error('trees: growth needs more histograms than planned. Please report this defect')
  return histogram
}

function release({ free }: Growing, histogram: number): void {
  if (histogram !== 0) free.push(histogram)
}

/** Whether a node is shallow and heavy enough to be worth a search. */
function canSplit({ from, to, depth, sums }: Child, { rules, scale }: GrowTask): boolean {
  return (
    depth < rules.maxDepth &&
    to - from >= 2 * rules.minRowsPerLeaf &&
    sums.hessian >= 2 * rules.minChildWeight * scale.hessian
  )
}

/** What a search needs to know of a node. */
function statisticsFor({ from, to, sums }: Child, { rules, scale }: GrowTask): NodeStatistics {
  return nodeStatistics(sums, to - from, rules, scale)
}

/** Puts a searched node on the queue, or makes it a leaf and gives its histogram back. */
function openNode(
  state: Growing,
  child: Child,
  statistics: NodeStatistics,
  histogram: number,
  ranks: Float32Array,
): void {
  const split = chooseSplit({ ...child, histogram }, statistics, ranks, state.columns.allowed(child), state)
  if (split) state.queue.add({ ...child, split, histogram })
  else {
    release(state, histogram)
    closeLeaf(state, child)
  }
}

/** Writes the leaf's value and cover, and adds it to the scores of its rows. */
function closeLeaf(state: Growing, leaf: Child): void {
  writeLeaf(state, leaf.node, leaf.sums, leaf.bounds)
  const { engine, store, keepRows } = state
  if (!keepRows) engine.kernel.addLeaf(leaf.from, leaf.to, store.value[leaf.node] as number)
  state.leaves.push(leaf)
}

/** Writes the branch, moves its rows, and opens or closes the two children. */
function splitNode(state: Growing, node: OpenNode): void {
  const { engine, rules, store, keepRows } = state
  const { split } = node
  const left = writeBranch(state, node)
  fillTable(engine.views.goesLeft, split)
  const sums = [
    split.left,
    { gradient: node.sums.gradient - split.left.gradient, hessian: node.sums.hessian - split.left.hessian },
  ] as const
  const bounds = childBounds(state, node, sums)
  if (node.depth + 1 === rules.maxDepth && !keepRows) {
    release(state, node.histogram)
    for (const side of [0, 1] as const) {
      writeLeaf(state, left + side, sums[side], bounds[side])
      state.leaves.push({ node: left + side, from: node.from, to: node.to, bounds: bounds[side] })
    }
    const [leftValue, rightValue] = [store.value[left] as number, store.value[left + 1] as number]
    engine.kernel.addLeaves(node.from, node.to, split.slot, leftValue, rightValue)
    return
  }
  const middle = engine.kernel.partition(node.from, node.to, split.slot)
  const shared = {
    depth: node.depth + 1,
    path: state.columns.extend(node.path, split.slot),
    resolution: Math.max(middle - node.from, node.to - middle),
  }
  const first: Child = { ...shared, node: left, from: node.from, to: middle, sums: sums[0], bounds: bounds[0] }
  const second: Child = { ...shared, node: left + 1, from: middle, to: node.to, sums: sums[1], bounds: bounds[1] }
  openChildren(
    state,
    node,
    ...(middle - node.from <= node.to - middle ? ([first, second] as const) : ([second, first] as const)),
  )
}

/**
 * Builds the smaller child's histogram and searches the larger one's as the parent's less it, in the parent's place. Where
 * the children's children are leaves, no histogram is kept.
 */
function openChildren(state: Growing, parent: OpenNode, smaller: Child, larger: Child): void {
  const { gains, otherGains } = state.engine.views
  const node = canSplit(smaller, state) ? statisticsFor(smaller, state) : undefined
  const sibling = canSplit(larger, state) ? statisticsFor(larger, state) : undefined
  const keep = smaller.depth + 1 < state.rules.maxDepth
  const histogram = keep && (node || sibling) ? take(state) : 0
  if (node || sibling) {
    search(state, smaller, histogram, parent, { node, sibling })
  }
  if (!sibling || !keep) release(state, parent.histogram)
  if (sibling) openNode(state, larger, sibling, keep ? parent.histogram : 0, otherGains)
  else closeLeaf(state, larger)
  if (node) openNode(state, smaller, node, histogram, gains)
  else {
    release(state, histogram)
    closeLeaf(state, smaller)
  }
}
