import type { Calibrator, CalibratorFit } from './calibrator.ts'
import { checkForecasts, type Values } from './check.ts'

/** Rows that a calibrator may be fitted on, by rising prediction and outcome: fits do not depend on the order given. */
export interface FitRows {
  readonly predictions: Float64Array
  readonly outcomes: Float64Array
  readonly positives: number
}

/**
 * Rows sorted by prediction, or the reason why they determine no calibrator: only one class is present, or all
 * predictions are equal. Throws on bad or no rows.
 */
export function fitRows(predictions: Values, outcomes: Values): FitRows | string {
  checkForecasts(predictions, outcomes)
  return rowsInOrder(fitOrder(predictions, outcomes), predictions, outcomes)
}

/** The fit of rows that determine one; else none, with the reason. */
export const fitOf = <C extends Calibrator>(
  rows: FitRows | string,
  fit: (rows: FitRows) => CalibratorFit<C>,
): CalibratorFit<C> => (typeof rows === 'string' ? { calibrator: null, reason: rows } : fit(rows))

/** Rows by rising prediction and outcome. O(rows log rows). */
export function fitOrder(predictions: Values, outcomes: Values): Uint32Array {
  const byPrediction = (a: number, b: number): number =>
    (predictions[a] as number) - (predictions[b] as number) || (outcomes[a] as number) - (outcomes[b] as number)
  return Uint32Array.from({ length: predictions.length }, (_, row) => row).toSorted(byPrediction)
}

/** {@link fitRows} of the rows in `order`, which is that of {@link fitOrder} or some of it. O(rows). */
export function rowsInOrder(order: Uint32Array, predictions: Values, outcomes: Values): FitRows | string {
  const sorted = Float64Array.from(order, (row) => predictions[row] as number)
  const labels = Float64Array.from(order, (row) => outcomes[row] as number)
  const positives = labels.reduce((sum, label) => sum + label, 0)
  if (positives === 0 || positives === labels.length) return 'only one class is present'
  if (sorted[0] === sorted.at(-1)) return `all predictions are ${sorted[0]}: there is nothing to map`
  return { predictions: sorted, outcomes: labels, positives }
}

/** Whether every negative is forecast no higher than every positive: a curve could then be as steep as it likes. */
export function separated({ predictions, outcomes }: FitRows): boolean {
  let firstPositive = Number.POSITIVE_INFINITY
  let lastNegative = Number.NEGATIVE_INFINITY
  for (let row = 0; row < outcomes.length; row++) {
    const p = predictions[row] as number
    if (outcomes[row] === 1) firstPositive = Math.min(firstPositive, p)
    else lastNegative = Math.max(lastNegative, p)
  }
  return lastNegative <= firstPositive
}
