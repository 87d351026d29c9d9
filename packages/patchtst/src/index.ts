export { MODEL_DEFAULTS } from './config.ts'
export type { ModelOptions, PatchTstConfig, ReachTask, Tasks } from './config.ts'
export { DEVICES } from './engine/device.ts'
export type { Device } from './engine/device.ts'
export { loadModel, saveModel } from './model-files.ts'
export type { LoadedModel, SavedFile, SavedModel } from './model-files.ts'
export type { PatchTstModel } from './model.ts'
export type {
  EpochReport,
  FitOptions,
  LossWeights,
  PretrainOptions,
  ScheduleKind,
  StepReport,
  TrainOptions,
  TrainResult,
} from './options.ts'
export { createPredictor, predictPatchTst } from './predict.ts'
export type { Predictions, PredictOptions, Predictor, PredictorSource } from './predict.ts'
export type { SequenceLabels, SequenceSet, SeriesWindows, TrainingData } from './sequence-set.ts'
export type { ReachLabels, SequenceData } from './sequences-data.ts'
export { readSequences, writeSequences } from './sequences-file.ts'
export type { SequenceStream } from './sequences-file.ts'
export { checkSame, joinSequences } from './sequences-join.ts'
export { byInterval, toSequenceSet } from './sequences-set.ts'
export { fillStatics, fitStatics } from './sequences-statics.ts'
export type { StaticFill } from './sequences-statics.ts'
export { planWindows, windowMasks, windowValues } from './sequences-windows.ts'
export type { BarChannels, WindowPlan } from './sequences-windows.ts'
export { pretrainPatchTst, trainPatchTst } from './train.ts'
