import { inCategorySet, predictRowRaw } from '@breakwater/trees'
import type { Matrix, TreeModel } from '@breakwater/trees'

/** What a coalition of columns is worth. */
export type Worth = (coalition: ReadonlySet<number>) => number

/**
 * Shapley's definition: player i gets the sum over coalitions S without i of |S|! (n - 1 - |S|)! / n! times
 * worth(S with i) - worth(S). Tries all 2^n coalitions.
 */
export function naiveShapley(players: number, worth: Worth): number[] {
  const subsets = Array.from(
    { length: 2 ** players },
    (_, bits) => new Set(Array.from({ length: players }, (_player, i) => i).filter((i) => (bits >> i) & 1)),
  )
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  const worths = subsets.map((subset) => worth(subset))
  return Array.from({ length: players }, (_, i) => {
    let value = 0
    for (const [bits, subset] of subsets.entries()) {
      if (subset.has(i)) continue
      const weight = (factorial(subset.size) * factorial(players - 1 - subset.size)) / factorial(players)
      value += weight * ((worths[bits | (1 << i)] ?? Number.NaN) - (worths[bits] ?? Number.NaN))
    }
    return value
  })
}

/**
 * Path-dependent worth: what the trees expect when only the coalition's columns are known. At a question about another
 * column both children are followed, weighted by their covers; where both covers are 0, half and half.
 */
export function coverWorth(model: TreeModel, row: Float32Array): Worth {
  const expect = (node: number, coalition: ReadonlySet<number>): number => {
    const column = model.feature[node] ?? -1
    if (column < 0) return model.value[node] ?? Number.NaN
    const left = model.left[node] ?? -1
    if (coalition.has(column)) return expect(goesLeft(model, node, row[column] ?? 0) ? left : left + 1, coalition)
    const [a = 0, b = 0] = model.cover.slice(left, left + 2)
    const share = a + b === 0 ? 0.5 : a / (a + b)
    return share * expect(left, coalition) + (1 - share) * expect(left + 1, coalition)
  }
  return (coalition) =>
    model.treeStart.slice(0, -1).reduce((sum, root) => sum + expect(root, coalition), model.baseScore)
}

/** Interventional worth: the mean score of the background rows when they take the coalition's columns from the row. */
export function backgroundWorth(model: TreeModel, row: Float32Array, background: Matrix): Worth {
  return (coalition) => {
    let sum = 0
    for (let b = 0; b < background.rows; b++) {
      const mixed = model.columns.map((_, c) => (coalition.has(c) ? row : rowOf(background, b))[c] ?? Number.NaN)
      sum += predictRowRaw(model, Float32Array.from(mixed))
    }
    return sum / background.rows
  }
}

/** Row r of a matrix, by column. */
export function rowOf({ values, columns, rows, layout }: Matrix, r: number): Float32Array {
  const at = (c: number): number => (layout === 'rows' ? r * columns.length + c : c * rows + r)
  return Float32Array.from(columns, (_, c) => values[at(c)] ?? Number.NaN)
}

function goesLeft(model: TreeModel, node: number, x: number): boolean {
  if (Number.isNaN(x)) return model.missingLeft[node] === 1
  const set = model.categorySet[node] ?? -1
  return set < 0 ? x < (model.threshold[node] ?? Number.NaN) : inCategorySet(model.categoryBits, set, x)
}
