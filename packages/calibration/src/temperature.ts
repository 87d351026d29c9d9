import type { CalibratorFit, TemperatureCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, fitRows, type FitRows } from './fit-rows.ts'
import { fitLogistic } from './logistic.ts'
import { logit } from './logit.ts'

/** Temperatures lie in [1 / 100, 100]: beyond, forecasts are 0 and 1, or all one half. */
const WIDEST = 100

/**
 * Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017) of a probability: p' = sigmoid(logit(p) / T), T by maximum
 * likelihood in [0.01, 100]. T above 1 makes forecasts less certain; one half stays one half. The log loss is convex in
 * 1 / T, so a best factor beyond the range gives its end. No calibrator where one class is present or predictions are constant.
 * Throws on bad or no rows. O(rows).
 */
export function fitTemperature(predictions: Values, outcomes: Values): CalibratorFit<TemperatureCalibrator> {
  return fitOf(fitRows(predictions, outcomes), temperatureOf)
}

/** {@link fitTemperature} of sorted rows. */
export function temperatureOf({ predictions, outcomes }: FitRows): CalibratorFit<TemperatureCalibrator> {
  const scores = predictions.map(logit)
  // Without a minimum the loss falls for ever, the way that it falls from 0 on.
  const factor = fitLogistic([scores], outcomes)?.[0] ?? (agrees(scores, outcomes) ? WIDEST : 0)
  return { calibrator: { kind: 'temperature', temperature: 1 / Math.min(WIDEST, Math.max(1 / WIDEST, factor)) } }
}

/** Whether the loss falls as the factor on the log odds rises from 0. */
const agrees = (scores: Float64Array, outcomes: Float64Array): boolean =>
  scores.reduce((sum, score, row) => sum + score * ((outcomes[row] as number) - 0.5), 0) > 0
