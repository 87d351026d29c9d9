export { cumulativeIncidence, type EventTimes, type Incidence, type IncidenceOptions } from './aalen-johansen.ts'
export {
  adaptiveConformal,
  type AdaptiveRun,
  type AdaptiveSession,
  type AdaptiveState,
  startAdaptive,
  stepAdaptive,
} from './adaptive-conformal.ts'
export { rocAuc } from './auc.ts'
export { type BestTrial, chooseBest, type ChooseBestOptions } from './best-trial.ts'
export { fitBeta } from './beta.ts'
export type { BinningOptions } from './binning.ts'
export { type BootstrapInterval, type BootstrapOptions, sessionBlockBootstrap } from './bootstrap.ts'
export { type BrierDecomposition, brierDecomposition, brierScore, skill } from './brier.ts'
export { calibratorFromJson, conformalFromJson } from './calibrator-json.ts'
export {
  applyCalibrator,
  type BetaCalibrator,
  type Calibrator,
  type CalibratorFit,
  type IdentityCalibrator,
  type IsotonicCalibrator,
  type PlattCalibrator,
  type Steps,
  type TemperatureCalibrator,
  type VennAbersCalibrator,
  vennAbersInterval,
} from './calibrator.ts'
export { type CensoredBin, censoredCalibration, type CensoredCurve } from './censored-calibration.ts'
export type { Measure, Values } from './check.ts'
export {
  type CalibratorChoice,
  type CandidateScore,
  chooseCalibrator,
  type ChooseOptions,
  type ConfirmRows,
} from './choose.ts'
export { coherentProbabilities, type Implication } from './coherence.ts'
export { type ConformalInterval, conformalRadius } from './conformal.ts'
export { debiasedCalibrationError, debiasedRootCalibrationError } from './debiased.ts'
export { eceBySession, smoothEceBySession } from './error-by-session.ts'
export { fitCalibrator, FITTED_KINDS, type FittedKind } from './fit.ts'
export { type IntervalScores, intervalScores, quantileLoss } from './intervals.ts'
export { fitCentredIsotonic, fitIsotonic } from './isotonic.ts'
export { LOG_LOSS_EPSILON, logLoss } from './log-loss.ts'
export { meanOfMeans, type SessionSums } from './mean-of-means.ts'
export {
  type BinaryMetric,
  ECE_BINS,
  type Metric,
  type MetricKey,
  type MetricRows,
  METRICS,
  type RegressionMetric,
} from './metrics.ts'
export {
  calibrationNullBand,
  type CalibrationStatistic,
  eceStatistic,
  type NullBand,
  type NullBandOptions,
  smoothEceStatistic,
} from './null-band.ts'
export { effectiveCount, type Overlap, overlapOf, type RateBand, rateBand } from './overlap.ts'
export { fitPlatt } from './platt.ts'
export { rankingCurve, type RankingPoint } from './ranking-curve.ts'
export { correlation, meanAbsoluteError, rootMeanSquaredError } from './regression.ts'
export {
  expectedCalibrationError,
  maximumCalibrationError,
  type ReliabilityBin,
  type ReliabilityCurve,
  reliabilityCurve,
  type ReliabilityOptions,
} from './reliability.ts'
export { type HeadCalibrator, headCalibratorFromJson, type ServedHeads, servedHeads } from './served.ts'
export {
  aucBySession,
  brierBySession,
  brierSkillBySession,
  correlationBySession,
  type DrawnScore,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  meanValueBySession,
  rmseBySession,
  type SessionBlocks,
  type SessionScore,
} from './session-scores.ts'
export { type SmoothCurve, type SmoothCurveOptions, type SmoothPoint, smoothReliabilityCurve } from './smooth-curve.ts'
export { smoothCalibrationError, type SmoothCalibrationError } from './smooth-ece.ts'
export { addToSmoothSums, SMOOTH_SUMS, smoothEceOfSums } from './smooth-sums.ts'
export { type CalibrationTest, spiegelhalterTest } from './spiegelhalter.ts'
export { studentQuantile } from './student.ts'
export { fitTemperature } from './temperature.ts'
export { fitVennAbers } from './venn-abers.ts'
export { type Interval, wilsonInterval } from './wilson.ts'
