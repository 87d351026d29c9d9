import type { Anchor } from '@breakwater/features'
import type { Band, Curve, Figure, Score, Sharpness, SmoothCurve, Task } from './figures.ts'

/**
 * What `calibrate` adds to a set of an evaluation: all forecasts side by side, on the same rows. Plain data, as
 * the evaluation itself: null with a reason where a number does not exist, never NaN.
 */

/** One forecast: the trees alone, the calibrated trees, ... */
export interface CalibrationColumn {
  readonly id: string
  readonly title: string
  /** What it is, in a sentence. */
  readonly note: string
}

/** A reach head's forecasts against outcomes of which some were cut off (Aalen-Johansen). */
export interface CensoredScores {
  readonly horizon: number
  readonly rows: number
  /** Rows whose window ended before the horizon without a hit. */
  readonly censored: number
  readonly mean_prediction: number
  readonly incidence: Score
  /** Mean gap of forecast and incidence over bins of equal count. */
  readonly error: Figure
  readonly bins: readonly {
    readonly lower: number
    readonly upper: number
    readonly count: number
    readonly censored: number
    readonly meanPrediction: number | null
    readonly incidence: Score
  }[]
}

/** One column of a binary head. */
export interface BinaryCalibration {
  readonly task: 'binary'
  readonly mean_prediction: number
  readonly brier: Score
  readonly log_loss: Score
  readonly auc: Score
  readonly ece: Score
  readonly mce: number | null
  readonly smooth_ece: Score
  readonly debiased_ece: Figure
  readonly null_ece: Band
  readonly null_smooth_ece: Band
  /** Spiegelhalter's test with sums by session. */
  readonly spiegelhalter: { readonly z: number | null; readonly p: number | null; readonly reason?: string }
  readonly curve: Curve
  readonly smooth: SmoothCurve
  readonly sharpness: Sharpness
  /** Loss of the first column less this one's, on the same rows: above 0 is better. Null for the first column. */
  readonly gain_brier: Score | null
  readonly gain_log_loss: Score | null
  /** Log loss of the law less this one's, paired by row. Null for the law itself, and where no column is the law. */
  readonly beyond_law: Score | null
  /** Null for heads that ask about no reach. */
  readonly censored: CensoredScores | null
}

/** Intervals of strength. */
export interface StrengthIntervals {
  readonly level: number
  readonly coverage: Score
  readonly mean_width: number
  readonly interval_score: number
}

/** One column of a regression head, in dollars. */
export interface StrengthCalibration {
  readonly task: 'regression'
  readonly mean_prediction: number
  readonly mean_target: number
  readonly mae: Score
  /** Mean of prediction less target. */
  readonly bias: Score
  /** Conformal intervals as the bundles keep them. */
  readonly intervals: StrengthIntervals | { readonly reason: string }
  /** Adaptive conformal intervals run over the scored sessions in order. */
  readonly adaptive: {
    readonly level: number
    readonly coverage: number
    readonly sessions: number
    readonly alpha: number
    /** Radius of the last session; null for the whole line. */
    readonly radius: number | null
  }
}

/** One column on the touches of one level kind. */
export interface KindFigures {
  readonly brier: Score
  readonly log_loss: number | null
  readonly ece: number | null
  readonly smooth_ece: number | null
  readonly mean_prediction: number
}

/** Touches of one kind of level. */
export interface KindScores {
  readonly kind: string
  readonly rows: number
  readonly sessions: number
  readonly base_rate: number
  /** By column id. */
  readonly columns: Readonly<Record<string, KindFigures>>
}

/** The calibrator of one fold. */
export interface FoldCalibrator {
  readonly fold: number
  readonly kind: string | null
  readonly reason: string
  readonly rows: number
  readonly sessions: number
}

/** One head with all its columns. */
export interface HeadCalibrationScores {
  readonly name: string
  readonly anchor: Anchor
  readonly task: Task
  readonly status: 'scored'
  readonly rows: number
  readonly sessions: number
  readonly positives: number | null
  /** Rows left out because a column has no forecast for them: all columns are scored on the same rows. */
  readonly leftOut: number
  readonly calibrators: readonly FoldCalibrator[]
  /** By column id; a column without this head is absent. */
  readonly columns: Readonly<Record<string, BinaryCalibration | StrengthCalibration>>
  /** Empty for a regression. */
  readonly levelKinds: readonly KindScores[]
}

/** A head that has nothing to score. */
export interface SkippedCalibration {
  readonly name: string
  readonly anchor: Anchor
  readonly task: Task
  readonly status: 'skipped'
  readonly reason: string
}

/** Calibration of one set. */
export interface SetCalibration {
  readonly columns: readonly CalibrationColumn[]
  readonly method: { readonly level: number; readonly samples: number; readonly seed: number; readonly bins: number }
  readonly heads: readonly (HeadCalibrationScores | SkippedCalibration)[]
}
