import {
  aucBySession,
  brierBySession,
  calibrationNullBand,
  debiasedCalibrationError,
  eceBySession,
  eceStatistic,
  expectedCalibrationError,
  logLossBySession,
  maximumCalibrationError,
  meanValueBySession,
  reliabilityCurve,
  sessionBlockBootstrap,
  smoothEceBySession,
  smoothEceStatistic,
  type SmoothCurveOptions,
  smoothReliabilityCurve,
  spiegelhalterTest,
} from '@breakwater/calibration'
import type { BinaryCalibration } from '../report/calibration.ts'
import type { Score } from '../report/evaluation.ts'
import type { CommonRows } from './common-rows.ts'

/** Resamples of the scores, and of the smooth errors, which cost more. */
export const SAMPLES = 1000
const SMOOTH_SAMPLES = 200
/** Level of every interval and band. */
export const LEVEL = 0.95
/** Bins of the curve that ECE and MCE are of: a tenth of the rows each. */
export const BINS = 10
const SHARPNESS_CELLS = 20
const CURVE_POINTS = 80

/** Everything about one column of a binary head but its censored scores. */
export function scoreBinary(rows: CommonRows, id: string, seed: number): Omit<BinaryCalibration, 'censored'> {
  const p = valuesOf(rows, id)
  const { targets: y, sessions } = rows
  const curve = reliabilityCurve(p, y, { bins: BINS })
  const scores = sessionBlockBootstrap(
    sessions,
    {
      brier: brierBySession(p, y),
      logLoss: logLossBySession(p, y),
      auc: aucBySession(p, y),
      ece: eceBySession(p, y, { bins: BINS }),
    },
    { seed, samples: SAMPLES, level: LEVEL },
  )
  const { smoothEce } = sessionBlockBootstrap(
    sessions,
    { smoothEce: smoothEceBySession(p, y) },
    { seed, samples: SMOOTH_SAMPLES, level: LEVEL },
  )
  const band = { seed, samples: SMOOTH_SAMPLES, level: LEVEL }
  return {
    task: 'binary',
    meanPrediction: mean(p),
    brier: scoreOf(scores.brier),
    logLoss: scoreOf(scores.logLoss),
    auc: scoreOf(scores.auc),
    ece: scoreOf(scores.ece),
    mce: maximumCalibrationError(curve),
    smoothEce: scoreOf(smoothEce),
    debiasedEce: debiasedCalibrationError(curve),
    nullEce: calibrationNullBand(p, eceStatistic({ bins: BINS }), band),
    nullSmoothEce: calibrationNullBand(p, smoothEceStatistic(), band),
    spiegelhalter: spiegelhalterTest(p, y, sessions),
    curve: {
      binning: 'quantile',
      bins: curve.bins,
      ece: expectedCalibrationError(curve),
      mce: maximumCalibrationError(curve),
    },
    smooth: smoothCurve(rows, id, band),
    sharpness: sharpness(p),
    gain: gainOver(rows, id, seed),
  }
}

/** The forecasts of a column. */
export const valuesOf = ({ values }: CommonRows, id: string): Float64Array => values.get(id) ?? new Float64Array()

/** The figures of a bootstrap interval that the report keeps. */
export function scoreOf({ estimate, low, high, reason }: Score): Score {
  return { estimate, low, high, ...(reason === undefined ? {} : { reason }) }
}

/** Arithmetic mean. */
export const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The smooth curve where there are forecasts to draw it from. */
function smoothCurve(rows: CommonRows, id: string, band: SmoothCurveOptions): BinaryCalibration['smooth'] {
  const options = { ...band, points: CURVE_POINTS }
  const { sigma, points } = smoothReliabilityCurve(valuesOf(rows, id), rows.targets, rows.sessions, options)
  return { sigma, points: points.filter(({ observedRate }) => observedRate !== null) }
}

function sharpness(p: Float64Array): BinaryCalibration['sharpness'] {
  const counts = Array.from({ length: SHARPNESS_CELLS }, () => 0)
  for (const value of p) {
    const cell = Math.min(SHARPNESS_CELLS - 1, Math.floor(value * SHARPNESS_CELLS))
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  const centre = mean(p)
  return { counts, deviation: Math.sqrt(mean(p.map((value) => (value - centre) ** 2))) }
}

/** What a column saves against the first one, row by row, so that what both share cancels in the interval. */
function gainOver(rows: CommonRows, id: string, seed: number): BinaryCalibration['gain'] {
  const [first] = rows.values.keys()
  if (first === undefined || first === id) return null
  const [from, to] = [valuesOf(rows, first), valuesOf(rows, id)]
  const difference = (loss: (p: number, y: number) => number): Float64Array =>
    from.map((p, row) => {
      const y = rows.targets[row] as number
      return loss(p, y) - loss(to[row] as number, y)
    })
  const { brier, logLoss } = sessionBlockBootstrap(
    rows.sessions,
    {
      brier: meanValueBySession(difference((p, y) => (p - y) ** 2)),
      logLoss: meanValueBySession(difference(surprise)),
    },
    { seed, samples: SAMPLES, level: LEVEL },
  )
  return { brier: scoreOf(brier), logLoss: scoreOf(logLoss) }
}

const LEAST = 1e-15
const surprise = (p: number, y: number): number => -Math.log(Math.max(LEAST, y === 1 ? p : 1 - p))
