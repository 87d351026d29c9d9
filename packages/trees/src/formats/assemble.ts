import { MAX_CATEGORIES } from '../model/model.ts'
import type { Objective, TreeModel } from '../model/model.ts'

/** Words that the sets of one model may take together: 256 MB. */
const MAX_WORDS = 2 ** 26

/**
 * One tree of a foreign file in the numbering of that file; the root is node 0. `yes` is where a row goes whose answer to
 * the node's question (x < threshold, or x in `categories`) is yes, `no` where others go; both are -1 for a leaf.
 */
export interface ForeignTree {
  readonly yes: ArrayLike<number>
  readonly no: ArrayLike<number>
  readonly feature: ArrayLike<number>
  readonly threshold: ArrayLike<number>
  /** 1 where a missing x goes the way of `yes`. */
  readonly missingYes: ArrayLike<number>
  /** Set of each node that splits on categories. */
  readonly categories: ReadonlyMap<number, ArrayLike<number>>
  readonly value: ArrayLike<number>
  readonly gain: ArrayLike<number>
  readonly cover: ArrayLike<number>
}

/** What {@link assembleModel} needs beside the trees. */
export interface ModelHeader {
  readonly objective: Objective
  readonly columns: readonly string[]
  readonly baseScore: number
  /** Name of the file, for errors. */
  readonly source: string
}

/**
 * A model of foreign trees: siblings are laid side by side after their parent, nodes that no row can reach are dropped,
 * sets of categories are written in node order without trailing zero words. Throws naming file, tree and node where a child
 * does not exist or has two parents, a column or category is out of range, or a number is none. Cost: linear, plus a sort.
 */
export function assembleModel(trees: readonly ForeignTree[], header: ModelHeader): TreeModel {
  const orders = trees.map((tree, t) => nodeOrder(tree, `trees: ${header.source}: tree ${t}`))
  const count = orders.reduce((sum, order) => sum + order.length, 0)
  const model = emptyNodes(trees.length, count)
  const sets: number[] = []
  let start = 0
  for (const [t, order] of orders.entries()) {
    fillTree(model, sets, { tree: trees[t] as ForeignTree, order, start, header, t })
    start += order.length
    model.treeStart[t + 1] = start
  }
  const { objective, columns, baseScore } = header
  return { ...model, objective, columns: [...columns], baseScore, categoryBits: Uint32Array.from(sets) }
}

/** Arrays of a model with `nodes` leaves of value 0, for its maker to fill. */
export function emptyNodes(
  trees: number,
  nodes: number,
): Omit<TreeModel, 'objective' | 'columns' | 'baseScore' | 'categoryBits'> {
  return {
    treeStart: new Int32Array(trees + 1),
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes),
    missingLeft: new Uint8Array(nodes),
    categorySet: new Int32Array(nodes).fill(-1),
    value: new Float32Array(nodes),
    gain: new Float32Array(nodes),
    cover: new Float32Array(nodes),
  }
}

/**
 * The file's node numbers in our order: the root, then pairs of children, each after its parent. Pairs keep the file's
 * order where it is such an order already, so that a model that was written from ours comes back as it was.
 */
function nodeOrder({ yes, no }: ForeignTree, place: string): number[] {
  const parent = new Int32Array(yes.length).fill(-1)
  const pairs: { readonly first: number; readonly second: number }[] = []
  const queue = [0]
  let rising = true
  for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
    const [first, second] = [yes[i] as number, no[i] as number]
    if (first === -1 && second === -1) continue
    for (const child of [first, second]) {
      if (!Number.isInteger(child) || child < 1 || child >= yes.length) {
        throw new Error(
          `${place}, node ${i}: child ${child}: must be from 1 to ${yes.length - 1}. Save the model again.`,
        )
      }
      if (parent[child] !== -1) {
        throw new Error(`${place}, node ${child}: has two parents, ${parent[child]} and ${i}. Save the model again.`)
      }
      parent[child] = i
      queue.push(child)
    }
    rising &&= Math.min(first, second) > i
    pairs.push({ first, second })
  }
  const low = (pair: (typeof pairs)[number]): number => Math.min(pair.first, pair.second)
  if (rising) pairs.sort((a, b) => low(a) - low(b))
  return [0, ...pairs.flatMap(({ first, second }) => [first, second])]
}

