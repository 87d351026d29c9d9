import type { Anchor } from '@breakwater/features'
import type { SetCalibration, SmoothCurve } from './calibration.ts'
import type { Attributions, Importance, Unexplained } from './explanation.ts'

/**
 * What an evaluation holds: the object that `evaluate` writes as JSON and that `renderReport` turns into a page.
 *
 * Plain data only. A number that does not exist is null, never NaN, and where a reason is known it stands beside it.
 * Rates and probabilities are fractions in [0, 1], money is dollars, dates are 'YYYY-MM-DD' in New York time.
 */

/** Marks the JSON file; a reader refuses another value. */
export const EVALUATION_FORMAT = 'breakwater-evaluation'

/** Version of the layout below; it rises when a reader of the older layout would misread the newer one. */
export const EVALUATION_VERSION = 2

/** 'binary' heads forecast a probability, 'regression' heads forecast dollars. */
export type Task = 'binary' | 'regression'

/**
 * Where the scored predictions come from. 'validation' rows chose the number of trees, so scores on them are
 * optimistic: the page says so beside every figure.
 */
export type PredictionSource = 'out of fold' | 'held-out test dates' | 'validation (used for early stopping)'

/** A score and its interval; `low` and `high` are both null where there is none, and `reason` says why. */
export interface Score {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reason?: string
}

/** How the intervals were made: whole sessions drawn with replacement, percentiles at `level`. */
export interface IntervalMethod {
  readonly unit: 'session'
  readonly level: number
  readonly samples: number
  readonly seed: number
}

/** One bin of a reliability curve. An empty bin keeps its place: count 0 and nulls. */
export interface CurveBin {
  readonly lower: number
  readonly upper: number
  readonly count: number
  readonly meanPrediction: number | null
  readonly observedRate: number | null
  /** Wilson interval of the observed rate, which takes the rows of the bin as independent. */
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

/** Murphy's (1973) parts of the Brier score: brier = reliability - resolution + uncertainty + withinBin. */
export interface BrierParts {
  readonly reliability: number
  readonly resolution: number
  readonly uncertainty: number
  /** What is left because forecasts inside one bin differ (Stephenson et al. 2008). */
  readonly withinBin: number
}

/** Rows that a head could not be asked about. */
export interface MaskedRows {
  readonly reason: string
  readonly rows: number
}

/** What every head says about itself. */
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
  readonly brierSkill: T
  readonly logLoss: T
  readonly auc: T
}

/** Scores of a regression head over one set of rows. */
export interface RegressionFigures<T> {
  readonly mae: T
  /** 1 - MAE / MAE of the reference forecast; above 0 is better than the reference. */
  readonly maeSkill: T
  readonly rmse: T
  /** Pearson correlation of prediction and target. */
  readonly correlation: T
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
  readonly sessions: number
  readonly baseRate: number
  readonly reference: Reference
  readonly intervals: IntervalMethod
  readonly scores: BinaryFigures<Score>
  readonly brierParts: BrierParts
  /** By quantile and by width, in this order. */
  readonly reliability: readonly Curve[]
  readonly folds: readonly FoldScores<BinaryFigures<number | null>>[]
  /** The observed rate near each forecast, with a band from resampled sessions. */
  readonly smooth: SmoothCurve
  /** Columns by falling gain. */
  readonly importance: readonly Importance[]
  /** Null where they were not asked for (reach heads), and where the head has no model in the bundle. */
  readonly attributions: Attributions | Unexplained | null
}

/** A regression head that was scored; its target is in dollars. */
export interface RegressionHead extends HeadIdentity {
  readonly task: 'regression'
  readonly status: 'scored'
  readonly rows: number
  readonly sessions: number
  readonly targetMean: number
  readonly targetDeviation: number
  readonly reference: Reference
  readonly intervals: IntervalMethod
  readonly scores: RegressionFigures<Score>
  readonly folds: readonly FoldScores<RegressionFigures<number | null>>[]
  readonly importance: readonly Importance[]
  readonly attributions: Attributions | Unexplained | null
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

/** One fold of the plan: dates by role, in order, and rows by role after the purge. The shape of a splits fold. */
export interface PlanFold {
  readonly index: number
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly calibration: readonly string[]
  readonly test: readonly string[]
  readonly embargoed: readonly string[]
  readonly counts: {
    readonly train: number
    readonly validation: number
    readonly calibration: number
    readonly test: number
    readonly purged: number
  }
}

/** The walk-forward plan that the models were trained by. */
export interface PlanSummary {
  readonly kind: string
  readonly folds: readonly PlanFold[]
}

/** Missing values of one column of the model input. */
export interface MissingColumn {
  readonly column: string
  readonly rows: number
  /** `rows` over the rows of the data, in [0, 1]. */
  readonly rate: number
}

/** Rows that held a category the encoder had not seen in training. */
export interface UnseenCategory {
  readonly column: string
  readonly category: string
  readonly rows: number
}

/** What the data lacks. */
export interface DataQuality {
  /** Every column of the model input that has a missing value, by falling rate. */
  readonly missing: readonly MissingColumn[]
  /** Columns without a single value: the models cannot have used them. */
  readonly allMissing: readonly string[]
  readonly unseenCategories: readonly UnseenCategory[]
  /** Number of columns of the model input. */
  readonly columns: number
}

/** Which models a set's figures are of. */
export interface SetProvenance {
  /** When they were trained: ISO 8601, UTC. */
  readonly trained: string
  readonly gitSha: string | null
  readonly libraryVersion: string
  readonly seed: number
  /** Hash of the signals that they were trained on. */
  readonly dataHash: string
  /** Every file with its SHA-256: a bundle a head, and the recorded predictions. */
  readonly files: readonly { readonly file: string; readonly sha256: string }[]
}

/** Everything about one stage and ablation. */
export interface EvaluationSet {
  /** 'stage_a' or 'stage_b'. */
  readonly stage: string
  /** 'full', 'ta' or 'mechanics'. */
  readonly ablation: string
  readonly source: PredictionSource
  readonly plan: PlanSummary
  /** Whether the scored probabilities went through the calibrators of the bundles. */
  readonly calibrated: boolean
  readonly heads: readonly HeadEvaluation[]
  readonly dataQuality: DataQuality
  readonly provenance: SetProvenance
  /** Every way to forecast side by side; null where only `evaluate` was asked for. */
  readonly calibration: SetCalibration | null
}

/** The signals that were evaluated. */
export interface DataSummary {
  readonly symbol: string
  readonly rows: number
  readonly sessions: number
  readonly firstDate: string
  readonly lastDate: string
  /** The two reach thresholds in dollars from the level: what `_1` and `_2` mean in names of heads. */
  readonly thresholds: readonly [number, number]
}

/** What the evaluation was made from, enough to make it again. */
export interface Provenance {
  /** Hash of the signals' content. */
  readonly dataHash: string
  /** Commit of the working tree, or null outside a checkout. */
  readonly gitSha: string | null
  readonly libraryVersion: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly seed: number
  /** Version of the column descriptions (features.json). */
  readonly schemaVersion: string
  /** Where the signals came from, in words: a path as it was given, or 'simulated, seed 7'. */
  readonly sources: readonly string[]
}

/** An evaluation of one or more sets of models on the same signals. */
export interface Evaluation {
  readonly format: typeof EVALUATION_FORMAT
  readonly version: typeof EVALUATION_VERSION
  readonly data: DataSummary
  readonly sets: readonly EvaluationSet[]
  readonly provenance: Provenance
  /** Sentences to show at the top of the page: what a reader must know before the figures. */
  readonly notes: readonly string[]
}
