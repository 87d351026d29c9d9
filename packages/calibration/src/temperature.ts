import type { CalibratorFit, TemperatureCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitRows, type FitRows } from './fit-rows.ts'
import { logit, sigmoid } from './logit.ts'

/** Temperatures lie in [1 / 100, 100]: beyond, forecasts are 0 and 1, or all one half. */
const WIDEST = 100
const HALVINGS = 200

/**
 * Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017) of a probability: p' = sigmoid(logit(p) / T), T by maximum
 * likelihood in [0.01, 100]. T above 1 makes forecasts less certain; one half stays one half. The log loss is convex in
 * 1 / T, so its slope is bisected. No calibrator where one class is present or predictions are constant. Throws on bad
 * or no rows. O(rows).
 */
export function fitTemperature(predictions: Values, outcomes: Values): CalibratorFit<TemperatureCalibrator> {
  const rows = fitRows(predictions, outcomes)
  if (typeof rows === 'string') return { calibrator: null, reason: rows }
  const scores = rows.predictions.map(logit)
  let low = 1 / WIDEST
  let high = WIDEST
  for (let i = 0; i < HALVINGS && high - low > Number.EPSILON * high; i++) {
    const middle = (low + high) / 2
    if (slopeAt(middle, scores, rows) < 0) low = middle
    else high = middle
  }
  return { calibrator: { kind: 'temperature', temperature: 2 / (low + high) } }
}

/** Derivative of the summed log loss by the factor on the log odds. */
function slopeAt(factor: number, scores: Float64Array, { outcomes }: FitRows): number {
  let slope = 0
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number
    slope += score * (sigmoid(factor * score) - (outcomes[row] as number))
  }
  return slope
}
