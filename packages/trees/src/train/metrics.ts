import type { Objective } from '../model/model.ts'
import { predictionOf } from '../scoring/predict.ts'
import { meanLoss } from './objectives.ts'
import type { LossFunction, Samples } from './objectives.ts'

/**
 * A figure of merit on validation rows, weighted: 'loss' is the mean of the objective's own loss, 'auc' the area under the
 * ROC curve (of label 1 against all others), 'brier' the mean squared error of probabilities, 'error' the share on the wrong side of 0.5, 'mae' and 'rmse'
 * the mean absolute and root mean squared error of predictions.
 */
export type Metric = 'loss' | 'auc' | 'brier' | 'error' | 'mae' | 'rmse'

/** All metrics. */
export const METRICS: readonly Metric[] = ['loss', 'auc', 'brier', 'error', 'mae', 'rmse']

/** Whether more is better. */
export const isScore = (metric: Metric): boolean => metric === 'auc'

/** The metric over the rows at these raw scores. NaN for no rows, or where only one class is there for 'auc'. */
export function metricOf(
  metric: Metric,
  samples: Samples,
  scores: Float64Array,
  objective: Objective,
  loss: LossFunction,
): number {
  const mean = (f: (prediction: number, label: number) => number): number =>
    meanLoss(samples, scores, { loss: (s, y) => f(predictionOf(objective, s), y) })
  const values: Readonly<Record<Metric, () => number>> = {
    loss: () => meanLoss(samples, scores, loss),
    auc: () => auc(samples, scores),
    brier: () => mean((p, y) => (p - y) ** 2),
    error: () => mean((p, y) => Number(p > 0.5 !== y > 0.5)),
    mae: () => mean((p, y) => Math.abs(p - y)),
    rmse: () => Math.sqrt(mean((p, y) => (p - y) ** 2)),
  }
  return values[metric]()
}

/** Weighted: the chance that a one scores above a zero, ties counting half. */
function auc({ rows, labels, weights }: Samples, scores: Float64Array): number {
  const sorted = rows.toSorted((a, b) => (scores[a] as number) - (scores[b] as number))
  let below = 0
  let ones = 0
  let wins = 0
  for (let from = 0; from < sorted.length;) {
    let to = from
    let tiedOnes = 0
    let tiedZeros = 0
    for (; to < sorted.length && scores[sorted[to] as number] === scores[sorted[from] as number]; to++) {
      const row = sorted[to] as number
      const w = weights?.[row] ?? 1
      if (labels[row] === 1) tiedOnes += w
      else tiedZeros += w
    }
    wins += tiedOnes * (below + tiedZeros / 2)
    below += tiedZeros
    ones += tiedOnes
    from = to
  }
  return wins / (ones * below)
}
