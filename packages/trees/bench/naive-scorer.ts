import type { TreeModel } from '@breakwater/trees'

/** A node as an object, the plainest form of a tree in JavaScript. */
interface Branch {
  readonly feature: number
  readonly threshold: number
  readonly missingLeft: boolean
  readonly left: Branch | number
  readonly right: Branch | number
}

/** One head as objects. */
export interface NaiveHead {
  readonly baseScore: number
  readonly trees: readonly (Branch | number)[]
}

/** The same model as objects. */
export function naiveHead(model: TreeModel): NaiveHead {
  const nodeAt = (i: number): Branch | number => {
    const feature = model.feature[i] ?? -1
    if (feature < 0) return model.value[i] ?? 0
    const left = model.left[i] ?? 0
    return {
      feature,
      threshold: model.threshold[i] ?? 0,
      missingLeft: model.missingLeft[i] === 1,
      left: nodeAt(left),
      right: nodeAt(left + 1),
    }
  }
  return { baseScore: model.baseScore, trees: Array.from(model.treeStart.subarray(0, -1), nodeAt) }
}

/** Raw scores of rows (row after row, `columns` values each), one head after another, row by row: `out[h * rows + r]`. */
export function naiveScores(heads: readonly NaiveHead[], values: Float32Array, columns: number): Float64Array {
  const rows = values.length / columns
  const out = new Float64Array(heads.length * rows)
  for (const [h, { baseScore, trees }] of heads.entries()) {
    for (let r = 0; r < rows; r++) {
      let score = baseScore
      for (const tree of trees) score += leafOf(tree, values, r * columns)
      out[h * rows + r] = score
    }
  }
  return out
}

function leafOf(tree: Branch | number, values: Float32Array, at: number): number {
  let node = tree
  while (typeof node !== 'number') {
    const x = values[at + node.feature] ?? Number.NaN
    node = x < node.threshold || (Number.isNaN(x) && node.missingLeft) ? node.left : node.right
  }
  return node
}
