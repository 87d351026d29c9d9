import type { CalibratorFit, PlattCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, fitRows, type FitRows } from './fit-rows.ts'
import { fitLogistic } from './logistic.ts'
import { logit } from './logit.ts'

/**
 * Platt (1999): a sigmoid of the log odds of the prediction, p' = sigmoid(slope logit(p) + intercept), by maximum
 * likelihood with Platt's targets, (P + 1) / (P + 2) for the P positives and 1 / (N + 2) for the N negatives, so the
 * fit stays finite where the classes separate. A slope below 0 is not taken: the fit is then the smoothed base rate,
 * for a calibrator must not turn the order around. No calibrator where one class is present or predictions are
 * constant. Throws on bad or no rows. O(rows).
 */
export function fitPlatt(predictions: Values, outcomes: Values): CalibratorFit<PlattCalibrator> {
  return fitOf(fitRows(predictions, outcomes), plattOf)
}

/** {@link fitPlatt} of sorted rows. */
export function plattOf(rows: FitRows): CalibratorFit<PlattCalibrator> {
  const targets = smoothedTargets(rows)
  const ones = new Float64Array(targets.length).fill(1)
  const fitted = fitLogistic([rows.predictions.map(logit), ones], targets)
  if (fitted === null) return { calibrator: null, reason: 'the likelihood has no maximum' }
  const [slope, intercept] = fitted as unknown as [number, number]
  if (slope >= 0) return { calibrator: { kind: 'platt', slope, intercept } }
  const rate = targets.reduce((sum, target) => sum + target, 0) / targets.length
  return { calibrator: { kind: 'platt', slope: 0, intercept: logit(rate) } }
}

function smoothedTargets({ outcomes, positives }: FitRows): Float64Array {
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (outcomes.length - positives + 2)
  return outcomes.map((outcome) => (outcome === 1 ? high : low))
}
