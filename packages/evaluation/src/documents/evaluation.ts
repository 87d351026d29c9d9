import type { Anchor } from '@breakwater/features'
import type { ColumnGains, MixKind, NoColumnGains, ServingRecord } from '@breakwater/models'
import type { HeadEvaluation } from './head.ts'
import type { ServedEvaluation } from './served.ts'
import type { SetCalibration } from './side-by-side.ts'
import type { SetSummary } from './summary.ts'

/**
 * What an evaluation holds: the object that `evaluate` writes as JSON and that `renderReport` turns into a page.
 *
 * Plain data only. A number that does not exist is null, never NaN, and where a reason is known it stands beside it.
 * Rates and probabilities are fractions in [0, 1], money is dollars, dates are 'YYYY-MM-DD' in New York time.
 */

/** Marks the JSON file; a reader refuses another value. */
export const EVALUATION_FORMAT = 'breakwater-evaluation'

/** Version of the layout below; it rises when a reader of the older layout would misread the newer one. */
export const EVALUATION_VERSION = 4

/**
 * Where the scored predictions come from. 'validation' rows chose the number of trees, so scores on them are
 * optimistic: the page says so beside every figure.
 */
export type PredictionSource = 'out of fold' | 'held-out test dates' | 'validation (used for early stopping)'

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

/** Log loss of P(touch), mean over its horizons, on test sessions. */
export interface TouchEvaluation {
  readonly isShifted: boolean
  readonly reason: string
  /** Of the law alone and of what is served; null without test sessions. */
  readonly law: number | null
  readonly served: number | null
  /** What the trees save beyond the law alone, served or not, with its 95% interval: 1.96 standard errors, paired by session. */
  readonly trees: { readonly saved: number; readonly low: number; readonly high: number } | null
  readonly sessions: number
  readonly rows: number
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
  /** What each fold serves, with the reason and its figures; the last is what the set serves. Empty in sets from before there were laws. */
  readonly serving: readonly ServingRecord[]
  /**
   * The sessions that the served models were fitted on, where these are no fold's but of a fit of all sessions: no figure is theirs. Null where
   * the last fold's models are served. What the models use, and what moves their forecasts, is always of the served models.
   */
  readonly final: {
    readonly sessions: number
    readonly firstDate: string
    readonly lastDate: string
    readonly rows: number
  } | null
  /**
   * How neighbours and gate enter what the set serves, with the reasons of the last fold's terms by anchor; null where training did not say. `evaluate` asks
   * no neighbours: its figures are without them, and `calibrate` scores what is served with them.
   */
  readonly mix: {
    readonly kind: MixKind
    readonly terms: readonly { readonly anchor: Anchor; readonly neighbours: string; readonly gate: string }[]
  } | null
  /**
   * P(touch) before a touch, at moments of levels that price has not come to: whether trees shift the law's volatility there, why, and the log loss
   * on the test sessions of the last fold. Null in sets that did not try it, without bars or from before it was there.
   */
  readonly touch: TouchEvaluation | null
  readonly summary: SetSummary
  readonly heads: readonly HeadEvaluation[]
  /**
   * What is still to come from each anchor within the label window, dollars from the price there: the signed excursion
   * (`strength_ahead`), how far price goes on (`beyond_ahead`) and how far it comes back (`back_ahead`). The law forecasts
   * them; without one they are skipped. Empty in sets of older versions.
   */
  readonly ahead: readonly HeadEvaluation[]
  /** What each column adds beyond the law of the last fold, on its test rows, as training found it. */
  readonly columnsBeyondLaw: ColumnGains | NoColumnGains
  readonly dataQuality: DataQuality
  readonly provenance: SetProvenance
  /** Every forecast side by side; null where only `evaluate` was asked for. */
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
  /** What was published against what happened; null where it was not asked for. */
  readonly served: ServedEvaluation | null
  readonly provenance: Provenance
  /** Sentences to show at the top of the page: what a reader must know before the figures. */
  readonly notes: readonly string[]
}