interface TreePlace {
  readonly tree: ForeignTree
  readonly order: readonly number[]
  /** Where the tree's root stands in the model. */
  readonly start: number
  readonly header: ModelHeader
  readonly t: number
}

function fillTree(
  model: ReturnType<typeof emptyNodes>,
  sets: number[],
  { tree, order, start, header, t }: TreePlace,
): void {
  const placeOf = new Map(order.map((id, i) => [id, start + i]))
  for (const [k, id] of order.entries()) {
    const i = start + k
    const place = `trees: ${header.source}: tree ${t}, node ${id}`
    model.cover[i] = tree.cover[id] as number
    if (tree.yes[id] === -1) {
      model.value[i] = finite(tree.value[id] as number, `${place}: leaf value`)
      continue
    }
    model.feature[i] = columnOf(tree.feature[id] as number, header.columns.length, place)
    model.left[i] = placeOf.get(tree.yes[id] as number) as number
    model.missingLeft[i] = tree.missingYes[id] as number
    model.gain[i] = tree.gain[id] as number
    const categories = tree.categories.get(id)
    if (categories === undefined) model.threshold[i] = thresholdOf(tree.threshold[id] as number, place)
    else model.categorySet[i] = appendSet(sets, categories, place)
  }
}

function columnOf(feature: number, columns: number, place: string): number {
  if (Number.isInteger(feature) && feature >= 0 && feature < columns) return feature
  throw new Error(`${place}: feature ${feature}: must be from 0 to ${columns - 1}. Save the model again.`)
}

function thresholdOf(threshold: number, place: string): number {
  if (!Number.isNaN(threshold)) return threshold
  throw new Error(`${place}: threshold NaN: must be a number. Save the model again.`)
}

function finite(value: number, place: string): number {
  if (Number.isFinite(Math.fround(value))) return value
  throw new Error(`${place} ${value}: must be a finite 32-bit float. Train again.`)
}

/** Appends a set of categories to `sets`, laid out as `categoryBits` is, and returns where it begins. */
export function appendSet(sets: number[], categories: ArrayLike<number>, place: string): number {
  const begin = sets.length
  let words = 0
  for (let k = 0; k < categories.length; k++) {
    const code = categories[k] as number
    if (!Number.isInteger(code) || code < 0 || code >= MAX_CATEGORIES) {
      throw new Error(
        `${place}: category ${code}: must be an integer from 0 to ${MAX_CATEGORIES - 1}. Number the categories from 0 up.`,
      )
    }
    words = Math.max(words, (code >>> 5) + 1)
  }
  if (begin + 1 + words > MAX_WORDS) {
    throw new Error(`${place}: the sets of categories take over ${MAX_WORDS} words. Use fewer categories.`)
  }
  sets.push(words)
  for (let word = 0; word < words; word++) sets.push(0)
  for (let k = 0; k < categories.length; k++) {
    const code = categories[k] as number
    sets[begin + 1 + (code >>> 5)] = ((sets[begin + 1 + (code >>> 5)] as number) | (1 << (code & 31))) >>> 0
  }
  return begin
}

/** The categories of the set at offset `set`, ascending: the other way round. */
export function categoriesOf(categoryBits: Uint32Array, set: number): number[] {
  const categories: number[] = []
  const words = categoryBits[set] as number
  for (let word = 0; word < words; word++) {
    const bits = categoryBits[set + 1 + word] as number
    for (let bit = 0; bit < 32; bit++) if (((bits >>> bit) & 1) === 1) categories.push(word * 32 + bit)
  }
  return categories
}
