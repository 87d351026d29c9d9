export { fanOut } from './fan-out.ts'
export { flattenMetrics, recordSettings } from './flatten.ts'
export type { Settings } from './flatten.ts'
export { memoryTracker } from './memory.ts'
export type { MemoryTracker, MetricPoint, RecordedRun } from './memory.ts'
export { MLFLOW_PYTHON, mlflowOnnxFiles, type OnnxModelFiles, type OnnxPort } from './mlflow/onnx-model.ts'
export { noTracker } from './none.ts'
export { createPatience } from './patience.ts'
export type { Patience, Timer } from './patience.ts'
export { EXPERIMENTS, newRunId, runDescription, runName, runTags } from './run-name.ts'
export type { RunDescriptionParts, RunFacts, RunNameParts } from './run-name.ts'
export { recordTable, type RunTable } from './table.ts'
export type {
  Artifact,
  ArtifactFile,
  DatasetInput,
  JobName,
  ParamValue,
  RunStart,
  RunStatus,
  TrackedRun,
  Tracker,
  TrackerContext,
} from './tracker.ts'
