import { brierScore, correlation, logLoss, meanAbsoluteError, rocAuc } from '@breakwater/calibration'

/** Scores of one head on one set of rows; null where a score does not exist (one class, no rows). */
export type HeadMetrics = Readonly<Record<string, number | null>>

/**
 * Point scores of `predictions` against `targets` on the rows of `mask`: Brier, log loss and AUC for a binary head, mean
 * absolute error in dollars and correlation for a regression. `rows` counts them; without rows it is the only entry.
 */
export function headMetrics(
  task: 'binary' | 'regression',
  predictions: Float64Array,
  targets: Float32Array,
  mask: Uint8Array,
): HeadMetrics {
  const p: number[] = []
  const y: number[] = []
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue
    p.push(predictions[row] as number)
    y.push(targets[row] as number)
  }
  if (p.length === 0) return { rows: 0 }
  if (task === 'regression') {
    return { rows: p.length, mae: meanAbsoluteError(p, y), correlation: correlation(p, y).value }
  }
  return { rows: p.length, brier: brierScore(p, y), log_loss: logLoss(p, y), auc: rocAuc(p, y).value }
}
