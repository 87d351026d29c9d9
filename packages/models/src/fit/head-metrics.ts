import { type MetricKey, METRICS } from '@breakwater/calibration'

/** Metrics of one head on one set of rows by key; null where one does not exist (one class, no rows). */
export type HeadMetrics = Readonly<Record<string, number | null>>

/** What a training records of each head. */
const RECORDED: Readonly<Record<'binary' | 'regression', readonly MetricKey[]>> = {
  binary: ['brier', 'log_loss', 'auc'],
  regression: ['mae', 'correlation'],
}

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
  const scores = RECORDED[task].map((key) => [key, METRICS[key].estimate({ forecasts: p, targets: y })] as const)
  return { rows: p.length, ...Object.fromEntries(scores) }
}
