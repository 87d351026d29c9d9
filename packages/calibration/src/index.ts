export { rocAuc } from './auc.ts'
export type { BinningOptions } from './binning.ts'
export { type BootstrapInterval, type BootstrapOptions, sessionBlockBootstrap } from './bootstrap.ts'
export { type BrierDecomposition, brierDecomposition, brierScore, skill } from './brier.ts'
export type { Measure, Values } from './check.ts'
export { LOG_LOSS_EPSILON, logLoss } from './log-loss.ts'
export { correlation, meanAbsoluteError, rootMeanSquaredError } from './regression.ts'
export {
  expectedCalibrationError,
  maximumCalibrationError,
  type ReliabilityBin,
  type ReliabilityCurve,
  reliabilityCurve,
  type ReliabilityOptions,
} from './reliability.ts'
export {
  aucBySession,
  brierBySession,
  brierSkillBySession,
  correlationBySession,
  type DrawnScore,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  rmseBySession,
  type SessionBlocks,
  type SessionScore,
} from './session-scores.ts'
export { type Interval, wilsonInterval } from './wilson.ts'
