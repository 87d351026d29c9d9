import type { Matrix } from '@breakwater/features'
import { type DriftValues, tiltOfRow } from '@breakwater/passage'
import type { EnsembleRows } from './correction.ts'
import { type Boosted, boostRows } from './row-boosting.ts'

/** What {@link fitTilt} reads. */
export interface TiltRequest extends EnsembleRows {
  readonly matrix: Matrix
  /** Of the law under the corrected forecast. */
  readonly values: DriftValues
  /** `[row * questions + h]`, -1 where masked. */
  readonly labels: Int8Array
}

const ROUNDS = 300
const LEAST_SHARE = 0.02

/**
 * One ensemble that tilts the law's drift by the composite log loss: its gradient and Fisher curvature are the custom
 * objective. A raw score over `scale` is the tilt; the scale makes the mean curvature of training rows 1, so that the limits on leaves
 * mean what they mean elsewhere. The model is null where drift changes nothing, rows are too few, or validation keeps no tree.
 */
export function fitTilt({ values, labels, rounds = ROUNDS, ...rows }: TiltRequest): Promise<Boosted> {
  const questionWeights = questionWeightsOf({ values, labels, train: rows.train })
  return boostRows({ ...rows, name: 'tilt', rounds, at: tiltOfRow(values, { labels, questionWeights }) })
}

/** Weight of each question: one over its share of unmasked training rows and the number of questions. */
function questionWeightsOf({ values, labels, train }: Pick<TiltRequest, 'values' | 'labels' | 'train'>): Float64Array {
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
