export { binMatrix } from './binning/bin-matrix.ts'
export type { BinnedMatrix, BinOptions } from './binning/bin-matrix.ts'
export { interventionalExplainer, pathDependentExplainer } from './explain/explainer.ts'
export type { Explainer } from './explain/explainer.ts'
export { importance } from './explain/importance.ts'
export type { ColumnImportance } from './explain/importance.ts'
export type { PermutationMetric, PermutationMetricName } from './explain/permutation-metric.ts'
export { permutationImportance } from './explain/permutation.ts'
export type { GroupImportance, PermutationImportance, PermutationOptions } from './explain/permutation.ts'
export { meanContributions, topContributions } from './explain/summary.ts'
export type { ColumnContribution, RowContribution, TopOptions } from './explain/summary.ts'
export { BUNDLE_VERSION, decodeBundle, encodeBundle } from './formats/bundle.ts'
export type { Bundle, BundleDescription, GoldenRow, Json } from './formats/bundle.ts'
export type { ColumnOptions } from './formats/foreign-columns.ts'
export { fromLightgbm } from './formats/lightgbm/read.ts'
export type { LossParameters } from './formats/xgboost/objective.ts'
export { fromXgboost } from './formats/xgboost/read.ts'
export type { XgboostOptions } from './formats/xgboost/read.ts'
export { toXgboostJson, toXgboostUbj } from './formats/xgboost/write.ts'
export type { Matrix } from './model/matrix.ts'
export { firstTrees, inCategorySet, linkOf, MAX_CATEGORIES, treeCount } from './model/model.ts'
export type { Link, Objective, TreeModel } from './model/model.ts'
export {
  predict,
  predictHeads,
  predictionOf,
  predictRaw,
  predictRow,
  predictRowRaw,
  sigmoid,
} from './scoring/predict.ts'
export { createScorer } from './scoring/scorer.ts'
export type { ScoreEngine, Scorer, ScorerOptions } from './scoring/scorer.ts'
export type { Head, HeadResult, SkippedHead, TrainedHead } from './train/heads.ts'
export type { Metric } from './train/metrics.ts'
export type { CustomObjective } from './train/objectives.ts'
export type { Dart, Goss, TrainOptions, TrainProgress } from './train/options.ts'
export { estimateMemory } from './train/plan-memory.ts'
export type { MemoryEstimate, MemoryRequest } from './train/plan-memory.ts'
export { predictQuantiles, quantileHeads } from './train/quantiles.ts'
export { refitLeaves } from './train/refit.ts'
export type { RefitOptions } from './train/refit.ts'
export { trainBoosted, trainHeads } from './train/train.ts'
export type { BoostOptions } from './train/train.ts'
