import type { Matrix } from '../model/matrix.ts'
import type { TreeModel } from '../model/model.ts'
import { predictHeads } from '../scoring/predict.ts'
import type { Head } from './heads.ts'

/** One head a quantile, named `${head.name}_q${quantile}`, for `trainHeads`. Throws where quantiles do not ascend. */
export function quantileHeads(head: Omit<Head, 'objective' | 'quantile'>, quantiles: readonly number[]): Head[] {
  for (const [i, quantile] of quantiles.entries()) {
    const before = quantiles[i - 1] ?? 0
    if (!(quantile > before && quantile < 1)) {
      throw new RangeError(
        `trees: quantiles[${i}]=${quantile}: must be above ${before} and below 1. List quantiles in ascending order`,
      )
    }
  }
  return quantiles.map((quantile) => ({ ...head, name: `${head.name}_q${quantile}`, objective: 'quantile', quantile }))
}

/**
 * Predictions of several quantiles that never cross: each row's predictions are put in ascending order, which brings no
 * quantile further from the truth (the monotone rearrangement of Chernozhukov, Fernandez-Val and Galichon 2010). `models` are
 * in ascending order of their quantile; `out[m * rows + r]` is the m-th. Cost: prediction, and sorting each row.
 */
export function predictQuantiles(models: readonly TreeModel[], matrix: Matrix, out?: Float64Array): Float64Array {
  const predictions = predictHeads(models, matrix, out)
  const row = new Float64Array(models.length)
  for (let r = 0; r < matrix.rows; r++) {
    for (let m = 0; m < row.length; m++) row[m] = predictions[m * matrix.rows + r] as number
    row.sort()
    for (let m = 0; m < row.length; m++) predictions[m * matrix.rows + r] = row[m] as number
  }
  return predictions
}
