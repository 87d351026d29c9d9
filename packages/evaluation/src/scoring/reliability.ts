import {
  brierDecomposition,
  ECE_BINS,
  expectedCalibrationError,
  maximumCalibrationError,
  reliabilityCurve,
  type ReliabilityOptions as ReliabilityCurveOptions,
  smoothReliabilityCurve,
} from '@breakwater/calibration'
import type { BrierParts, Curve, Sharpness, SmoothCurve } from '../documents/figures.ts'
import type { Forecasts } from '../forecasts.ts'
import { type Draws, overlapUnder } from './chance.ts'

/** How reliability is shown. */
export interface ReliabilityOptions {
  /** Points of the smooth curve, at the middles of as many equal cells of [0, 1]. */
  readonly points: number
}

/** What the probabilities of a column are worth at their word. */
export interface Reliability {
  /** Over {@link ECE_BINS} bins of equal count, and over 20 bins of equal width. */
  readonly curves: { readonly quantile: Curve; readonly width: Curve }
  /** The observed rate near each forecast, with a band from resampled sessions; points where no forecast lies are left out. */
  readonly smooth: SmoothCurve
  readonly sharpness: Sharpness
  readonly brier_parts: BrierParts
}

/** Bins of the curve by width: 0.05 each. */
const WIDTH_BINS = 20
const SHARPNESS_CELLS = 20

/** Describes the probabilities `p` of forecasts. O(rows log rows + samples x (sessions + points) x 128). */
export function describeReliability(
  forecasts: Forecasts,
  p: Float64Array,
  { points }: ReliabilityOptions,
  draws: Draws,
): Reliability {
  const { targets, sessions } = forecasts
  const overlap = overlapUnder(forecasts, p)
  const smooth = smoothReliabilityCurve(p, targets, sessions, { ...draws, points })
  const parts = brierDecomposition(p, targets, { bins: ECE_BINS })
  return {
    curves: {
      quantile: curve(p, targets, { binning: 'quantile', bins: ECE_BINS, overlap }),
      width: curve(p, targets, { binning: 'width', bins: WIDTH_BINS, overlap }),
    },
    smooth: { sigma: smooth.sigma, points: smooth.points.filter(({ observedRate }) => observedRate !== null) },
    sharpness: sharpnessOf(p),
    brier_parts: {
      reliability: parts.reliability,
      resolution: parts.resolution,
      uncertainty: parts.uncertainty,
      within_bin: parts.withinVariance - parts.withinCovariance,
    },
  }
}

type CurveOptions = Required<Pick<ReliabilityCurveOptions, 'binning' | 'bins' | 'overlap'>>

function curve(p: Float64Array, y: Float64Array, options: CurveOptions): Curve {
  const made = reliabilityCurve(p, y, options)
  const { binning } = options
  return { binning, bins: made.bins, ece: expectedCalibrationError(made), mce: maximumCalibrationError(made) }
}

function sharpnessOf(p: Float64Array): Sharpness {
  const counts = Array.from({ length: SHARPNESS_CELLS }, () => 0)
  for (const value of p) {
    const cell = Math.min(SHARPNESS_CELLS - 1, Math.floor(value * SHARPNESS_CELLS))
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  const centre = mean(p)
  return { counts, deviation: Math.sqrt(mean(p.map((value) => (value - centre) ** 2))) }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
