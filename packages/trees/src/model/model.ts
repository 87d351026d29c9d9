/**
 * What a model was trained for. The raw score is the log-odds of label 1 (logistic), the logarithm of the mean (poisson),
 * or the prediction itself: the mean (squared), the median (absolute), between the two (huber), a quantile (quantile),
 * or what the caller's own loss makes of it (custom).
 */
export type Objective = 'logistic' | 'squared' | 'absolute' | 'huber' | 'quantile' | 'poisson' | 'custom'

/** How a raw score becomes a prediction: 1 / (1 + e^-s), e^s, or s itself. */
export type Link = 'sigmoid' | 'exp' | 'identity'

/** The link of an objective. */
export function linkOf(objective: Objective): Link {
  if (objective === 'logistic') return 'sigmoid'
  return objective === 'poisson' ? 'exp' : 'identity'
}

/**
 * A boosted ensemble as flat arrays, one entry per node, the trees one after another. Plain data: it can be cloned,
 * sent to a thread, written and compared. Treat it as read-only.
 *
 * Node i with `feature[i] >= 0` tests x < threshold[i] (32-bit), x being that column of the row; a missing x
 * (NaN) goes left iff `missingLeft[i]` is 1. Left is node `left[i]`, right is `left[i] + 1`; children come after their
 * parent. Threshold -Infinity is the question "is x missing?": no number lies below it. A leaf has feature -1.
 *
 * Where `categorySet[i] >= 0` the question is "is category x in the set?" instead: x goes left iff it is an integer of the
 * set, and right otherwise (categories that training never saw, negative numbers and fractions too); NaN as above.
 */
export interface TreeModel {
  readonly objective: Objective
  /** Names of the input columns in order; `feature` indexes them. */
  readonly columns: readonly string[]
  /** The raw score before the first tree: the training rows' log-odds (logistic) or mean (squared). */
  readonly baseScore: number
  /** `trees + 1` offsets: tree t owns nodes `treeStart[t]` (its root) up to `treeStart[t + 1]` (exclusive). */
  readonly treeStart: Int32Array
  readonly feature: Int32Array
  readonly threshold: Float32Array
  readonly left: Int32Array
  readonly missingLeft: Uint8Array
  /** Branch on categories: where its set begins in `categoryBits`. Other nodes: -1. */
  readonly categorySet: Int32Array
  /**
   * Sets of categories, one after another: a set at offset k has `categoryBits[k]` words, which follow it; category c is in
   * it iff bit `c % 32` of its word `c >>> 5` is 1. Empty where the model has no branch on categories.
   */
  readonly categoryBits: Uint32Array
  /** Leaf: what it adds to the raw score, learning rate included. Branch: 0. */
  readonly value: Float32Array
  /** Branch: loss reduction of its split (XGBoost's loss change, twice the drop of the second-order loss). Leaf: 0. */
  readonly gain: Float32Array
  /** Sum of the hessians of its training rows (XGBoost's cover). */
  readonly cover: Float32Array
}

/** Number of trees. */
export function treeCount(model: TreeModel): number {
  return model.treeStart.length - 1
}

/** The model made of its first `trees` trees; arrays are copied. */
export function firstTrees(model: TreeModel, trees: number): TreeModel {
  const nodes = model.treeStart[trees] as number
  return {
    ...model,
    treeStart: model.treeStart.slice(0, trees + 1),
    feature: model.feature.slice(0, nodes),
    threshold: model.threshold.slice(0, nodes),
    left: model.left.slice(0, nodes),
    missingLeft: model.missingLeft.slice(0, nodes),
    categorySet: model.categorySet.slice(0, nodes),
    value: model.value.slice(0, nodes),
    gain: model.gain.slice(0, nodes),
    cover: model.cover.slice(0, nodes),
  }
}

/** Categories have codes from 0 up to this (exclusive): a set takes one bit a code. */
export const MAX_CATEGORIES: number = 2 ** 20

/** Whether category `x` is in the set at offset `set` of `categoryBits`; no number but its integers is, infinity neither. */
export function inCategorySet(categoryBits: Uint32Array, set: number, x: number): boolean {
  // The comparison comes first: the shifts take x modulo 2^32, which would find infinity and 2^32 in the place of 0.
  if (!(x >= 0 && x < 32 * (categoryBits[set] as number)) || x !== Math.trunc(x)) return false
  return (((categoryBits[set + 1 + (x >>> 5)] as number) >>> (x & 31)) & 1) === 1
}

/** The trees of `first` followed by those of `second`, whose base score is not used: both have the same columns. */
export function appendModel(first: TreeModel, second: TreeModel): TreeModel {
  const nodes = first.feature.length
  const trees = treeCount(first)
  const words = first.categoryBits.length
  return {
    ...first,
    treeStart: joined(
      Int32Array,
      first.treeStart.subarray(0, trees),
      second.treeStart.map((start) => start + nodes),
    ),
    feature: joined(Int32Array, first.feature, second.feature),
    threshold: joined(Float32Array, first.threshold, second.threshold),
    left: joined(
      Int32Array,
      first.left,
      second.left.map((node, i) => (isBranch(second, i) ? node + nodes : 0)),
    ),
    missingLeft: joined(Uint8Array, first.missingLeft, second.missingLeft),
    categorySet: joined(
      Int32Array,
      first.categorySet,
      second.categorySet.map((set) => (set < 0 ? set : set + words)),
    ),
    categoryBits: joined(Uint32Array, first.categoryBits, second.categoryBits),
    value: joined(Float32Array, first.value, second.value),
    gain: joined(Float32Array, first.gain, second.gain),
    cover: joined(Float32Array, first.cover, second.cover),
  }
}

function isBranch({ feature }: TreeModel, node: number): boolean {
  return (feature[node] as number) >= 0
}

type Numbers = Int32Array | Float32Array | Uint8Array | Uint32Array

function joined<T extends Numbers>(kind: new (length: number) => T, a: T, b: T): T {
  const out = new kind(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}
