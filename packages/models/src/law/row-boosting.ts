import type { Matrix } from '@breakwater/features'
import { type CustomObjective, treeCount, type TreeModel } from '@breakwater/trees'
import type { EnsembleRows } from './correction.ts'

/** What became of one row under a shift of it. */
export interface RowLoss {
  readonly loss: number
  /** Derivative of the loss by the shift. */
  readonly gradient: number
  /** Fisher curvature: never negative. */
  readonly curvature: number
}

/** What {@link boostRows} reads. */
export interface BoostingRequest extends EnsembleRows {
  readonly name: string
  readonly matrix: Matrix
  /** The loss of a row under a shift; without `withLoss` its gradient and curvature alone are read. */
  readonly at: (row: number, shift: number, withLoss: boolean) => RowLoss
}

/** Trees of a raw score that is the shift times `scale`. */
export interface Boosted {
  /** null where the shift changes nothing, there are too few rows, or validation keeps no tree. */
  readonly model: TreeModel | null
  readonly scale: number
}

const OPTIONS = {
  learningRate: 0.1,
  maxDepth: 3,
  minChildWeight: 100,
  l2: 5,
  rowSampling: 0.7,
  columnSampling: 0.5,
  maxBins: 127,
  earlyStoppingRounds: 16,
  minImprovement: 1e-6,
} as const

/** Least curvature of a row, as a share of the mean: where it carries little information a step must stay bounded. */
const LEAST_CURVATURE = 0.05

/**
 * One ensemble that shifts each row by its own loss: gradient and Fisher curvature are the custom objective. The scale makes the mean
 * curvature of training rows 1, so that the limits on leaves mean what they mean elsewhere.
 */
export async function boostRows(request: BoostingRequest & { readonly rounds: number }): Promise<Boosted> {
  const { name, matrix, train, validation, rowWeights, trainer, seed, signal, rounds } = request
  const curvature = meanCurvature(request)
  if (!(curvature > 0) || rounds === 0) return { model: null, scale: 1 }
  const scale = Math.sqrt(curvature)
  const head = {
    name,
    objective: 'custom' as const,
    custom: objectiveOf(request, scale),
    // The loss of a row is found by its place.
    labels: Float32Array.from({ length: matrix.rows }, (_, row) => row),
    train,
    validation,
    weights: rowWeights,
  }
  const [result] = await trainer(matrix, [head], {
    ...OPTIONS,
    rounds,
    seed,
    ...(signal === undefined ? {} : { signal }),
  })
  const isKept = result?.status === 'trained' && treeCount(result.model) > 0
  return { model: isKept ? result.model : null, scale }
}

/** Weighted mean curvature of training rows without a shift; NaN without rows. */
function meanCurvature({ train, rowWeights, at }: BoostingRequest): number {
  let [sum, weights] = [0, 0]
  for (const [row, bit] of train.entries()) {
    if (bit === 0) continue
    const weight = rowWeights[row] as number
    sum += weight * at(row, 0, false).curvature
    weights += weight
  }
  return sum / weights
}

function objectiveOf({ at, validation }: BoostingRequest, scale: number): CustomObjective {
  return {
    derivatives: (chosen, scores, gradients, hessians) => {
      for (const row of chosen) {
        const { gradient, curvature } = at(row, (scores[row] as number) / scale, false)
        gradients[row] = gradient / scale
        hessians[row] = Math.max(LEAST_CURVATURE, curvature / (scale * scale))
      }
    },
    // Nothing reads the curve of the training rows, which would cost as much as their derivatives.
    loss: (score, row) => (validation[row] === 0 ? 0 : at(row, score / scale, true).loss),
  }
}
