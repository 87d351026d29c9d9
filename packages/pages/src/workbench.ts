export { type ForecastSet, workbenchData, type WorkbenchData, type WorkbenchInput } from './workbench/build.ts'
export type { ActedHead, ActedHeads } from './workbench/curves.ts'
export type {
  AnchorLabels,
  ComparedRun,
  FeatureHistory,
  PairedFigures,
  RuleCurve,
  RunComparison,
  SessionData,
  SessionSummary,
  ThresholdActed,
  ThresholdRule,
  WorkbenchDrift,
  WorkbenchEquity,
  WorkbenchIndex,
  WorkbenchScore,
  WorkbenchSet,
} from './workbench/data.ts'
export { type WorkbenchFile, workbenchFiles } from './workbench/files.ts'
export type { ExplainedRows } from './workbench/reasons.ts'
