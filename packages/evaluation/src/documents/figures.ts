/**
 * The figures that documents are made of. Plain data: a number that does not exist is null with its reason, never NaN.
 * Rates and probabilities are fractions in [0, 1], money is dollars.
 */

/** 'binary' heads forecast a probability, 'regression' heads forecast dollars. */
export type Task = 'binary' | 'regression'

/** A score and its interval; `low` and `high` are both null where there is none, and `reason` explains why. */
export interface Score {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reason?: string | undefined
}

/** A number that may not exist. */
export interface Figure {
  readonly value: number | null
  readonly reason?: string | undefined
}

/** A band that perfectly calibrated forecasts fall into. */
export interface Band {
  readonly low: number
  readonly median: number
  readonly high: number
}

/** One bin of a reliability curve. An empty bin keeps its place: count 0 and nulls. */
export interface CurveBin {
  readonly lower: number
  readonly upper: number
  readonly count: number
  readonly meanPrediction: number | null
  readonly observedRate: number | null
  /** Wilson interval of the observed rate, of as many independent rows as those of the bin are worth. */
  readonly low: number | null
  readonly high: number | null
}

/** A reliability curve with the two summaries of it. Bins are [lower, upper), the last one closed above. */
export interface Curve {
  readonly binning: 'quantile' | 'width'
  readonly bins: readonly CurveBin[]
  /** Expected calibration error: mean gap between forecast and observed rate, weighted by count. */
  readonly ece: number | null
  /** Maximum calibration error: the largest gap of any bin that is not empty. */
  readonly mce: number | null
}

/** One point of a smooth reliability curve. */
export interface SmoothPoint {
  readonly prediction: number
  readonly density: number
  readonly observedRate: number | null
  readonly low: number | null
  readonly high: number | null
}

/** A smooth reliability curve: kernel deviation, and points by rising forecast. */
export interface SmoothCurve {
  readonly sigma: number
  readonly points: readonly SmoothPoint[]
}

/** Murphy's (1973) parts of the Brier score: brier = reliability - resolution + uncertainty + within_bin. */
export interface BrierParts {
  readonly reliability: number
  readonly resolution: number
  readonly uncertainty: number
  /** What is left because forecasts inside one bin differ (Stephenson et al. 2008). */
  readonly within_bin: number
}

/** Rows by forecast in equal cells of [0, 1], and the standard deviation of the forecasts. */
export interface Sharpness {
  readonly counts: readonly number[]
  readonly deviation: number
}

/**
 * Forecasts made while price stood in one cell, beside what came of them. Cells are [from, to) in dollars beyond the level; null is
 * without an end.
 */
export interface PlaceCell {
  readonly from: number | null
  readonly to: number | null
  readonly rows: number
  readonly sessions: number
  /** Independent rows that the overlapping ones are worth. */
  readonly effective_rows: number
  readonly mean_prediction: number
  readonly observed_rate: number
  /** Observed rates that calibrated forecasts of the same rows would have by chance. */
  readonly band: Band
  /** ECE of the cell's rows, and of calibrated forecasts of them. */
  readonly ece: number
  readonly null_ece: Band
}

/** What acting on every row forecast at `threshold` or above would have met. Rates in [0, 1]. */
export interface OperatingPoint {
  readonly threshold: number
  /** Of all rows that are acted on. */
  readonly share: number
  readonly precision: number
  readonly recall: number
  readonly false_positive_rate: number
}
