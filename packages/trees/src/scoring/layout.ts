import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { Arena } from './arena.ts'
import { BLOCK, BLOCK_ROWS, BLOCK_TREES, UPPER_LEVELS, WALKED_NODE, WALKED_TREE } from './kernel.ts'
import { questionsOf } from './questions.ts'
import type { NodeRange, Questions } from './questions.ts'

const UPPER_NODES = 2 ** UPPER_LEVELS - 1

/** Deepest tree that is padded to a full one and put into a block; deeper ones are walked node by node. */
const BLOCK_DEPTH = 8

/** Numbers of questions in a block have 16 bits. */
const MAX_QUESTIONS = 65_536

/** Trees of one head, evaluated with one group's answers. Addresses are in bytes. */
export interface HeadPart {
  readonly head: number
  readonly blocks: number
  readonly blockCount: number
  readonly walked: number
  readonly walkedCount: number
  /** Whether the head has no more trees: its leaves can be added. */
  readonly ends: boolean
}

/** Consecutive trees, over all heads, whose different questions fit one table of answers. */
export interface TreeGroup {
  readonly runs: number
  readonly runCount: number
  readonly categories: number
  readonly categoryCount: number
  readonly parts: readonly HeadPart[]
}

/** Models in the form that the kernel reads, and where it finds its working memory. Addresses are in bytes. */
export interface ScorerLayout {
  readonly groups: readonly TreeGroup[]
  /** `BLOCK_ROWS` rows of all columns, 32-bit floats. */
  readonly rows: number
  /** For each tree of a head the leaf values of the rows, 32-bit floats. */
  readonly leaves: number
  /** `BLOCK_ROWS` 64-bit floats. */
  readonly out: number
  readonly arena: Arena
}

/** Packs models over the same columns. Cost: O(n log n) in the nodes, about 0.3 microseconds a node. */
export function layOut(models: readonly TreeModel[]): ScorerLayout {
  const arena = new Arena()
  const columns = models[0]?.columns.length ?? 0
  const groups = groupsOf(models, allTrees(models))
  arena.reserve(Math.max(...groups.map(({ questions }) => questions.size)))
  return {
    out: arena.reserve(BLOCK_ROWS * 8),
    rows: arena.reserve(BLOCK_ROWS * columns * 4),
    leaves: arena.reserve(BLOCK_ROWS * 4 * Math.max(...models.map(treeCount))),
    groups: groups.map(({ trees, questions }) => layOutGroup(arena, models, trees, questions)),
    arena,
  }
}

/** Trees `from` to `to` (exclusive) of model `m`. */
interface TreeRange {
  readonly m: number
  readonly from: number
  readonly to: number
}

const allTrees = (models: readonly TreeModel[]): TreeRange[] =>
  models.map((model, m) => ({ m, from: 0, to: treeCount(model) }))

/** Halves the trees until the questions of each part fit, or it is one tree. */
function groupsOf(
  models: readonly TreeModel[],
  trees: readonly TreeRange[],
): { readonly trees: readonly TreeRange[]; readonly questions: Questions }[] {
  const count = trees.reduce((sum, { from, to }) => sum + to - from, 0)
  const questions = questionsOf(
    models,
    trees.map((range) => nodesOf(models, range)),
  )
  if (questions.size <= MAX_QUESTIONS || count <= 1) return [{ trees, questions }]
  const half = count >> 1
  return [...groupsOf(models, slice(trees, 0, half)), ...groupsOf(models, slice(trees, half, count))]
}

/** The trees from number `from` to `to` (exclusive), counted through all ranges. */
function slice(trees: readonly TreeRange[], from: number, to: number): TreeRange[] {
  let before = 0
  return trees.flatMap((range) => {
    const start = range.from - before
    before += range.to - range.from
    const part = { m: range.m, from: Math.max(range.from, start + from), to: Math.min(range.to, start + to) }
    return part.from < part.to ? [part] : []
  })
}

function nodesOf(models: readonly TreeModel[], { m, from, to }: TreeRange): NodeRange {
  const { treeStart } = models[m] as TreeModel
  return { m, from: treeStart[from] as number, to: treeStart[to] as number }
}

function layOutGroup(
  arena: Arena,
  models: readonly TreeModel[],
  trees: readonly TreeRange[],
  questions: Questions,
): TreeGroup {
  const thresholds = questions.runs.map((run) => arena.floats(padded(run.thresholds)))
  const sets = questions.categories.map(({ set }) => arena.words(set))
  const runs = arena.words(
    questions.runs.flatMap((run, i) => {
      return [run.column, run.thresholds.length, thresholds[i] as number, run.missingRight, run.missingLeft]
    }),
  )
  const categories = arena.words(
    questions.categories.flatMap(({ column, missingLeft, id }, i) => [column, missingLeft, sets[i] as number, id]),
  )
  return {
    runs,
    runCount: questions.runs.length,
    categories,
    categoryCount: questions.categories.length,
    parts: trees.map((range) => layOutPart(arena, models, range, questions)),
  }
}

/** NaN, which no number exceeds, fills up to one less than a power of two: searches then take the same steps. */
function padded(thresholds: Float32Array): Float32Array {
  const result = new Float32Array(2 ** Math.ceil(Math.log2(thresholds.length + 1)) - 1).fill(Number.NaN)
  result.set(thresholds)
  return result
}

