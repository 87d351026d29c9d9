import type { BinnedMatrix } from './binning.ts'
import { chooseSplit } from './choose.ts'
import type { ChooseContext } from './choose.ts'
import type { ColumnChoice } from './column-choice.ts'
import { addCategories, addNodes } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import { frontierOf } from './frontier.ts'
import type { Frontier, Growth } from './frontier.ts'
import type { Bounds, NodeSums, SplitRules } from './split-rules.ts'
import { leafWeight, UNBOUNDED } from './split-rules.ts'
import { fillTable } from './split.ts'
import type { Split } from './split.ts'
import type { Steps } from './steps.ts'

/** What limits a tree. */
export interface GrowRules extends SplitRules {
  readonly learningRate: number
  readonly maxDepth: number
  /** Leaves at most; Infinity for no limit. */
  readonly maxLeaves: number
  readonly growth: Growth
}

/** Everything one tree is grown from. `order` and scores in the engine's region and `store` are written. */
export interface GrowTask extends ChooseContext {
  readonly binned: BinnedMatrix
  readonly rules: GrowRules
  /** Entries 0 to `count` of the order hold the tree's rows; growth moves them. */
  readonly count: number
  /** Whether the order is every row of the matrix, in order. */
  readonly everyRow: boolean
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
  readonly frontier: Frontier<OpenNode>
  readonly leaves: Leaf[]
}

/**
 * Grows one tree: nodes are split in the order of the frontier until depth, leaves or the split rules forbid it. Of two
 * children only the smaller one's histogram is built; the other's is the parent's minus it, taken away while it is
 * searched. Appends nodes to the store, children side by side behind their parent, adds leaves to the scores (unless rows
 * are kept) and returns the leaves. A tree of one leaf means that the root has no split. Yields after every node.
 */
export function* growTree(task: GrowTask): Steps<readonly Leaf[]> {
  const state = begin(task)
  const perRow = task.engine.layout.columnOf.length
  yield task.count * perRow
  for (let node = state.frontier.next(); node; node = state.frontier.next()) {
    // The tree has the closed leaves, the open nodes and this one, which becomes two.
    if (state.leaves.length + state.frontier.size() + 2 > task.rules.maxLeaves) {
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
  const state: Growing = { ...task, free, frontier: frontierOf(rules.growth, rules.maxLeaves), leaves: [] }
  const histogram = take(state)
  engine.build(0, count, histogram, task.everyRow)
  const root: Child = {
    node: addNodes(task.store, 1),
    from: 0,
    to: count,
    depth: 0,
    path: [],
    bounds: UNBOUNDED,
    sums: totalOf(state, histogram),
  }
  if (canSplit(root, task)) openNode(state, root, histogram, 0, true)
  else {
    release(state, histogram)
    closeLeaf(state, root)
  }
  return state
}

/** Sums over all cells of slot 0: every row is in one of them. */
function totalOf({ engine }: Growing, histogram: number): NodeSums {
  const { views, layout } = engine
  let gradient = 0
  let hessian = 0
  let at = histogram >> 2
  for (let bin = 0; bin <= (layout.binsOf[0] as number); bin++, at += 8) {
    hessian += views.i32[at] as number
    gradient += views.i32[at + 1] as number
  }
  return { gradient, hessian }
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

/** Searches a node and puts it on the frontier, or makes it a leaf. Its histogram (less `minus`) is kept or given back. */
function openNode(state: Growing, child: Child, histogram: number, minus: number, keep: boolean): void {
  const allowed = state.columns.allowed(child)
  const split = chooseSplit({ ...child, histogram, minus, keep }, allowed, state)
  if (split === undefined || !keep) release(state, histogram)
  if (split === undefined) closeLeaf(state, child)
  else state.frontier.add({ ...child, split, histogram: keep ? histogram : 0 })
}

/** Writes the leaf's value and cover, and adds it to the scores of its rows. */
function closeLeaf(state: Growing, leaf: Child): void {
  writeLeaf(state, leaf.node, leaf.sums, leaf.bounds)
  const { engine, store, keepRows } = state
  if (!keepRows) engine.kernel.addLeaf(leaf.from, leaf.to, store.value[leaf.node] as number)
  state.leaves.push(leaf)
}

function writeLeaf({ rules, scale, store }: Growing, node: number, sums: NodeSums, bounds: Bounds): void {
  const real = { gradient: sums.gradient / scale.gradient, hessian: sums.hessian / scale.hessian }
  store.value[node] = rules.learningRate * leafWeight(real, rules, bounds)
  store.cover[node] = real.hessian
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
  const shared = { depth: node.depth + 1, path: state.columns.extend(node.path, split.slot) }
  const first: Child = { ...shared, node: left, from: node.from, to: middle, sums: sums[0], bounds: bounds[0] }
  const second: Child = { ...shared, node: left + 1, from: middle, to: node.to, sums: sums[1], bounds: bounds[1] }
  openChildren(
    state,
    node.histogram,
    ...(middle - node.from <= node.to - middle ? ([first, second] as const) : ([second, first] as const)),
  )
}

/**
 * Builds the smaller child's histogram and searches the larger one as the parent's less it. Where the children's children
 * are leaves, no histogram is kept.
 */
function openChildren(state: Growing, parent: number, smaller: Child, larger: Child): void {
  const openSmaller = canSplit(smaller, state)
  const openLarger = canSplit(larger, state)
  const keep = smaller.depth + 1 < state.rules.maxDepth
  if (openSmaller || openLarger) {
    const built = take(state)
    state.engine.build(smaller.from, smaller.to, built, false)
    if (openLarger) openNode(state, larger, parent, built, keep)
    if (openSmaller) openNode(state, smaller, built, 0, keep)
    else release(state, built)
  }
  if (!openLarger) {
    release(state, parent)
    closeLeaf(state, larger)
  }
  if (!openSmaller) closeLeaf(state, smaller)
}

/** Fills the branch's node and returns its left child, the right one beside it. */
function writeBranch(state: Growing, { node, split, sums }: OpenNode): number {
  const { binned, engine, store, scale } = state
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
function childBounds(
  { rules, scale }: Growing,
  { split, bounds }: OpenNode,
  sums: readonly [NodeSums, NodeSums],
): readonly [Bounds, Bounds] {
  const direction = split.codes ? 0 : (rules.monotone?.[split.slot] ?? 0)
  if (direction === 0 || split.bin < 0) return [bounds, bounds]
  const [wl, wr] = sums.map(({ gradient, hessian }) =>
    leafWeight({ gradient: gradient / scale.gradient, hessian: hessian / scale.hessian }, rules, bounds),
  ) as [number, number]
  const middle = (wl + wr) / 2
  return direction > 0
    ? [
        { low: bounds.low, high: middle },
        { low: middle, high: bounds.high },
      ]
    : [
        { low: middle, high: bounds.high },
        { low: bounds.low, high: middle },
      ]
}
