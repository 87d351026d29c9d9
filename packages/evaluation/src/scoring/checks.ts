import {
  calibrationNullBand,
  type CalibrationTest,
  debiasedCalibrationError,
  ECE_BINS,
  eceStatistic,
  reliabilityCurve,
  smoothEceStatistic,
  spiegelhalterTest,
} from '@breakwater/calibration'
import type { Band, Figure } from '../documents/figures.ts'
import type { Forecasts } from '../forecasts.ts'
import { type Draws, overlapUnder } from './chance.ts'

/** Tests of whether probabilities are calibrated, beside their calibration errors. */
export interface CalibrationChecks {
  readonly debiased_ece: Figure
  /** The ECE, and the smooth ECE, that calibrated forecasts of the same rows would show, overlapping as they do. */
  readonly null_ece: Band
  readonly null_smooth_ece: Band
  /** Spiegelhalter's test with sums by session. */
  readonly spiegelhalter: CalibrationTest
}

/** Tests the calibration of the probabilities `p` of forecasts. O(samples x rows). */
export function checkCalibration(forecasts: Forecasts, p: Float64Array, draws: Draws): CalibrationChecks {
  const { targets, sessions } = forecasts
  const overlapping = { ...draws, overlap: overlapUnder(forecasts, p) }
  return {
    debiased_ece: debiasedCalibrationError(reliabilityCurve(p, targets, { bins: ECE_BINS })),
    null_ece: calibrationNullBand(p, eceStatistic({ bins: ECE_BINS }), overlapping),
    null_smooth_ece: calibrationNullBand(p, smoothEceStatistic(), overlapping),
    spiegelhalter: spiegelhalterTest(p, targets, sessions),
  }
}