function layOutPart(arena: Arena, models: readonly TreeModel[], range: TreeRange, questions: Questions): HeadPart {
  const { m, from, to } = range
  const model = models[m] as TreeModel
  const writer = { arena, model, idOf: questions.numbersOf(m), places: new Int32Array(2 ** (BLOCK_DEPTH + 1)) }
  const small = questions.size <= MAX_QUESTIONS
  const depths = new Int32Array(model.feature.length)
  const trees = Array.from({ length: to - from }, (_, i) => ({
    tree: from + i,
    depth: depthOf(model, from + i, depths),
  }))
  const fast = trees.filter(({ depth }) => small && depth <= BLOCK_DEPTH).toSorted((a, b) => a.depth - b.depth)
  const slow = trees.filter(({ depth }) => !small || depth > BLOCK_DEPTH)
  const blocks = arena.size
  for (let i = 0; i < fast.length; i += BLOCK_TREES) writeBlock(writer, fast.slice(i, i + BLOCK_TREES))
  const walked = arena.size
  for (const { tree, depth } of slow) writeWalked(writer, tree, depth)
  return {
    head: m,
    blocks,
    blockCount: Math.ceil(fast.length / BLOCK_TREES),
    walked,
    walkedCount: slow.length,
    ends: to === treeCount(model),
  }
}

/** Branches on the longest way from the root to a leaf; `depths` is working space for as many nodes as the tree has. */
function depthOf({ treeStart, feature, left }: TreeModel, tree: number, depths: Int32Array): number {
  const start = treeStart[tree] as number
  const count = (treeStart[tree + 1] as number) - start
  let deepest = 0
  depths[0] = 0
  for (let i = 0; i < count; i++) {
    const depth = depths[i] as number
    if (depth > deepest) deepest = depth
    if ((feature[start + i] as number) < 0) continue
    const child = (left[start + i] as number) - start
    depths[child] = depth + 1
    depths[child + 1] = depth + 1
  }
  return deepest
}

interface TreeWriter {
  readonly arena: Arena
  readonly model: TreeModel
  readonly idOf: (node: number) => number
  /** Working space for {@link fillFullTree}. */
  readonly places: Int32Array
}

function writeBlock(writer: TreeWriter, trees: readonly { readonly tree: number; readonly depth: number }[]): void {
  const { arena } = writer
  const levels = Math.max(0, ...trees.map(({ depth }) => depth - UPPER_LEVELS))
  const leaves = 2 ** (UPPER_LEVELS + levels)
  const block = arena.reserve(BLOCK.upper, 1)
  arena.u32[(block + BLOCK.levels) >> 2] = levels
  arena.u32[(block + BLOCK.count) >> 2] = trees.length
  for (const [t, { tree }] of trees.entries()) arena.u32[((block + BLOCK.leaves) >> 2) + t] = tree * BLOCK_ROWS * 4
  const upper = arena.reserve(2 * UPPER_NODES * BLOCK_TREES, 1)
  for (const [t, { tree }] of trees.entries()) writeFullTree(writer, tree, leaves, upper + 2 * t)
}

/** Writes the upper question numbers of a tree between those of its block, the lower ones and the leaves at the end. */
function writeFullTree({ arena, model, idOf, places }: TreeWriter, tree: number, leaves: number, upper: number): void {
  const lowerBytes = 2 * (leaves - UPPER_NODES - 1)
  const at = arena.reserve(lowerBytes + 4 * leaves, 1)
  const { u16, f32 } = arena
  const { feature, value } = model
  fillFullTree(model, model.treeStart[tree] as number, places, 2 * leaves)
  for (let i = 1; i < leaves; i++) {
    const node = places[i] as number
    const to = i <= UPPER_NODES ? (upper >> 1) + (i - 1) * BLOCK_TREES : (at >> 1) + i - UPPER_NODES - 1
    u16[to] = (feature[node] as number) < 0 ? 0 : idOf(node)
  }
  const values = (at + lowerBytes) >> 2
  for (let i = 0; i < leaves; i++) f32[values + i] = value[places[leaves + i] as number] as number
}

/**
 * The nodes of a tree at the places of a full one: place 1 is the root, 2i and 2i + 1 are the children of i. A leaf above
 * the last level stands in all places below it.
 */
function fillFullTree({ feature, left }: TreeModel, root: number, places: Int32Array, end: number): void {
  places[1] = root
  for (let i = 1; 2 * i < end; i++) {
    const node = places[i] as number
    const leaf = (feature[node] as number) < 0
    places[2 * i] = leaf ? node : (left[node] as number)
    places[2 * i + 1] = leaf ? node : (left[node] as number) + 1
  }
}

const TREE_WORDS = Object.keys(WALKED_TREE).length
const NODE_WORDS = Object.keys(WALKED_NODE).length

function writeWalked({ arena, model, idOf }: TreeWriter, tree: number, depth: number): void {
  const start = model.treeStart[tree] as number
  const count = (model.treeStart[tree + 1] as number) - start
  const bytes = 4 * NODE_WORDS * count
  const at = arena.reserve(4 * TREE_WORDS + bytes, 1) >> 2
  arena.u32[at + WALKED_TREE.levels] = depth
  arena.u32[at + WALKED_TREE.leaves] = tree * BLOCK_ROWS * 4
  arena.u32[at + WALKED_TREE.bytes] = bytes
  for (let i = 0; i < count; i++) {
    const leaf = (model.feature[start + i] as number) < 0
    const node = at + TREE_WORDS + NODE_WORDS * i
    arena.u32[node + WALKED_NODE.question] = leaf ? 0 : idOf(start + i)
    arena.u32[node + WALKED_NODE.left] = 4 * NODE_WORDS * (leaf ? i : (model.left[start + i] as number) - start)
    arena.f32[node + WALKED_NODE.value] = model.value[start + i] as number
  }
}
