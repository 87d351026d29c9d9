/** Where training stands, after each round of each head. Losses are means over the rows, weighted. */
export interface TrainProgress {
  /** Name of the head. */
  readonly head: string
  /** Its place among the heads of the call, from 0, and their number. */
  readonly headIndex: number
  readonly heads: number
  /** Rounds done, from 1, of `rounds` at most. */
  readonly round: number
  readonly rounds: number
  readonly trainLoss: number
  /** Undefined without validation rows. */
  readonly validationLoss: number | undefined
}

/**
 * How to train. All optional; the names of the same options elsewhere:
 *
 * | ours | XGBoost | LightGBM | scikit-learn (HistGradientBoosting) |
 * | --- | --- | --- | --- |
 * | rounds | num_boost_round, n_estimators | num_iterations | max_iter |
 * | learningRate | eta | learning_rate | learning_rate |
 * | maxDepth | max_depth | max_depth | max_depth |
 * | maxBins | max_bin | max_bin | max_bins |
 * | l2 | lambda | lambda_l2 | l2_regularization |
 * | minSplitGain | gamma | min_gain_to_split | - |
 * | minChildWeight | min_child_weight | min_sum_hessian_in_leaf | - |
 * | minRowsPerLeaf | - | min_data_in_leaf | min_samples_leaf |
 * | rowSampling | subsample | bagging_fraction (bagging_freq 1) | - |
 * | columnSampling | colsample_bytree | feature_fraction | - (max_features is per split) |
 * | earlyStoppingRounds | early_stopping_rounds | early_stopping_round | n_iter_no_change |
 * | seed | seed | seed | random_state |
 */
export interface TrainOptions {
  /** Trees at most, 1 to 100,000. Default 300. */
  readonly rounds?: number
  /** Factor on every leaf, in (0, 1]. Default 0.05. */
  readonly learningRate?: number
  /** Questions on a path at most, 1 to 32. Default 6. */
  readonly maxDepth?: number
  /** Value bins of a column at most, 2 to 255. 127 is as accurate below 10,000 rows and faster. Default 255. */
  readonly maxBins?: number
  /** Added to the hessian sum in leaves and gains, 0 or more. Default 1. */
  readonly l2?: number
  /** A split must reduce the loss by more than this, 0 or more. Default 0. */
  readonly minSplitGain?: number
  /** Hessian sum of each side of a split at least, 0 or more; above 0 where l2 is 0. Default 1. */
  readonly minChildWeight?: number
  /** Training rows of each side of a split at least, 1 or more. Default 20. */
  readonly minRowsPerLeaf?: number
  /** Share of the training rows that each tree sees, drawn without replacement, in (0, 1]. Default 1. */
  readonly rowSampling?: number
  /** Share of the head's columns that each tree may use, in (0, 1]. Default 1. */
  readonly columnSampling?: number
  /**
   * Stop when the validation loss has not improved for this many rounds, and keep the trees up to the best round (which
   * may be none, where the base score alone is best). Needs `validation` rows. Undefined: all rounds, all trees kept.
   */
  readonly earlyStoppingRounds?: number
  /** A head with fewer training rows than this is skipped. Default 50. */
  readonly minRows?: number
  /** Integer seed of row and column sampling; without sampling it changes nothing. Default 0. */
  readonly seed?: number
  /** Rows that the bins are fitted on, one byte a row. Default: the union of the heads' training rows. */
  readonly binningRows?: Uint8Array
  /** Called after each round. An exception in it stops the training. */
  readonly onProgress?: (progress: TrainProgress) => void
  /** Stops the training with the signal's reason, within one tree. */
  readonly signal?: AbortSignal
}

/** The numbers of {@link TrainOptions}, complete and checked: plain data that a thread can receive. */
export interface TrainSettings {
  readonly rounds: number
  readonly learningRate: number
  readonly maxDepth: number
  readonly maxBins: number
  readonly l2: number
  readonly minSplitGain: number
  readonly minChildWeight: number
  readonly minRowsPerLeaf: number
  readonly rowSampling: number
  readonly columnSampling: number
  readonly earlyStoppingRounds: number | undefined
  readonly minRows: number
  readonly seed: number
}

/** Fills in the defaults and checks every range; throws RangeError with the option, its value and the rule. */
export function trainSettings(options: TrainOptions): TrainSettings {
  const { rounds = 300, learningRate = 0.05, maxDepth = 6, maxBins = 255, l2 = 1, minSplitGain = 0 } = options
  const { minChildWeight = 1, minRowsPerLeaf = 20, rowSampling = 1, columnSampling = 1 } = options
  const { earlyStoppingRounds, minRows = 50, seed = 0 } = options
  integer('rounds', rounds, 1, 100_000)
  share('learningRate', learningRate)
  integer('maxDepth', maxDepth, 1, 32)
  integer('maxBins', maxBins, 2, 255)
  zeroOrMore('l2', l2)
  zeroOrMore('minSplitGain', minSplitGain)
  zeroOrMore('minChildWeight', minChildWeight)
  if (l2 === 0 && minChildWeight === 0) {
    throw new RangeError(
      'trees: minChildWeight=0: must be above 0 where l2 is 0, or leaves divide by zero. Set l2 to 1',
    )
  }
  integer('minRowsPerLeaf', minRowsPerLeaf, 1, 2 ** 31 - 1)
  share('rowSampling', rowSampling)
  share('columnSampling', columnSampling)
  if (earlyStoppingRounds !== undefined) integer('earlyStoppingRounds', earlyStoppingRounds, 1, 100_000)
  integer('minRows', minRows, 1, 2 ** 31 - 1)
  integer('seed', seed, -(2 ** 31), 2 ** 32 - 1)
  return {
    rounds,
    learningRate,
    maxDepth,
    maxBins,
    l2,
    minSplitGain,
    minChildWeight,
    minRowsPerLeaf,
    rowSampling,
    columnSampling,
    earlyStoppingRounds,
    minRows,
    seed,
  }
}

function integer(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`trees: ${name}=${value}: must be an integer from ${least} to ${most}`)
  }
}

function share(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) throw new RangeError(`trees: ${name}=${value}: must be above 0 and at most 1`)
}

function zeroOrMore(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) throw new RangeError(`trees: ${name}=${value}: must be a number of 0 or more`)
}
