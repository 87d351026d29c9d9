import { rocAuc } from './auc.ts'
import { brierScore, skill } from './brier.ts'
import type { Values } from './check.ts'
import { eceBySession, smoothEceBySession } from './error-by-session.ts'
import { logLoss, surprise } from './log-loss.ts'
import { correlation, meanAbsoluteError, rootMeanSquaredError } from './regression.ts'
import { expectedCalibrationError, reliabilityCurve } from './reliability.ts'
import {
  aucBySession,
  brierBySession,
  brierSkillBySession,
  correlationBySession,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  meanValueBySession,
  rmseBySession,
  type SessionScore,
} from './session-scores.ts'
import { smoothCalibrationError } from './smooth-ece.ts'

/** Metrics of forecasts of 0 and 1. */
export type BinaryMetric =
  'brier' | 'brier_skill' | 'log_loss' | 'auc' | 'ece' | 'smooth_ece' | 'gain_brier' | 'gain_log_loss'
/** Metrics of forecasts of a number. */
export type RegressionMetric = 'mae' | 'mae_skill' | 'rmse' | 'correlation' | 'bias' | 'gain_mae'
/** The key of a metric, spelled so wherever the metric is written: JSON, tables, tracked runs, options. */
export type MetricKey = BinaryMetric | RegressionMetric

/** The rows that a metric is of, one value of each array a row. */
export interface MetricRows {
  /** Probabilities, or numbers in the unit of the targets. */
  readonly forecasts: Values
  /** 0 or 1, or any number. */
  readonly targets: Values
  /** Forecasts that skill is measured against; by default the best constant of the rows themselves. */
  readonly reference?: Values | undefined
  /** Forecasts whose losses a gain is counted from, row by row; needed by gains alone. */
  readonly baseline?: Values | undefined
}

/** What a metric is, and how to compute it. */
export interface Metric {
  readonly task: 'binary' | 'regression'
  /** Which way is better; null where neither is: a bias is best at 0. */
  readonly better: 'higher' | 'lower' | null
  /** The metric of the rows as they are; null where it does not exist. Throws on bad or no rows. */
  readonly estimate: (rows: MetricRows) => number | null
  /** The metric for a bootstrap that draws whole sessions. */
  readonly bySession: (rows: MetricRows) => SessionScore
}

/** Bins of the ECE: a tenth of the rows each. */
export const ECE_BINS = 10

const BINARY: Readonly<Record<BinaryMetric, Metric>> = {
  brier: {
    task: 'binary',
    better: 'lower',
    estimate: ({ forecasts, targets }) => brierScore(forecasts, targets),
    bySession: ({ forecasts, targets }) => brierBySession(forecasts, targets),
  },
  brier_skill: {
    task: 'binary',
    better: 'higher',
    estimate: ({ forecasts, targets, reference }) =>
      skill(brierScore(forecasts, targets), reference ? brierScore(reference, targets) : variance(targets)).value,
    bySession: ({ forecasts, targets, reference }) => brierSkillBySession(forecasts, targets, reference),
  },
  log_loss: {
    task: 'binary',
    better: 'lower',
    estimate: ({ forecasts, targets }) => logLoss(forecasts, targets),
    bySession: ({ forecasts, targets }) => logLossBySession(forecasts, targets),
  },
  auc: {
    task: 'binary',
    better: 'higher',
    estimate: ({ forecasts, targets }) => rocAuc(forecasts, targets).value,
    bySession: ({ forecasts, targets }) => aucBySession(forecasts, targets),
  },
  ece: {
    task: 'binary',
    better: 'lower',
    estimate: ({ forecasts, targets }) =>
      expectedCalibrationError(reliabilityCurve(forecasts, targets, { bins: ECE_BINS })),
    bySession: ({ forecasts, targets }) => eceBySession(forecasts, targets, { bins: ECE_BINS }),
  },
  smooth_ece: {
    task: 'binary',
    better: 'lower',
    estimate: ({ forecasts, targets }) => smoothCalibrationError(forecasts, targets).value,
    bySession: ({ forecasts, targets }) => smoothEceBySession(forecasts, targets),
  },
  gain_brier: gainMetric('binary', 'gain_brier', (forecast, target) => (forecast - target) ** 2),
  gain_log_loss: gainMetric('binary', 'gain_log_loss', (forecast, target) => surprise(forecast, target)),
}

const REGRESSION: Readonly<Record<RegressionMetric, Metric>> = {
  mae: {
    task: 'regression',
    better: 'lower',
    estimate: ({ forecasts, targets }) => meanAbsoluteError(forecasts, targets),
    bySession: ({ forecasts, targets }) => maeBySession(forecasts, targets),
  },
  mae_skill: {
    task: 'regression',
    better: 'higher',
    estimate: ({ forecasts, targets, reference = medians(targets) }) =>
      skill(meanAbsoluteError(forecasts, targets), meanAbsoluteError(reference, targets)).value,
    bySession: ({ forecasts, targets, reference = medians(targets) }) =>
      maeSkillBySession(forecasts, targets, reference),
  },
  rmse: {
    task: 'regression',
    better: 'lower',
    estimate: ({ forecasts, targets }) => rootMeanSquaredError(forecasts, targets),
    bySession: ({ forecasts, targets }) => rmseBySession(forecasts, targets),
  },
  correlation: {
    task: 'regression',
    better: 'higher',
    estimate: ({ forecasts, targets }) => correlation(forecasts, targets).value,
    bySession: ({ forecasts, targets }) => correlationBySession(forecasts, targets),
  },
  bias: {
    task: 'regression',
    better: null,
    estimate: (rows) => mean(errors(rows)),
    bySession: (rows) => meanValueBySession(errors(rows)),
  },
  gain_mae: gainMetric('regression', 'gain_mae', (forecast, target) => Math.abs(forecast - target)),
}

/**
 * Every metric by its key. Skill is 1 - error / error of the reference; a gain is the loss of the baseline less that of
 * the forecasts, averaged over the rows, so that above 0 is better than the baseline and what both share cancels in its
 * interval. ECE is over {@link ECE_BINS} bins of equal count.
 */
export const METRICS: Readonly<Record<MetricKey, Metric>> = { ...BINARY, ...REGRESSION }

/** A metric that counts what the forecasts save of a loss against the baseline, row by row. */
function gainMetric(task: Metric['task'], key: MetricKey, loss: (forecast: number, target: number) => number): Metric {
  const saved = ({ forecasts, targets, baseline }: MetricRows): Float64Array => {
    if (baseline?.length !== forecasts.length) {
      throw new RangeError(
        `calibration: baseline.length=${baseline?.length}: must be ${forecasts.length}, one for each forecast, for ${key}. Pass the forecasts to compare with.`,
      )
    }
    return Float64Array.from(forecasts, (forecast, row) => {
      const target = targets[row] as number
      return loss(baseline[row] as number, target) - loss(forecast, target)
    })
  }
  return {
    task,
    better: 'higher',
    estimate: (rows) => mean(saved(rows)),
    bySession: (rows) => meanValueBySession(saved(rows)),
  }
}

const errors = ({ forecasts, targets }: MetricRows): Float64Array =>
  Float64Array.from(forecasts, (forecast, row) => forecast - (targets[row] as number))

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Brier score of the base rate of the outcomes. */
function variance(outcomes: Values): number {
  const rate = mean(Float64Array.from(outcomes))
  return rate * (1 - rate)
}

/** The median of the targets for every row: the constant of the least absolute error. */
function medians(targets: Values): Float64Array {
  const sorted = Float64Array.from(targets).toSorted()
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
  return new Float64Array(sorted.length).fill(median)
}
