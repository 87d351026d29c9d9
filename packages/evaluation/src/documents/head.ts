import type { Anchor } from '@breakwater/features'
import type { Attributions, Importance, NoAttributions } from './explanation.ts'
import type { Band, BrierParts, Curve, OperatingPoint, PlaceCell, Score, SmoothCurve, Task } from './figures.ts'

/** How the intervals were made: whole sessions drawn with replacement, percentiles at `level`. */
export interface IntervalMethod {
  readonly unit: 'session'
  readonly level: number
  readonly samples: number
  readonly seed: number
}

/** Rows without a valid target for a head. */
export interface MaskedRows {
  readonly reason: string
  readonly rows: number
}

/** The fields of every head. */
export interface HeadIdentity {
  /** Full name with the anchor's suffix: `direction_8min`. */
  readonly name: string
  readonly anchor: Anchor
  /** Rows masked for this head, by reason; rows of the data = scored or trained rows + masked rows. */
  readonly masked: readonly MaskedRows[]
}

/** Scores of a binary head over one set of rows. */
export interface BinaryFigures<T> {
  readonly brier: T
  /** 1 - Brier / Brier of the reference forecast; above 0 is better than the reference. */
  readonly brier_skill: T
  /** The same with the law as the reference. */
  readonly brier_skill_law: T
  readonly log_loss: T
  readonly auc: T
  /** Log loss of the law less this one's, and of the reference forecast less this one's, in nats, paired by row. */
  readonly beyond_law: T
  readonly beyond_base: T
}

/** Scores of a regression head over one set of rows. */
export interface RegressionFigures<T> {
  readonly mae: T
  /** 1 - MAE / MAE of the reference forecast; above 0 is better than the reference. */
  readonly mae_skill: T
  /** The same with the law as the reference. */
  readonly mae_skill_law: T
  readonly rmse: T
  /** Pearson correlation of prediction and target. */
  readonly correlation: T
  /** Absolute error of the law less this one's, and of the reference forecast less this one's, in dollars, paired by row. */
  readonly beyond_law: T
  readonly beyond_base: T
}

/** Scores of one fold's test rows. */
export interface FoldScores<F> {
  readonly fold: number
  readonly rows: number
  readonly sessions: number
  readonly scores: F
}

/**
 * The forecast that skill is measured against: the constant that the fold's training rows alone suggest (what a
 * person could have used), or the best constant of the scored rows themselves (harder to beat; in hindsight).
 */
export type Reference = 'constant of the training rows' | 'constant of the scored rows'

/** A binary head that was scored. */
export interface BinaryHead extends HeadIdentity {
  readonly task: 'binary'
  readonly status: 'scored'
  readonly rows: number
  readonly positives: number
  /** Independent rows that the overlapping ones are worth; `rows` where their overlap is not known. */
  readonly effective_rows: number
  readonly sessions: number
  readonly base_rate: number
  readonly reference: Reference
  readonly intervals: IntervalMethod
  readonly scores: BinaryFigures<Score>
  readonly brier_parts: BrierParts
  /** By quantile and by width, in this order. */
  readonly reliability: readonly Curve[]
  /** The ECE by quantile that calibrated forecasts of the same overlapping rows would show. */
  readonly null_ece: Band
  /** By where price stood when the forecast was made, from before the level to beyond it; empty where that is not known. */
  readonly places: readonly PlaceCell[]
  /** By falling threshold; empty where all outcomes are of one class. */
  readonly operating: readonly OperatingPoint[]
  readonly folds: readonly FoldScores<BinaryFigures<number | null>>[]
  /** The observed rate near each forecast, with a band from resampled sessions. */
  readonly smooth: SmoothCurve
  /** Columns by falling gain. */
  readonly importance: readonly Importance[]
  /** Null where they were not asked for (reach heads), and where the head has no model in the bundle. */
  readonly attributions: Attributions | NoAttributions | null
}

/** A regression head that was scored; its target is in dollars. */
export interface RegressionHead extends HeadIdentity {
  readonly task: 'regression'
  readonly status: 'scored'
  readonly rows: number
  readonly sessions: number
  readonly mean_target: number
  readonly target_deviation: number
  readonly reference: Reference
  readonly intervals: IntervalMethod
  readonly scores: RegressionFigures<Score>
  readonly folds: readonly FoldScores<RegressionFigures<number | null>>[]
  readonly importance: readonly Importance[]
  readonly attributions: Attributions | NoAttributions | null
}

/** A head without scores: it was not trained, or no test row has a target. */
export interface SkippedHead extends HeadIdentity {
  readonly task: Task
  readonly status: 'skipped'
  readonly reason: string
}

/** A head that has scores. */
export type HeadScores = BinaryHead | RegressionHead

/** One head of a set. */
export type HeadEvaluation = HeadScores | SkippedHead
