export { fanOut } from './fan-out.ts'
export { flattenMetrics, recordSettings } from './flatten.ts'
export type { Settings } from './flatten.ts'
export { memoryTracker } from './memory.ts'
export type { MemoryTracker, MetricPoint, RecordedRun } from './memory.ts'
export { noTracker } from './none.ts'
export { createPatience } from './patience.ts'
export type { Patience, Timer } from './patience.ts'
export { EXPERIMENTS, newRunId, runName, runTags } from './run-name.ts'
export type { RunFacts, RunNameParts } from './run-name.ts'
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
