export type { PatchTstFiles, TrainingRecord } from './patchtst/files.ts'
export {
  decisiveSettings,
  type Fit,
  fitPatchTst,
  type PatchTstPhase,
  type PatchTstRun,
  type PatchTstSettings,
  type TaskName,
  TASKS,
} from './patchtst/fit.ts'
export {
  joinInput,
  type PatchTstInput,
  readSequenceFiles,
  type SequenceFile,
  type SequenceSplit,
  sessionsOf,
  splitFiles,
} from './patchtst/input.ts'
export { loadTrainedModel } from './patchtst/load.ts'
export { aboutFile, anchorNamed, type FileAbout, type ModelRecord, parseRecord } from './patchtst/record.ts'
export { testDates } from './patchtst/test-dates.ts'
