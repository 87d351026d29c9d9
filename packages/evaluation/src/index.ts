export type { Audit, AuditRequest } from './audit/audit.ts'
export { auditSignals } from './audit/audit.ts'
export type { AuditCheck, AuditFinding } from './audit/finding.ts'
export type { Replay, ReplayRequest } from './audit/replay.ts'
export type { ForecastBlock, HeadForecasts, ScoredSignals, SeenRows } from './blocks.ts'
export { headForecasts } from './blocks.ts'
export type { ComparisonOptions } from './compare-head.ts'
export { compareModels } from './compare-head.ts'
export type { Comparison, HeadComparison, ModelScores } from './documents/comparison.ts'
export type {
  DataQuality,
  DataSummary,
  Evaluation,
  EvaluationSet,
  MissingColumn,
  PlanFold,
  PlanSummary,
  PredictionSource,
  Provenance,
  SetProvenance,
  UnseenCategory,
} from './documents/evaluation.ts'
export { EVALUATION_FORMAT, EVALUATION_VERSION } from './documents/evaluation.ts'
export type { Attributions, Importance, NoAttributions } from './documents/explanation.ts'
export type {
  Band,
  BrierParts,
  Curve,
  CurveBin,
  Figure,
  OperatingPoint,
  PlaceCell,
  Score,
  Sharpness,
  SmoothCurve,
  SmoothPoint,
  Task,
} from './documents/figures.ts'
export type {
  BinaryFigures,
  BinaryHead,
  FoldScores,
  HeadEvaluation,
  HeadIdentity,
  HeadScores,
  IntervalMethod,
  MaskedRows,
  Reference,
  RegressionFigures,
  RegressionHead,
  SkippedHead,
} from './documents/head.ts'
export type { IndexEvaluation, IndexSummary, QuestionName, QuestionScore } from './documents/index-evaluation.ts'
export type {
  PairedGroup,
  PairedHead,
  PairedLosses,
  RunDifference,
  RunSkill,
  RunSummary,
  SettingDifference,
} from './documents/runs.ts'
export type {
  PublishedCell,
  PublishedGroup,
  PublishedGroups,
  PublishedHead,
  PublishedRanking,
  PublishedTouch,
  ServedEvaluation,
} from './documents/served.ts'
export type {
  BinaryCalibration,
  CalibrationColumn,
  CensoredScores,
  FoldCalibrator,
  HeadCalibrationScores,
  KindFigures,
  KindScores,
  SetCalibration,
  SkippedCalibration,
  StrengthCalibration,
  StrengthIntervals,
} from './documents/side-by-side.ts'
export type { GroupSummary, SetSummary, StrengthSummary } from './documents/summary.ts'
export type { HeadInput } from './evaluate-head.ts'
export { evaluateHead } from './evaluate-head.ts'
export type { Forecasts } from './forecasts.ts'
export { byFold, byKind, columnOf, takeForecasts } from './forecasts.ts'
export { judgedFirst, setHeadlines, setsTable } from './headlines/sets.ts'
export type { FigureTable, Metrics, TrainingHeadlines } from './headlines/training.ts'
export { trainingHeadlines, trainingTable } from './headlines/training.ts'
export { QUESTIONS, scoreQuestion } from './index-questions.ts'
export type { ColumnScores, ForecastScores, Resampling, ScoreOptions } from './score.ts'
export { columnScores, LEVEL, SAMPLES, score, SMOOTH_SAMPLES } from './score.ts'
export type { CalibrationChecks } from './scoring/checks.ts'
export { EPISODE_MINUTES, episodeStarts } from './scoring/episodes.ts'
export type { Reliability, ReliabilityOptions } from './scoring/reliability.ts'
export type { FoldInterval } from './scoring/strength.ts'
export { setCurves, setFigures } from './set-figures.ts'
export type { ComparedColumn, ComparedHead, SideBySideInput } from './side-by-side.ts'
export { compareSideBySide } from './side-by-side.ts'
