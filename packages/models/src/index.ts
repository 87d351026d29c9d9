export { encodeAtAnchor, tableAtAnchor } from './at-anchor.ts'
export { baselineOf, type FeatureBaseline, featureBaseline } from './baseline/baseline.ts'
export { graphRows, type GraphRowsRequest } from './export/graph-rows.ts'
export { exportedForecasts, type ExportedSet, notExported, type SetGraph, setGraph } from './export/set-graph.ts'
export type { CalibratedFold } from './fit/calibrated-fold.ts'
export {
  applyCalibrators,
  calibrateHeads,
  type HeadCalibration,
  type OutOfFoldPredictions,
  whyNoMaps,
} from './fit/calibrators.ts'
export type { FinalChoices, LawChoices } from './fit/choices.ts'
export type { FinalFit } from './fit/final.ts'
export {
  type FitOptions,
  type FitPlan,
  type FitProgress,
  type FitRequest,
  fitSet,
  type FittedSet,
  planFit,
  type PlannedSet,
  type TreeOptions,
} from './fit/fit-set.ts'
export type { FoldLawFit } from './fit/fold-law.ts'
export type { FeatureGroup, HeadModel, HeadOutcome, TrainedFold } from './fit/fold.ts'
export { type HeadMetrics, headMetrics } from './fit/head-metrics.ts'
export type { HeadTrainer } from './fit/head-trainer.ts'
export {
  type HeadEvidence,
  headIntervals,
  type HeadUncertainty,
  headUncertainty,
  type HeadVariances,
  type Refit,
} from './fit/head-uncertainty.ts'
export { fitMix, type MixFit, type MixRecord, type MixRows, type MixTerm, type SetMix } from './fit/mix.ts'
export { calibrationFolds, makePlan, namedDates, type PlanRequest, splitRows } from './fit/plan.ts'
export { servedColumns, type ServedRequest } from './fit/served.ts'
export { chooseServing, type ServingChoice, type ServingEvidence } from './fit/serving.ts'
export { type ForeignFile, type ForeignModel, ITERATIONS } from './import/foreign-model.ts'
export {
  importedFrom,
  type ImportedHead,
  importHead,
  type ImportRequest,
  type ImportTarget,
} from './import/import-head.ts'
export { ask, type QuerySource, type Question } from './index/ask.ts'
export {
  type AnchorFeatures,
  anchorFeatures,
  fitOnRows,
  type FittedIndex,
  type IndexOptions,
  type LabelledSignals,
  type NeighbourOptions,
} from './index/fit-index.ts'
export {
  type IndexDates,
  indexDates,
  type IndexedRows,
  indexedRows,
  servedRows,
  trainingRows,
} from './index/indexed-rows.ts'
export { type AnchoredIndex, nearestTouches } from './index/nearest.ts'
export { type IndexRecord, parseIndexRecord } from './index/record.ts'
export { outcomesOf } from './index/touches.ts'
export type { ApproachFit, ApproachScore } from './law/approach-record.ts'
export { type ApproachDates, type ApproachRows, approachRows } from './law/approach-rows.ts'
export {
  type ApproachRequest,
  chooseShift,
  fitApproach,
  type FittedApproach,
  type ShiftRequest,
} from './law/approach.ts'
export {
  type AnchorForecastRequest,
  forecastAnchors,
  type LawForecasts,
  type LawSignals,
  momentsAt,
} from './law/at-anchors.ts'
export { calibrateLaw, type LawCalibrationRequest } from './law/calibrate.ts'
export { featuresAtMoments, type LawFeatures, lawFeatures, type MomentFeatures } from './law/columns.ts'
export {
  type ApproachShift,
  fitPathLaw,
  type PathLaw,
  type PathLawFit,
  type PathLawOptions,
  type PathLawRequest,
} from './law/fit.ts'
export { EXTREMES, forecastPath, type PathForecast, type PathForecastOptions } from './law/forecast.ts'
export {
  type FoldLaw,
  type LawForecaster,
  lawForecaster,
  type LawOrigin,
  type MomentNumbers,
  type SetLaw,
  type TiltedMoment,
} from './law/forecaster.ts'
export { goldenShifts } from './law/golden-shifts.ts'
export { type GoldenMoment, goldenMoments, type GoldenShift } from './law/golden.ts'
export { headOutcomes, type HeadSpec, probabilityHeads } from './law/outcomes.ts'
export {
  fitRegression,
  forecastRegression,
  rangeAhead,
  type RegressionRequest,
  VOLATILITY_REGRESSORS,
  type VolatilityRegression,
} from './law/regression.ts'
export type { LawUncertainty, UncertaintyParts } from './law/uncertainty.ts'
export { averageUniqueness } from './law/uniqueness.ts'
export { countOne, emptyCounts, isUnlike, type ScoreCounts } from './live/counts.ts'
export { createIndexGrower, type GrowerInput, growingRows, type GrowthCounts, type IndexGrower } from './live/grower.ts'
export type { GrowthEvent, GrowthState, KnownTouch } from './live/growth-state.ts'
export { type GrowingNeighbours, type GrowthSettings, type LookUpOptions, neighbourIndex } from './live/neighbours.ts'
export { pathForecaster, type PathForecasterOptions } from './live/path-forecaster.ts'
export { type BundlePredictor, bundlePredictor } from './live/predictor.ts'
export { type ResolvedTouch, touchTable } from './live/resolved-touches.ts'
export { type IndexFiles, indexFiles, predictionsFile, type SetName, setName, setOfMetadataFile } from './names.ts'
export { both, constantOf, takeTable } from './rows.ts'
export { divideDates, fittedDates, forecastTable, type SetModels, type TestDates } from './serve/forecast-table.ts'
export { type OutcomeHead, outcomeName, outcomeTargets, withOutcomes } from './serve/outcomes.ts'
export { retrievalHeads } from './serve/retrieval-heads.ts'
export { type NeighboursByAnchor, type PredictedRows, type ServeOptions, serveTable } from './serve/serve.ts'
export { type TiltInputs, tiltInputs } from './serve/tilt-inputs.ts'
export { type MixTuning, readMixTuning } from './serve/tuning.ts'
export type { AheadRecord } from './set/ahead-record.ts'
export type { ColumnGain, ColumnGains, GainScore, NoColumnGains } from './set/column-gains.ts'
export { describeSet, type Origin, type SetDescription } from './set/describe.ts'
export { type CalibrationRecord, type HeadRecord, parseDetails, type TrainingDetails } from './set/details.ts'
export type { FinalRecord } from './set/final-record.ts'
export { goldenRow } from './set/golden.ts'
export type { LawFoldRecord, LawRecord, ServingRecord } from './set/law-record.ts'
export { locate, type PredictedRole, type Predictions } from './set/predictions.ts'
export { testHeads } from './set/test-heads.ts'
export { type TestedFigures, type TestedHead, testedOf } from './set/tested.ts'
export {
  BARS_KEY,
  type BarsReading,
  type BarsSource,
  checkSignals,
  describeSignals,
  readOptionsOf,
  SETTINGS_KEY,
  type Signals,
  type SignalsSource,
  type StateSettings,
  targetsOf,
} from './signals.ts'
export { MIX_KINDS, type MixKind } from '@breakwater/viewport'
