import { METRICS } from './metrics.ts'
import type { Metric } from './metrics.ts'

/**
 * In which order nodes are split. 'depth': every node of a depth, as far as the rules go; with a limit on leaves, level by
 * level, the larger gain first. 'leaf': always the node with the largest gain (LightGBM's leaf-wise, XGBoost's lossguide).
 */
export type Growth = 'depth' | 'leaf'

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

/** Gradient-based one-side sampling (Ke et al. 2017): both shares of the training rows in (0, 1), their sum at most 1. */
export interface Goss {
  /** Share kept for their large gradients. Default 0.2. */
  readonly top?: number
  /** Share drawn from the rest, their derivatives multiplied to stand for all of the rest, about (1 - top) / other. Default 0.1. */
  readonly other?: number
}

/** Dropping trees while boosting (Vinayak and Gilad-Bachrach 2015); all shares in [0, 1]. */
export interface Dart {
  /** Chance that an earlier tree is left out of a round. Default 0.1. */
  readonly dropRate?: number
  /** Trees left out at most, 1 or more; with more trees the chance falls, so that early ones are not the only ones. Default 50. */
  readonly maxDrop?: number
  /** Chance that a round drops no tree. Default 0.5. */
  readonly skipDrop?: number
}

/**
 * How to train. All optional; the names of the same options elsewhere:
 *
 * | ours | XGBoost | LightGBM | scikit-learn (HistGradientBoosting) |
 * | --- | --- | --- | --- |
 * | rounds | num_boost_round, n_estimators | num_iterations | max_iter |
 * | learningRate | eta | learning_rate | learning_rate |
 * | growth | grow_policy | - (leaf-wise) | - (leaf-wise) |
 * | maxDepth | max_depth | max_depth | max_depth |
 * | maxLeaves | max_leaves | num_leaves | max_leaf_nodes |
 * | maxBins | max_bin | max_bin | max_bins |
 * | l2 | lambda | lambda_l2 | l2_regularization |
 * | l1 | alpha | lambda_l1 | - |
 * | minSplitGain | gamma | min_gain_to_split | - |
 * | minChildWeight | min_child_weight | min_sum_hessian_in_leaf | - |
 * | minRowsPerLeaf | - | min_data_in_leaf | min_samples_leaf |
 * | maxDeltaStep | max_delta_step | max_delta_step | - |
 * | rowSampling | subsample | bagging_fraction (bagging_freq 1) | - |
 * | columnSampling | colsample_bytree | feature_fraction | - |
 * | columnSamplingByLevel | colsample_bylevel | - | - |
 * | columnSamplingByNode | colsample_bynode | feature_fraction_bynode | max_features |
 * | goss | - | data_sample_strategy goss | - |
 * | gradientLevels | - | use_quantized_grad, num_grad_quant_bins | - |
 * | dart | booster dart | boosting dart | - |
 * | interactions | interaction_constraints | interaction_constraints | interaction_cst |
 * | categorical | enable_categorical | categorical_feature | categorical_features |
 * | earlyStoppingRounds | early_stopping_rounds | early_stopping_round | n_iter_no_change |
 * | seed | seed | seed | random_state |
 */
