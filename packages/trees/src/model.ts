/** What a model's raw score means: log-odds of label 1, or the label itself. */
export type Objective = 'logistic' | 'squared'

/**
 * A boosted ensemble as flat arrays, one entry a node, the trees one after another. Plain data: it can be cloned,
 * sent to a thread, written and compared. Treat it as read-only.
 *
 * Node i with `feature[i] >= 0` asks whether x < threshold[i] (32-bit), x being that column of the row; a missing x
 * (NaN) goes left iff `missingLeft[i]` is 1. Left is node `left[i]`, right is `left[i] + 1`; children come after their
 * parent. Threshold -Infinity is the question "is x missing?": no number lies below it. A leaf has feature -1.
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
    value: model.value.slice(0, nodes),
    gain: model.gain.slice(0, nodes),
    cover: model.cover.slice(0, nodes),
  }
}
