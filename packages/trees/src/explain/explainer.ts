import { checkMatrix, stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import type { TreeModel } from '../model/model.ts'
import { checkColumns, predictRaw } from '../scoring/predict.ts'
import { backgroundGame, backgroundMasks } from './background-game.ts'
import { contributionSums } from './contribution-sums.ts'
import type { AddContributions } from './contribution-sums.ts'
import { coverGame, coverShares, expectedScore } from './cover-game.ts'
import { coverRows } from './cover-rows.ts'
import { leafPaths } from './leaf-paths.ts'

/**
 * Splits raw scores into contributions of columns: exact Shapley values (SHAP) of a tree model. For every row,
 * `baseValue` plus the sum of its contributions is its raw score, to the rounding of 64-bit sums. A column that no tree
 * splits on contributes 0. Units are those of the raw score: log-odds for logistic, whatever link the objective has.
 * An explainer reads the model's arrays at every call and owns its scratch memory: give each thread its own.
 */
export interface Explainer {
  /** Names of the columns, in the order of the contributions. */
  readonly columns: readonly string[]
  /** The raw score that is expected of a row of which nothing is known. */
  readonly baseValue: number
  /**
   * Contributions of every row, `out[r * columns.length + c]`, without the base value. Writes to `out` (rows x columns
   * long, made if not given) and returns it. The matrix must have the model's columns in the model's order; either
   * layout; NaN is missing. A row's numbers do not depend on the other rows, but for rounding.
   */
  contributions(matrix: Matrix, out?: Float64Array): Float64Array
  /**
   * Contributions of the row at `row[offset]`, `row[offset + 1]`, ...: writes `columns.length` numbers to the start of
   * `out` and allocates nothing. The same as {@link Explainer.contributions}, but for rounding.
   */
  rowContributions(row: Float32Array, out: Float64Array, offset?: number): void
}

/**
 * Path-dependent TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
 * trees", algorithm 1): a column outside the coalition follows both children of its splits, weighted by their shares of the
 * training cover. What XGBoost's pred_contribs and shap's tree_path_dependent compute. `baseValue` is the cover-weighted mean
 * of the leaves plus the base score. Throws RangeError where the model carries no covers (see README) or a path splits on
 * more than 32 columns. Cost: O(nodes x depth) here and for each row, and a fraction of it for a row of a batch with more rows
 * than a path's columns have subsets.
 */
export function pathDependentExplainer(model: TreeModel): Explainer {
  const shares = coverShares(model)
  const paths = leafPaths(model)
  const add = contributionSums(model, paths, coverGame(model, paths, shares), coverRows(model, paths, shares))
  return explainerOf(model, add, expectedScore(model, shares))
}

/**
 * Interventional TreeSHAP: a column outside the coalition takes its value from a row of `background`, averaged over all of
 * them; columns are taken apart as if they were independent. What shap's interventional computes. `baseValue` is the mean
 * raw score of the background. The matrix must have the model's columns and at least one row; it is read once and not kept.
 * Throws RangeError otherwise, and where a path splits on more than 32 columns. Cost: O(leaves x background rows) here and
 * 8 bytes for each different combination of answers a leaf (at most one a background row); contributions O(rows x leaves
 * x depth x combinations), less the last factor where there are more rows than subsets of a path's columns.
 */
export function interventionalExplainer(model: TreeModel, background: Matrix): Explainer {
  const scores = predictRaw(model, background)
  if (scores.length === 0) {
    throw new RangeError('trees: background.rows=0: must be at least 1. Pass rows that represent the usual input')
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const paths = leafPaths(model)
  const game = backgroundGame(model, paths, backgroundMasks(model, paths, background))
  return explainerOf(model, contributionSums(model, paths, game), mean)
}

/** Numbers in the masks of one block, which stay in cache. */
const BLOCK_MASKS = 2 ** 19

function explainerOf(model: TreeModel, add: AddContributions, baseValue: number): Explainer {
  const { columns } = model
  const nodes = model.treeStart.reduce((max, end, t) => Math.max(max, end - (model.treeStart[t - 1] ?? end)), 1)
  const masks = new Int32Array(nodes)
  const one = { values: new Float32Array() as Float32Array, at: 0, rows: 1, rowStride: 1, columnStride: 1 }
  return {
    columns,
    baseValue,
    contributions(matrix, out) {
      checkMatrix(matrix)
      checkColumns(model, matrix.columns)
      const size = matrix.rows * columns.length
      if (out && out.length !== size) {
        throw new RangeError(
          `trees: out.length=${out.length}: must be rows x columns = ${matrix.rows} x ${columns.length}`,
        )
      }
      const rows = Math.max(1, Math.min(matrix.rows, Math.floor(BLOCK_MASKS / nodes)))
      return inBlocks(add, matrix, { rows, masks: new Int32Array(nodes * rows) }, out ?? new Float64Array(size))
    },
    rowContributions(row, out, offset = 0) {
      if (offset < 0 || offset + columns.length > row.length) {
        throw new RangeError(
          `trees: row.length=${row.length}: must have ${columns.length} columns from offset ${offset} on`,
        )
      }
      if (out.length < columns.length) {
        throw new RangeError(`trees: out.length=${out.length}: must have ${columns.length} contributions`)
      }
      one.values = row
      one.at = offset
      out.fill(0, 0, columns.length)
      add(one, masks, out)
    },
  }
}

/** Explains `rows` rows at a time; within a block sums are by column, since a leaf adds to few columns of all rows. */
function inBlocks(
  add: AddContributions,
  matrix: Matrix,
  { rows, masks }: { readonly rows: number; readonly masks: Int32Array },
  out: Float64Array,
): Float64Array {
  const { row: rowStride, column: columnStride } = stridesOf(matrix)
  const width = matrix.columns.length
  const byColumn = new Float64Array(rows * width)
  for (let first = 0; first < matrix.rows; first += rows) {
    const count = Math.min(rows, matrix.rows - first)
    byColumn.fill(0)
    add({ values: matrix.values, at: first * rowStride, rows: count, rowStride, columnStride }, masks, byColumn)
    for (let c = 0; c < width; c++) {
      for (let r = 0; r < count; r++) out[(first + r) * width + c] = byColumn[c * count + r] as number
    }
  }
  return out
}
