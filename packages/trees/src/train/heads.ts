import type { Objective, TreeModel } from '../model/model.ts'
import type { Metric } from './metrics.ts'
import type { CustomObjective } from './objectives.ts'

/** One model to train on the shared matrix. Arrays have one entry a matrix row. */
export interface Head {
  /** Unique among the heads of a call. */
  readonly name: string
  readonly objective: Objective
  /**
   * 0 or 1 for logistic, 0 or more for poisson, else any finite number. Rows outside the masks may hold anything (NaN
   * too).
   */
  readonly labels: Float32Array
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  /**
   * Rows for early stopping and the validation curve; none of them may be a training row. A head whose mask selects none
   * runs all rounds.
   */
  readonly validation?: Uint8Array
  /** Weights of 0 or more, for training and validation rows alike; a row of weight 0 is left out. Default 1. */
  readonly weights?: Float32Array
  /**
   * Factors on the weights of labels 0 and 1 of a logistic head (XGBoost's scale_pos_weight is the second over the first);
   * 'balanced' gives both classes half of the training weight. Probabilities then are those of the weighted data.
   */
  readonly classWeights?: readonly [number, number] | 'balanced'
  /** The quantile that objective 'quantile' predicts, in (0, 1). Default 0.5. */
  readonly quantile?: number
  /** Distance from the label at which objective 'huber' turns from squared to absolute, above 0. Default 1. */
  readonly huberDelta?: number
  /** The loss of objective 'custom'. Such a head is trained on the calling thread. */
  readonly custom?: CustomObjective
  /** The only columns it may split on. Default: all. */
  readonly columns?: readonly string[]
  /**
   * Columns in which the prediction may only rise (1) or only fall (-1). Not for categorical columns. Trees of `initial` are
   * not checked.
   */
  readonly monotone?: Readonly<Record<string, 1 | -1>>
  /** Most rounds of this head, from 1 to those of the options, which are the default. */
  readonly rounds?: number
  /** A model to continue: training starts from its scores and appends trees to it. Same columns and objective. */
  readonly initial?: TreeModel
}

/** A head that was trained. */
export interface TrainedHead {
  readonly status: 'trained'
  readonly name: string
  readonly model: TreeModel
  /** Mean weighted loss after r trees at index r, from 0 (base score alone) to the last round run. */
  readonly trainLoss: Float64Array
  /** The same over the validation rows; undefined without any. */
  readonly validationLoss: Float64Array | undefined
  /** Curves of the requested metrics (and the loss) over the validation rows; empty without any. */
  readonly metrics: Readonly<Partial<Record<Metric, Float64Array>>>
  /** The number of trees with the best stopMetric; all of them without validation rows. Those of `initial` not counted. */
  readonly bestRound: number
  /** Why it ended: all rounds were run, early stopping, or no split was left to make. */
  readonly stopped: 'rounds' | 'early' | 'no-split'
  readonly trainRows: number
  readonly validationRows: number
}

/** A head that cannot be trained on these rows; the others are not affected. */
export interface SkippedHead {
  readonly status: 'skipped'
  readonly name: string
  readonly code: 'no-rows' | 'too-few-rows' | 'one-class'
  /** A sentence for a person. */
  readonly reason: string
  readonly trainRows: number
}

/** What became of a head. */
export type HeadResult = TrainedHead | SkippedHead

/** A head ready to train: plain data, sent to threads as it is (but for a custom loss). */
export interface HeadPlan {
  readonly status: 'ready'
  readonly name: string
  readonly objective: Objective
  readonly labels: Float32Array
  /** Class weights included. */
  readonly weights: Float32Array | undefined
  readonly rows: Int32Array
  readonly validationRows: Int32Array
  /** Columns it may split on, ascending indices. */
  readonly columns: Int32Array
  /** One entry per column; undefined where none is constrained. */
  readonly monotone: Int8Array | undefined
  readonly quantile: number
  readonly huberDelta: number
  readonly custom: CustomObjective | undefined
  readonly rounds: number
  readonly initial: TreeModel | undefined
  /** Raw scores of `initial`, by matrix row. */
  readonly initialScores: Float64Array | undefined
}
