import { checkMatrix, stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { checkColumns, leafOf, sigmoid } from '../scoring/predict.ts'
import { labelRule, lossFunctionOf } from './objectives.ts'

/** Options of {@link refitLeaves}. */
export interface RefitOptions {
  /** Weights of 0 or more, one per row. Default 1. */
  readonly weights?: Float32Array
  /** Share of the old leaf that is kept, in [0, 1]. Default 0.9. */
  readonly decay?: number
  /** Factor on the new part of every leaf, in (0, 1]: that of the training. Default 0.05. */
  readonly learningRate?: number
  /** Added to the hessian sum, 0 or more. Default 1. */
  readonly l2?: number
  /** That of the training, for a model of objective 'huber'; above 0. Default 1. */
  readonly huberDelta?: number
}

/**
 * The model with its leaves fitted to new data and its questions kept (LightGBM's refit): tree by tree, at the scores of the
 * refitted trees before it, leaf = decay old + (1 - decay) learningRate (-G / (H + l2)) over the rows in it; a leaf without
 * rows keeps its value. Covers become the new hessian sums. Objectives logistic, squared, huber and poisson; the
 * others' leaves are no Newton steps, and are refused. Labels as in training. Throws on bad input. Cost: one prediction.
 */
export function refitLeaves(
  model: TreeModel,
  matrix: Matrix,
  labels: Float32Array,
  options: RefitOptions = {},
): TreeModel {
  const { weights, decay = 0.9, learningRate = 0.05, l2 = 1, huberDelta = 1 } = options
  check(model, matrix, labels, { ...options, decay, learningRate, l2, huberDelta })
  const derivatives = derivativesOf(model, huberDelta)
  const { row, column } = stridesOf(matrix)
  const scores = new Float64Array(matrix.rows).fill(model.baseScore)
  const leaves = new Int32Array(matrix.rows)
  const value = model.value.slice()
  const cover = new Float64Array(value.length)
  const gradient = new Float64Array(value.length)
  for (let t = 0; t < treeCount(model); t++) {
    for (let r = 0; r < matrix.rows; r++) {
      const leaf = leafOf(model, model.treeStart[t] as number, matrix.values, r * row, column)
      const { g, h } = derivatives(scores[r] as number, labels[r] as number)
      const w = weights?.[r] ?? 1
      leaves[r] = leaf
      gradient[leaf] = (gradient[leaf] as number) + w * g
      cover[leaf] = (cover[leaf] as number) + w * h
    }
    for (let node = model.treeStart[t] as number; node < (model.treeStart[t + 1] as number); node++) {
      const h = cover[node] as number
      if (h === 0) continue
      const step = (-learningRate * (gradient[node] as number)) / (h + l2)
      value[node] = decay * (model.value[node] as number) + (1 - decay) * step
    }
    for (let r = 0; r < matrix.rows; r++) scores[r] = (scores[r] as number) + (value[leaves[r] as number] as number)
  }
  return { ...model, value, cover: withBranches(model, cover) }
}

function derivativesOf(
  model: TreeModel,
  huberDelta: number,
): (score: number, label: number) => { g: number; h: number } {
  if (model.objective === 'logistic') {
    return (score, label) => {
      const p = sigmoid(score)
      return { g: p - label, h: p * (1 - p) }
    }
  }
  if (model.objective === 'squared') return (score, label) => ({ g: score - label, h: 1 })
  const loss = lossFunctionOf(model.objective, { quantile: 0.5, huberDelta, custom: undefined })
  const out = { gradient: 0, hessian: 0 }
  return (score, label) => {
    loss.derivatives?.(score, label, out)
    return { g: out.gradient, h: out.hessian }
  }
}

/** Covers of branches from those of leaves: children come after their parent. */
function withBranches({ feature, left }: TreeModel, cover: Float64Array): Float32Array {
  for (let node = cover.length - 1; node >= 0; node--) {
    if ((feature[node] as number) < 0) continue
    const child = left[node] as number
    cover[node] = (cover[child] as number) + (cover[child + 1] as number)
  }
  return Float32Array.from(cover)
}

function check(
  model: TreeModel,
  matrix: Matrix,
  labels: Float32Array,
  options: Required<Omit<RefitOptions, 'weights'>> & RefitOptions,
): void {
  checkMatrix(matrix)
  checkColumns(model, matrix.columns)
  if (!['logistic', 'squared', 'huber', 'poisson'].includes(model.objective)) {
    throw new RangeError(`trees: model.objective=${model.objective}: cannot be refitted. Train it again`)
  }
  for (const [name, { length }] of Object.entries({ labels, weights: options.weights ?? labels })) {
    if (length !== matrix.rows) {
      throw new RangeError(
        `trees: ${name}.length=${length}: must equal matrix.rows=${matrix.rows}. Use one entry per row`,
      )
    }
  }
  if (matrix.rows === 0) throw new RangeError('trees: matrix.rows=0: must have at least one row')
  const [allowed, rule] = labelRule(model.objective)
  const bad = labels.findIndex((label) => !allowed(label))
  if (bad >= 0) throw new RangeError(`trees: labels[${bad}]: ${labels[bad]} ${rule}. Leave the row out`)
  checkWeights(options.weights)
  const { decay, learningRate, l2, huberDelta } = options
  if (!(decay >= 0 && decay <= 1)) throw new RangeError(`trees: decay=${decay}: must be from 0 to 1`)
  if (!(learningRate > 0 && learningRate <= 1)) {
    throw new RangeError(`trees: learningRate=${learningRate}: must be above 0 and at most 1`)
  }
  if (!(l2 >= 0 && l2 < Infinity)) throw new RangeError(`trees: l2=${l2}: must be a number of 0 or more`)
  if (!(huberDelta > 0 && huberDelta < Infinity)) {
    throw new RangeError(`trees: huberDelta=${huberDelta}: must be a number above 0`)
  }
}

function checkWeights(weights: Float32Array | undefined): void {
  if (weights === undefined) return
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity))
  if (bad >= 0) {
    throw new RangeError(
      `trees: weights[${bad}]: ${weights[bad]} must be a number of 0 or more. Use weight 0 to leave a row out`,
    )
  }
  if (weights.every((weight) => weight === 0)) {
    throw new RangeError('trees: weights: all rows have weight 0. Give at least one row a positive weight')
  }
}