export interface TrainOptions {
  /** Trees at most, 1 to 100,000. Default 300. */
  readonly rounds?: number
  /** Factor on every leaf, in (0, 1]. Default 0.05. */
  readonly learningRate?: number
  /** Level by level ('depth', the default) or the best leaf first ('leaf'). */
  readonly growth?: Growth
  /** Questions on a path at most, 1 to 32. Default 6. */
  readonly maxDepth?: number
  /** Leaves of a tree at most, 2 to 4,096. Default: none for growth 'depth', 31 for 'leaf'. */
  readonly maxLeaves?: number
  /** Value bins of a column at most, 2 to 255. Default 255; 127 where fewer than 10,000 rows are fitted: as accurate there. */
  readonly maxBins?: number
  /** Added to the hessian sum in leaves and gains, 0 or more. Default 1. */
  readonly l2?: number
  /** Taken from the absolute gradient sum in leaves and gains, 0 or more. Default 0. */
  readonly l1?: number
  /** A split must reduce the loss by more than this, 0 or more. Default 0. */
  readonly minSplitGain?: number
  /** Hessian sum of each side of a split at least, 0 or more; above 0 where l2 is 0. Default 1. */
  readonly minChildWeight?: number
  /**
   * Training rows of each side of a split at least, 1 or more. Default 20. It always holds; while cuts are compared it is
   * judged by the hessian, where rows differ in it.
   */
  readonly minRowsPerLeaf?: number
  /** Absolute value of a leaf at most, before the learning rate; 0 (the default) for no limit. */
  readonly maxDeltaStep?: number
  /** Share of the training rows that each tree sees, drawn without replacement, in (0, 1]. Default 1. */
  readonly rowSampling?: number
  /** Share of the head's columns that each tree may use, in (0, 1]. Default 1. */
  readonly columnSampling?: number
  /** Share of the tree's columns that each level may use, in (0, 1]. Default 1. */
  readonly columnSamplingByLevel?: number
  /** Share of the level's columns that each node may use, in (0, 1]. Default 1. */
  readonly columnSamplingByNode?: number
  /** Sample rows by gradient instead of evenly; not together with rowSampling. */
  readonly goss?: Goss
  /**
   * Round gradients at random to so many levels, 2 to 1,024: noise that regularises, worth most with few rows (4 is a
   * good start). Default: not rounded.
   */
  readonly gradientLevels?: number
  /** Drop earlier trees while boosting; not together with earlyStoppingRounds, since it changes trees after their round. */
  readonly dart?: Dart
  /** Groups of columns that may meet on a path; a column of no group meets none. Default: all may. */
  readonly interactions?: readonly (readonly string[])[]
  /** Columns whose values are categories: integers from 0 to 1,048,575. See `BinOptions.categorical`. */
  readonly categorical?: readonly string[]
  /** Validation metrics to record beside the loss. */
  readonly metrics?: readonly Metric[]
  /** The metric that early stopping and the best round go by. Default 'loss'. */
  readonly stopMetric?: Metric
  /**
   * Stop when the metric has not improved for this many rounds, and keep the trees up to the best round (which may be
   * none, where the base score alone is best). Needs `validation` rows. Undefined: all rounds, all trees kept.
   */
  readonly earlyStoppingRounds?: number
  /** Improvement that counts for early stopping, 0 or more. Default 0. */
  readonly minImprovement?: number
  /** A head with fewer training rows than this is skipped. Default 50. */
  readonly minRows?: number
  /** Integer seed of all sampling; without sampling it changes nothing. Default 0. */
  readonly seed?: number
  /** Rows that the bins are fitted on, one byte per row. Default: the union of the heads' training rows. */
  readonly binningRows?: Uint8Array
  /** 'reference' trains with the plain TypeScript kernel: slower, the same bits. Default: WebAssembly where there is SIMD. */
  readonly kernel?: 'auto' | 'reference'
  /** Called after each round. An exception in it stops the training. */
  readonly onProgress?: (progress: TrainProgress) => void
  /** Stops the training with the signal's reason, within one tree. */
  readonly signal?: AbortSignal
}

type OptionalOption = 'maxBins' | 'goss' | 'gradientLevels' | 'dart' | 'interactions' | 'earlyStoppingRounds'
type RuntimeOption = 'binningRows' | 'onProgress' | 'signal' | OptionalOption

/** The settings of {@link TrainOptions}, complete and checked: plain data that a thread can receive. */
export interface TrainSettings extends Required<Omit<TrainOptions, RuntimeOption>> {
  readonly maxBins: number | undefined
  readonly goss: Required<Goss> | undefined
  readonly gradientLevels: number | undefined
  readonly dart: Required<Dart> | undefined
  readonly interactions: readonly (readonly string[])[] | undefined
  readonly earlyStoppingRounds: number | undefined
}

/** Fills in the defaults and checks every range; throws RangeError with the option, its value and the rule. */
export function trainSettings(options: TrainOptions): TrainSettings {
  const settings = withDefaults(options)
  checkNumbers(settings)
  checkShares(settings)
  checkTogether(options, settings)
  if (settings.maxBins !== undefined) integer('maxBins', settings.maxBins, 2, 255)
  if (settings.gradientLevels !== undefined) integer('gradientLevels', settings.gradientLevels, 2, 1024)
  if (settings.earlyStoppingRounds !== undefined) {
    integer('earlyStoppingRounds', settings.earlyStoppingRounds, 1, 100_000)
  }
  oneOf('growth', settings.growth, ['depth', 'leaf'])
  oneOf('kernel', settings.kernel, ['auto', 'reference'])
  for (const metric of [...settings.metrics, settings.stopMetric]) oneOf('metrics', metric, METRICS)
  return settings
}

