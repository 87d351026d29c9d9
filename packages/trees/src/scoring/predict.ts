import { checkMatrix, stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { inCategorySet, linkOf, treeCount } from '../model/model.ts'
import type { Objective, TreeModel } from '../model/model.ts'
import { MANY_ROWS, scoreMatrix } from './scorer.ts'

/** 1 / (1 + e^-s): the probability that a raw logistic score stands for. */
export function sigmoid(s: number): number {
  return 1 / (1 + Math.exp(-s))
}

/**
 * Raw score of every row: base score plus the leaves, summed in tree order in 64 bits. Writes to `out` (rows long,
 * made if not given) and returns it. The matrix must have the model's columns in the model's order; either layout.
 * NaN is a missing value and follows each node's learned direction. Cost: O(rows x trees x depth).
 */
export function predictRaw(model: TreeModel, matrix: Matrix, out?: Float64Array): Float64Array {
  return predictHeads([model], matrix, out)
}

/** What a raw score of this objective predicts: see `Objective` for its meaning. */
export function predictionOf(objective: Objective, score: number): number {
  const link = linkOf(objective)
  if (link === 'sigmoid') return sigmoid(score)
  return link === 'exp' ? Math.exp(score) : score
}

/** {@link predictRaw} turned into predictions by the objective's link, such as probabilities of label 1 for logistic. */
export function predict(model: TreeModel, matrix: Matrix, out?: Float64Array): Float64Array {
  const scores = predictRaw(model, matrix, out)
  if (linkOf(model.objective) === 'identity') return scores
  for (let r = 0; r < scores.length; r++) scores[r] = predictionOf(model.objective, scores[r] as number)
  return scores
}

/**
 * Raw scores of several heads on the same rows in one pass: `out[m * rows + r]` for model m, the same bits for any number of
 * rows. From 1,000 rows on the models are packed first, as `createScorer` packs them; below, a tree at a time is walked for
 * all rows.
 */
export function predictHeads(models: readonly TreeModel[], matrix: Matrix, out?: Float64Array): Float64Array {
  checkMatrix(matrix)
  const size = models.length * matrix.rows
  if (out && out.length !== size) {
    throw new RangeError(`trees: out.length=${out.length}: must be models x rows = ${models.length} x ${matrix.rows}`)
  }
  for (const model of models) checkColumns(model, matrix.columns)
  const scores = out ?? new Float64Array(size)
  if (matrix.rows >= MANY_ROWS && models.length > 0) scoreMatrix(models, matrix, scores)
  else walkTrees(models, matrix, scores)
  return scores
}

function walkTrees(models: readonly TreeModel[], matrix: Matrix, scores: Float64Array): void {
  for (const [m, model] of models.entries()) {
    addTrees(model, matrix, scores.subarray(m * matrix.rows, (m + 1) * matrix.rows))
  }
}

/**
 * Raw score of one row whose values lie at `row[offset]`, `row[offset + 1]`, ... in the model's column order. Allocates
 * nothing and checks nothing but the length: the live path.
 */
export function predictRowRaw(model: TreeModel, row: Float32Array, offset = 0): number {
  if (offset < 0 || offset + model.columns.length > row.length) {
    throw new RangeError(
      `trees: row.length=${row.length}: must have ${model.columns.length} columns from offset ${offset} on`,
    )
  }
  let score = model.baseScore
  const trees = treeCount(model)
  for (let t = 0; t < trees; t++) {
    score += model.value[leafOf(model, model.treeStart[t] as number, row, offset, 1)] as number
  }
  return score
}

/** {@link predictRowRaw} turned into a prediction by the objective's link. */
export function predictRow(model: TreeModel, row: Float32Array, offset = 0): number {
  return predictionOf(model.objective, predictRowRaw(model, row, offset))
}

/** Throws where a matrix does not have the model's columns in the model's order, naming the first difference. */
export function checkColumns(model: TreeModel, columns: readonly string[]): void {
  const count = Math.max(model.columns.length, columns.length)
  for (let c = 0; c < count; c++) {
    if (model.columns[c] !== columns[c]) {
      throw new RangeError(
        `trees: matrix.columns[${c}]=${JSON.stringify(columns[c])}: the model was trained with ` +
          `${JSON.stringify(model.columns[c])} here. Build the matrix with the bundle's encoder`,
      )
    }
  }
}

function addTrees(model: TreeModel, matrix: Matrix, scores: Float64Array): void {
  const { row, column } = stridesOf(matrix)
  const { values } = matrix
  scores.fill(model.baseScore)
  const trees = treeCount(model)
  for (let t = 0; t < trees; t++) {
    const root = model.treeStart[t] as number
    for (let r = 0, at = 0; r < scores.length; r++, at += row) {
      scores[r] = (scores[r] as number) + (model.value[leafOf(model, root, values, at, column)] as number)
    }
  }
}

/** The leaf that a row reaches from `root`; its column c is `values[at + c * stride]`. */
export function leafOf(model: TreeModel, root: number, values: Float32Array, at: number, stride: number): number {
  const { feature, threshold, left, missingLeft, categorySet, categoryBits } = model
  let node = root
  for (let c = feature[node] as number; c >= 0; c = feature[node] as number) {
    const x = values[at + c * stride] as number
    const set = categorySet[node] as number
    const chosen = set < 0 ? x < (threshold[node] as number) : inCategorySet(categoryBits, set, x)
    const goesLeft = chosen || (x !== x && missingLeft[node] === 1)
    node = (left[node] as number) + (goesLeft ? 0 : 1)
  }
  return node
}
