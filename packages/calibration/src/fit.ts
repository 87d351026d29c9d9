import { fitBeta } from './beta.ts'
import type { Calibrator, CalibratorFit } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitCentredIsotonic, fitIsotonic } from './isotonic.ts'
import { fitPlatt } from './platt.ts'
import { fitTemperature } from './temperature.ts'
import { fitVennAbers } from './venn-abers.ts'

/** Kinds of calibrators that are fitted; identity needs no fit. */
export type FittedKind = Exclude<Calibrator['kind'], 'identity'>

/** Every kind that can be fitted, from the stiffest to the most flexible. */
export const FITTED_KINDS: readonly FittedKind[] = [
  'temperature',
  'platt',
  'beta',
  'centred-isotonic',
  'isotonic',
  'venn-abers',
]

const FITS: Readonly<Record<FittedKind, (predictions: Values, outcomes: Values) => CalibratorFit>> = {
  temperature: fitTemperature,
  platt: fitPlatt,
  beta: fitBeta,
  'centred-isotonic': fitCentredIsotonic,
  isotonic: fitIsotonic,
  'venn-abers': fitVennAbers,
}

/** Fits a calibrator by the name of its kind; see the fit of each kind. */
export function fitCalibrator(kind: FittedKind, predictions: Values, outcomes: Values): CalibratorFit {
  if (Object.hasOwn(FITS, kind)) return FITS[kind](predictions, outcomes)
  throw new RangeError(`calibration: kind=${kind}: is unknown. Use one of ${FITTED_KINDS.join(', ')}.`)
}
