import type { Objective, TreeModel } from '../../model/model.ts'

const FIRST_SIZE = 1024

/** Nodes of the trees grown so far, in arrays that double when full. Written by growth, read by prediction on bins. */
export interface NodeStore {
  /** Nodes in use. */
  count: number
  treeStart: number[]
  feature: Int32Array
  /** The last bin that goes left; -1 where only missing values do. */
  bin: Int16Array
  threshold: Float32Array
  left: Int32Array
  missingLeft: Uint8Array
  value: Float32Array
  gain: Float32Array
  cover: Float32Array
  /** Of a branch on categories: where its set begins in `categoryBits`, and its table of codes in `tables`; else -1. */
  categorySet: Int32Array
  readonly categoryBits: number[]
  readonly tables: Map<number, Uint8Array>
}

/** A store without trees. */
export function createStore(): NodeStore {
  const size = FIRST_SIZE
  return {
    count: 0,
    treeStart: [0],
    feature: new Int32Array(size),
    bin: new Int16Array(size),
    threshold: new Float32Array(size),
    left: new Int32Array(size),
    missingLeft: new Uint8Array(size),
    value: new Float32Array(size),
    gain: new Float32Array(size),
    cover: new Float32Array(size),
    categorySet: new Int32Array(size),
    categoryBits: [],
    tables: new Map(),
  }
}

/** Adds `nodes` leaves of value 0 and returns the index of the first. */
export function addNodes(store: NodeStore, nodes: number): number {
  const first = store.count
  store.count += nodes
  if (store.count > store.feature.length) enlarge(store)
  // A fill of an array costs more than the few entries that it writes.
  for (let node = first; node < store.count; node++) {
    store.feature[node] = -1
    store.categorySet[node] = -1
    store.bin[node] = 0
    store.threshold[node] = 0
    store.left[node] = 0
    store.missingLeft[node] = 0
    store.value[node] = 0
    store.gain[node] = 0
    store.cover[node] = 0
  }
  return first
}

/** Declares the nodes since the last tree to be a tree. */
export function closeTree(store: NodeStore): void {
  store.treeStart.push(store.count)
}

/** Forgets the nodes since the last tree. */
export function dropTree(store: NodeStore): void {
  store.count = store.treeStart.at(-1) ?? 0
}

/** Adds a set of categories (integers of 0 or more, ascending) for a node, and its table by code. */
export function addCategories(store: NodeStore, node: number, categories: readonly number[], table: Uint8Array): void {
  const words = new Uint32Array(((categories.at(-1) ?? 0) >>> 5) + 1)
  for (const category of categories) words[category >>> 5] = (words[category >>> 5] as number) | (1 << (category & 31))
  store.categorySet[node] = store.categoryBits.length
  store.categoryBits.push(words.length, ...words)
  store.tables.set(node, table)
}

/** The first `trees` trees as a model, its arrays copied to size. */
export function toModel(
  store: NodeStore,
  trees: number,
  head: { readonly objective: Objective; readonly columns: readonly string[]; readonly baseScore: number },
): TreeModel {
  const nodes = store.treeStart[trees] ?? 0
  return {
    objective: head.objective,
    columns: head.columns,
    baseScore: head.baseScore,
    treeStart: Int32Array.from(store.treeStart.slice(0, trees + 1)),
    feature: store.feature.slice(0, nodes),
    threshold: store.threshold.slice(0, nodes),
    left: store.left.slice(0, nodes),
    missingLeft: store.missingLeft.slice(0, nodes),
    categorySet: store.categorySet.slice(0, nodes),
    categoryBits: Uint32Array.from(store.categoryBits.slice(0, wordsOf(store, nodes))),
    value: store.value.slice(0, nodes),
    gain: store.gain.slice(0, nodes),
    cover: store.cover.slice(0, nodes),
  }
}

/** Words of `categoryBits` that the sets of the first `nodes` nodes take: sets are written in the order of their nodes. */
function wordsOf({ categorySet, categoryBits }: NodeStore, nodes: number): number {
  let words = 0
  for (let node = 0; node < nodes; node++) {
    const set = categorySet[node] as number
    if (set >= 0) words = Math.max(words, set + 1 + (categoryBits[set] as number))
  }
  return words
}

function enlarge(store: NodeStore): void {
  const size = Math.max(store.count, store.feature.length * 2)
  store.feature = copied(store.feature, new Int32Array(size))
  store.bin = copied(store.bin, new Int16Array(size))
  store.threshold = copied(store.threshold, new Float32Array(size))
  store.left = copied(store.left, new Int32Array(size))
  store.missingLeft = copied(store.missingLeft, new Uint8Array(size))
  store.value = copied(store.value, new Float32Array(size))
  store.gain = copied(store.gain, new Float32Array(size))
  store.cover = copied(store.cover, new Float32Array(size))
  store.categorySet = copied(store.categorySet, new Int32Array(size))
}

function copied<T extends { set(source: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
