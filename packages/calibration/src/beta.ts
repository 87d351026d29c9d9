import type { BetaCalibrator, CalibratorFit } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, fitRows, type FitRows, separated } from './fit-rows.ts'
import { fitLogistic } from './logistic.ts'
import { clip } from './logit.ts'

/**
 * Beta calibration (Kull, Silva Filho and Flach 2017): p' = sigmoid(a ln p - b ln(1 - p) + c), by maximum likelihood with
 * a, b >= 0; a coefficient that would be negative is set to 0 and the others are fitted again. It holds the identity
 * (a = b = 1, c = 0) and bends each end by itself. No calibrator where one class is present, predictions are constant,
 * or the classes separate (the likelihood then has no maximum). Throws on bad or no rows. O(rows).
 */
export function fitBeta(predictions: Values, outcomes: Values): CalibratorFit<BetaCalibrator> {
  return fitOf(fitRows(predictions, outcomes), betaOf)
}

/** {@link fitBeta} of sorted rows. */
export function betaOf(rows: FitRows): CalibratorFit<BetaCalibrator> {
  if (separated(rows)) return { calibrator: null, reason: 'the predictions separate the classes' }
  const first = fitWith(rows, true, true)
  if (first === null) return { calibrator: null, reason: 'the likelihood has no maximum' }
  const fitted = first.a < 0 ? fitWith(rows, false, true) : first.b < 0 ? fitWith(rows, true, false) : first
  const constant = fitted === null || fitted.a < 0 || fitted.b < 0 ? fitWith(rows, false, false) : fitted
  return constant === null
    ? { calibrator: null, reason: 'the likelihood has no maximum' }
    : { calibrator: { kind: 'beta', ...constant } }
}

function fitWith(
  { predictions, outcomes }: FitRows,
  useA: boolean,
  useB: boolean,
): { readonly a: number; readonly b: number; readonly c: number } | null {
  const columns = [
    ...(useA ? [predictions.map((p) => Math.log(clip(p)))] : []),
    ...(useB ? [predictions.map((p) => -Math.log1p(-clip(p)))] : []),
    new Float64Array(outcomes.length).fill(1),
  ]
  const fitted = fitLogistic(columns, outcomes)
  if (fitted === null) return null
  const a = useA ? (fitted[0] as number) : 0
  const b = useB ? (fitted[Number(useA)] as number) : 0
  return { a, b, c: fitted.at(-1) as number }
}
