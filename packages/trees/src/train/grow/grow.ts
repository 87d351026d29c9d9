import type { Coroutine } from '../../binning/coroutine.ts'
import { REQUEST, SEARCH } from '../../engine/kernel.ts'
import type { Growth } from '../options.ts'
import { findSplit } from './find-split.ts'
import { boundsBelow, markLeft, writeBranch, writeLeaf } from './grow-task.ts'
import type { GrowTask, Leaf } from './grow-task.ts'
import { addNodes } from './node-store.ts'
import { nodeStatistics, UNBOUNDED } from './split-gain.ts'
import type { NodeStatistics, NodeSums, Split } from './split-gain.ts'

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

/** A tree while it grows. */
interface GrowthState extends GrowTask {
  /** Addresses of free histograms. */
  readonly free: number[]
  readonly queue: NodeQueue
  readonly leaves: Leaf[]
}

/** Nodes that wait to be split. */
interface NodeQueue {
  readonly add: (node: OpenNode) => void
  /** Takes the node to split next; undefined where none waits. */
  readonly next: () => OpenNode | undefined
  readonly size: () => number
}

/** The queue of a growth. Without a limit on leaves, depth first: that keeps the fewest histograms alive. */
function createQueue(growth: Growth, maxLeaves: number): NodeQueue {
  const nodes: OpenNode[] = []
  const add = (node: OpenNode): void => {
    nodes.push(node)
  }
  const size = (): number => nodes.length
  if (growth === 'depth' && maxLeaves === Infinity) return { add, size, next: () => nodes.pop() }
  const before = (a: OpenNode, b: OpenNode): boolean =>
    growth === 'depth' && a.depth !== b.depth ? a.depth < b.depth : a.split.gain > b.split.gain
  const next = (): OpenNode | undefined => {
    let best = 0
    for (let i = 1; i < nodes.length; i++) if (before(nodes[i] as OpenNode, nodes[best] as OpenNode)) best = i
    return nodes.splice(best, 1)[0]
  }
  return { add, size, next }
}

/**
 * Grows one tree: nodes are split in the order of the queue until depth, leaves or the split rules forbid it. Of two
 * children only the smaller one's histogram is built; the other's is the parent's minus it, subtracted while it is
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

function begin(task: GrowTask): GrowthState {
  const { engine, rules, count } = task
  const { region, layout } = engine
  const free = Array.from(
    { length: layout.histograms },
    (_, i) => region.histograms + i * layout.histogramBytes,
  ).toReversed()
  const state: GrowthState = { ...task, free, queue: createQueue(rules.growth, rules.maxLeaves), leaves: [] }
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
    search(state, { child: root, histogram, node: statistics })
    openNode(state, root, statistics, histogram, engine.views.gains)
  } else closeLeaf(state, root)
  return state
}

/** Sums over the tree's rows. */
function totalOf({ engine, count }: GrowthState): NodeSums {
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

/** A search: the node whose histogram is built, where it is kept (0: nowhere), and whose cuts are ranked. */
interface SearchRequest {
  readonly child: Child
  readonly histogram: number
  readonly parent?: Pick<OpenNode, 'histogram' | 'resolution'>
  /** Undefined where the node's own cuts are not ranked. */
  readonly node: NodeStatistics | undefined
  /** Undefined where those of its sibling are not. */
  readonly sibling?: NodeStatistics | undefined
}

/** Builds the histogram of a node and writes the ranks of its cuts, of its sibling's, or of both. */
function search({ engine, count, firstRow }: GrowthState, request: SearchRequest): void {
  const { child, histogram, parent, node, sibling } = request
  const values = engine.views.request
  values[REQUEST.rows] = child.resolution
  values[REQUEST.parentRows] = parent?.resolution ?? 0
  values[REQUEST.l2] = (node ?? sibling)?.l2 ?? 0
  let flags = histogram === 0 ? 0 : SEARCH.keep
  if (node) {
    flags |= SEARCH.node
    values[REQUEST.gradient] = node.gradient
    values[REQUEST.hessian] = node.hessian
    values[REQUEST.minHessian] = node.minHessian
  }
  if (sibling) {
    flags |= SEARCH.sibling
    values[REQUEST.siblingGradient] = sibling.gradient
    values[REQUEST.siblingHessian] = sibling.hessian
    values[REQUEST.siblingMinHessian] = sibling.minHessian
  }
  const isConsecutive = child.depth === 0 && firstRow >= 0
  if (isConsecutive) engine.search(firstRow, firstRow + count, histogram, 0, flags | SEARCH.everyRow)
  else engine.search(child.from, child.to, histogram, parent?.histogram ?? 0, flags)
}

function take({ free }: GrowthState): number {
  const histogram = free.pop()
  if (histogram === undefined)
    throw new Error('trees: growth needs more histograms than planned. Please report this defect')
  return histogram
}

function release({ free }: GrowthState, histogram: number): void {
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

/** Puts a searched node in the queue, or makes it a leaf and gives its histogram back. */
function openNode(
  state: GrowthState,
  child: Child,
  statistics: NodeStatistics,
  histogram: number,
  ranks: Float32Array,
): void {
  const split = findSplit({ ...child, histogram }, statistics, ranks, state.columns.allowed(child), state)
  if (split) state.queue.add({ ...child, split, histogram })
  else {
    release(state, histogram)
    closeLeaf(state, child)
  }
}

/** Writes the leaf's value and cover, and adds it to the scores of its rows. */
function closeLeaf(state: GrowthState, leaf: Child): void {
  writeLeaf(state, leaf.node, leaf.sums, leaf.bounds)
  const { engine, store, keepRows } = state
  if (!keepRows) engine.kernel.addLeaf(leaf.from, leaf.to, store.value[leaf.node] as number)
  state.leaves.push(leaf)
}

/** Writes the branch, moves its rows, and opens or closes the two children. */
function splitNode(state: GrowthState, node: OpenNode): void {
  const { engine, rules, store, keepRows } = state
  const { split } = node
  const left = writeBranch(state, node)
  markLeft(engine.views.goesLeft, split)
  const sums = [
    split.left,
    { gradient: node.sums.gradient - split.left.gradient, hessian: node.sums.hessian - split.left.hessian },
  ] as const
  const bounds = boundsBelow(state, node, sums)
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
 * Builds the smaller child's histogram and searches the larger one's as the parent's minus it, in the parent's place. Where
 * the children's children are leaves, no histogram is kept.
 */
function openChildren(state: GrowthState, parent: OpenNode, smaller: Child, larger: Child): void {
  const { gains, siblingGains } = state.engine.views
  const node = canSplit(smaller, state) ? statisticsFor(smaller, state) : undefined
  const sibling = canSplit(larger, state) ? statisticsFor(larger, state) : undefined
  const keep = smaller.depth + 1 < state.rules.maxDepth
  const histogram = keep && (node || sibling) ? take(state) : 0
  if (node || sibling) search(state, { child: smaller, histogram, parent, node, sibling })
  if (!sibling || !keep) release(state, parent.histogram)
  if (sibling) openNode(state, larger, sibling, keep ? parent.histogram : 0, siblingGains)
  else closeLeaf(state, larger)
  if (node) openNode(state, smaller, node, histogram, gains)
  else {
    release(state, histogram)
    closeLeaf(state, smaller)
  }
}
