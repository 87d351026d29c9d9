import type { Matrix } from '@breakwater/features'
import { type DriftValues, tiltOfRow } from '@breakwater/passage'
import { type CustomObjective, treeCount, type TreeModel } from '@breakwater/trees'
import type { EnsembleRows } from './correction.ts'

/** What {@link fitTilt} reads. */
export interface TiltRequest extends EnsembleRows {
  readonly matrix: Matrix
  /** Of the law under the corrected forecast. */
  readonly values: DriftValues
  /** `[row * questions + h]`, -1 where masked. */
  readonly labels: Int8Array
}

const OPTIONS = {
  rounds: 300,
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

/** Least curvature of a row, as a share of the mean: far from every barrier a row carries little information, and a step must stay bounded. */
const LEAST_CURVATURE = 0.05
const LEAST_SHARE = 0.02

/**
 * One ensemble that tilts the law's drift by the composite log loss: its gradient and Fisher curvature are the custom
 * objective. A raw score over `scale` is the tilt; the scale makes the mean curvature of training rows 1, so that the limits on leaves
 * mean what they mean elsewhere. The model is null where drift changes nothing, rows are too few, or validation keeps no tree.
 */
export async function fitTilt(
  request: TiltRequest,
): Promise<{ readonly model: TreeModel | null; readonly scale: number }> {
  const { matrix, train, validation, rowWeights, trainer, seed, signal, rounds = OPTIONS.rounds } = request
  const curvature = meanCurvature(request)
  if (!(curvature > 0) || rounds === 0) return { model: null, scale: 1 }
  const scale = Math.sqrt(curvature)
  const head = {
    name: 'tilt',
    objective: 'custom' as const,
    custom: tiltLoss(request, scale),
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

/** Weight of each question: one over its share of unmasked training rows and the number of questions. */
function questionWeights({ values, labels, train }: TiltRequest): Float64Array {
  const { questions } = values
  const asked = new Float64Array(questions)
  let rows = 0
  for (let row = 0; row < train.length; row++) {
    if (train[row] === 0) continue
    rows++
    for (let h = 0; h < questions; h++) {
      if (labels[row * questions + h] !== -1) asked[h] = (asked[h] as number) + 1
    }
  }
  return asked.map((count) => 1 / (Math.max(LEAST_SHARE, count / rows) * questions))
}

function rowTilts(request: TiltRequest): ReturnType<typeof tiltOfRow> {
  return tiltOfRow(request.values, { labels: request.labels, questionWeights: questionWeights(request) })
}

/** Weighted mean curvature of training rows without a tilt. */
function meanCurvature(request: TiltRequest): number {
  const at = rowTilts(request)
  let [sum, weights] = [0, 0]
  for (const [row, bit] of request.train.entries()) {
    if (bit === 0) continue
    const weight = request.rowWeights[row] as number
    sum += weight * at(row, 0).curvature
    weights += weight
  }
  return sum / weights
}

function tiltLoss(request: TiltRequest, scale: number): CustomObjective {
  const at = rowTilts(request)
  const { validation } = request
  return {
    derivatives: (chosen, scores, gradients, hessians) => {
      for (const row of chosen) {
        const { gradient, curvature } = at(row, (scores[row] as number) / scale, false)
        gradients[row] = gradient / scale
        hessians[row] = Math.max(LEAST_CURVATURE, curvature / (scale * scale))
      }
    },
    // Nothing reads the curve of the training rows, which would cost as much as their derivatives.
    loss: (score, row) => (validation[row] === 0 ? 0 : at(row, score / scale).loss),
  }
}
