import { betaOf } from './beta.ts'
import type { Calibrator, CalibratorFit } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, type FitRows, fitRows } from './fit-rows.ts'
import { centredIsotonicOf, isotonicOf } from './isotonic.ts'
import { plattOf } from './platt.ts'
import { temperatureOf } from './temperature.ts'
import { vennAbersOf } from './venn-abers.ts'

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

const FITS: Readonly<Record<FittedKind, (rows: FitRows) => CalibratorFit>> = {
  temperature: temperatureOf,
  platt: plattOf,
  beta: betaOf,
  'centred-isotonic': centredIsotonicOf,
  isotonic: isotonicOf,
  'venn-abers': vennAbersOf,
}

/** Fits a calibrator by the name of its kind; see the fit of each kind. */
export function fitCalibrator(kind: FittedKind, predictions: Values, outcomes: Values): CalibratorFit {
  checkKind(kind)
  return calibratorOf(kind, fitRows(predictions, outcomes))
}

/** {@link fitCalibrator} of sorted rows, or of the reason why they determine none. */
export function calibratorOf(kind: FittedKind, rows: FitRows | string): CalibratorFit {
  return fitOf(rows, FITS[kind])
}

/** Throws for a kind that is not fitted. */
export function checkKind(kind: FittedKind): void {
  if (Object.hasOwn(FITS, kind)) return
  throw new RangeError(`calibration: kind=${kind}: is unknown. Use one of ${FITTED_KINDS.join(', ')}.`)
}