function withDefaults(options: TrainOptions): TrainSettings {
  const { rounds = 300, learningRate = 0.05, growth = 'depth', maxDepth = 6, maxBins, l2 = 1, l1 = 0 } = options
  const { maxLeaves = growth === 'leaf' ? 31 : Infinity, minSplitGain = 0, minChildWeight = 1 } = options
  const { minRowsPerLeaf = 20, maxDeltaStep = 0, rowSampling = 1, columnSampling = 1, interactions } = options
  const { columnSamplingByLevel = 1, columnSamplingByNode = 1, categorical = [], metrics = [] } = options
  const {
    stopMetric = 'loss',
    earlyStoppingRounds,
    minImprovement = 0,
    minRows = 50,
    seed = 0,
    kernel = 'auto',
  } = options
  return {
    rounds,
    learningRate,
    growth,
    maxDepth,
    maxLeaves,
    maxBins,
    l2,
    l1,
    minSplitGain,
    minChildWeight,
    minRowsPerLeaf,
    maxDeltaStep,
    rowSampling,
    columnSampling,
    columnSamplingByLevel,
    columnSamplingByNode,
    interactions,
    categorical,
    metrics,
    stopMetric,
    earlyStoppingRounds,
    minImprovement,
    minRows,
    seed,
    kernel,
    gradientLevels: options.gradientLevels,
    goss: options.goss && { top: 0.2, other: 0.1, ...options.goss },
    dart: options.dart && { dropRate: 0.1, maxDrop: 50, skipDrop: 0.5, ...options.dart },
  }
}

function checkNumbers(settings: TrainSettings): void {
  integer('rounds', settings.rounds, 1, 100_000)
  integer('maxDepth', settings.maxDepth, 1, 32)
  if (settings.maxLeaves !== Infinity) integer('maxLeaves', settings.maxLeaves, 2, 4096)
  zeroOrMore('l2', settings.l2)
  zeroOrMore('l1', settings.l1)
  zeroOrMore('minSplitGain', settings.minSplitGain)
  zeroOrMore('minChildWeight', settings.minChildWeight)
  zeroOrMore('maxDeltaStep', settings.maxDeltaStep)
  zeroOrMore('minImprovement', settings.minImprovement)
  integer('minRowsPerLeaf', settings.minRowsPerLeaf, 1, 2 ** 31 - 1)
  integer('minRows', settings.minRows, 1, 2 ** 31 - 1)
  integer('seed', settings.seed, -(2 ** 31), 2 ** 32 - 1)
}

function checkShares(settings: TrainSettings): void {
  const { goss, dart } = settings
  share('learningRate', settings.learningRate)
  share('rowSampling', settings.rowSampling)
  share('columnSampling', settings.columnSampling)
  share('columnSamplingByLevel', settings.columnSamplingByLevel)
  share('columnSamplingByNode', settings.columnSamplingByNode)
  if (goss) {
    share('goss.top', goss.top)
    share('goss.other', goss.other)
    if (goss.top + goss.other > 1) {
      throw new RangeError(`trees: goss: top + other = ${goss.top + goss.other}: must be at most 1`)
    }
  }
  if (dart) {
    chance('dart.dropRate', dart.dropRate)
    chance('dart.skipDrop', dart.skipDrop)
    integer('dart.maxDrop', dart.maxDrop, 1, 100_000)
  }
}

function checkTogether(options: TrainOptions, { l2, minChildWeight, rowSampling, dart }: TrainSettings): void {
  if (l2 === 0 && minChildWeight === 0) {
    throw new RangeError(
      'trees: minChildWeight=0: must be above 0 where l2 is 0, or leaves divide by zero. Set l2 to 1',
    )
  }
  if (options.goss && rowSampling < 1) {
    throw new RangeError(
      `trees: rowSampling=${rowSampling}: must be 1 with goss, which samples rows itself. Remove one`,
    )
  }
  if (dart && options.earlyStoppingRounds !== undefined) {
    throw new RangeError(
      `trees: earlyStoppingRounds=${options.earlyStoppingRounds}: cannot go with dart, which changes earlier trees. Set rounds`,
    )
  }
}

function integer(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`trees: ${name}=${value}: must be an integer from ${min} to ${max}`)
  }
}

function share(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) throw new RangeError(`trees: ${name}=${value}: must be above 0 and at most 1`)
}

function chance(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`trees: ${name}=${value}: must be from 0 to 1`)
}

function zeroOrMore(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) throw new RangeError(`trees: ${name}=${value}: must be a number of 0 or more`)
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new RangeError(`trees: ${name}=${value}: must be one of ${known.join(', ')}`)
}
