import type { TreeModel } from '@breakwater/trees'
import { uniformSource } from './seeded.ts'

/** What random trees are made of. */
export interface RandomTreeShape {
  readonly columns: number
  readonly trees: number
  /** Branches of the deepest way. */
  readonly depth: number
  /** Probability that a node above that depth is a branch. */
  readonly branching: number
  /** Drawn from for numeric questions. */
  readonly thresholds: ArrayLike<number>
  /** Share of the branches that ask for a category. */
  readonly categorical?: number
}

/** A sound model with random shape, questions, directions of missing values and leaves. */
export function randomTrees(shape: RandomTreeShape, seed: number): TreeModel {
  const next = uniformSource(seed)
  const whole = (below: number): number => Math.floor(below * next())
  const nodes: { feature: number; threshold: number; left: number; missing: number; set: number; value: number }[] = []
  const words: number[] = []
  const setOf = (): number => {
    const at = words.length
    const count = 1 + whole(3)
    words.push(count, ...Array.from({ length: count }, () => whole(2 ** 32)))
    return at
  }
  const addNode = (): number =>
    nodes.push({ feature: -1, threshold: 0, left: 0, missing: 0, set: -1, value: Math.fround(next() - 0.5) }) - 1
  const grow = (node: number, depth: number): void => {
    const entry = nodes[node]
    if (entry === undefined || depth >= shape.depth || next() >= shape.branching) return
    entry.feature = whole(shape.columns)
    entry.threshold = shape.thresholds[whole(shape.thresholds.length)] ?? 0
    entry.missing = whole(2)
    entry.set = next() < (shape.categorical ?? 0) ? setOf() : -1
    entry.value = 0
    entry.left = addNode()
    addNode()
    grow(entry.left, depth + 1)
    grow(entry.left + 1, depth + 1)
  }
  const treeStart = [0]
  for (let t = 0; t < shape.trees; t++) {
    grow(addNode(), 0)
    treeStart.push(nodes.length)
  }
  return {
    objective: 'squared',
    columns: Array.from({ length: shape.columns }, (_, c) => `c${c}`),
    baseScore: next() - 0.5,
    treeStart: Int32Array.from(treeStart),
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    missingLeft: Uint8Array.from(nodes, ({ missing }) => missing),
    categorySet: Int32Array.from(nodes, ({ set }) => set),
    categoryBits: Uint32Array.from(words),
    value: Float32Array.from(nodes, ({ value }) => value),
    gain: new Float32Array(nodes.length),
    cover: new Float32Array(nodes.length),
  }
}
