import type {
  EpochReport,
  FitOptions,
  LossWeights,
  ModelOptions,
  Predictions,
  SequenceData,
  SequenceSet,
  StepReport,
  Tasks,
  TrainOptions,
  TrainResult,
} from '@breakwater/patchtst'
import { predictPatchTst, pretrainPatchTst, toSequenceSet, trainPatchTst } from '@breakwater/patchtst'
import { type HeadMetrics, headMetrics } from '../fit/head-metrics.ts'
import { constantOf } from '../rows.ts'
import type { Origin } from '../set/describe.ts'
import { modelPlace, type PatchTstFiles, preparePlace, saveTraining } from './files.ts'
import { type PatchTstInput, sessionsOf } from './input.ts'
import { aboutFile, type ModelRecord } from './record.ts'

/** The heads that can be trained on sequence files. */
export const TASKS = ['direction', 'strength', 'reach'] as const
/** One of {@link TASKS}. */
export type TaskName = (typeof TASKS)[number]

/** Settings of the training, all decided. */
export type Fit = Required<
  Pick<
    FitOptions,
    'epochs' | 'batchSize' | 'learningRate' | 'weightDecay' | 'schedule' | 'clipNorm' | 'patience' | 'seed' | 'device'
  >
> &
  Pick<FitOptions, 'warmup' | 'threads'>

/** What to train. */
export interface PatchTstSettings {
  readonly tasks: readonly TaskName[]
  readonly model: ModelOptions
  readonly fit: Fit
  readonly classWeights: 'balanced' | 'none'
  readonly lossWeights: LossWeights
  /** Epochs of pre-training on hidden patches; 0 for none. */
  readonly pretrainEpochs: number
  /** First epochs in which only the heads learn. */
  readonly headEpochs: number
}

/** One of the two trainings, as it goes. */
export type PatchTstPhase = 'pre-train' | 'train'

/** Where a model goes, what is recorded of its origin, and the callbacks for its progress. */
export interface PatchTstRun {
  readonly folder: string
  /** Name of the files, without their endings. */
  readonly name: string
  /** Whether to continue from the checkpoint of an interrupted training with the same settings. */
  readonly resume: boolean
  /** Versions of the model that stay, this one included; default 3. */
  readonly keepVersions?: number | undefined
  /** Called when the model is trained. */
  readonly origin: () => Origin
  readonly signal?: AbortSignal
  readonly onStep?: (phase: PatchTstPhase, report: StepReport) => void
  readonly onEpoch?: (phase: PatchTstPhase, report: EpochReport) => void
  readonly onEnd?: (phase: PatchTstPhase, result: TrainResult) => void
}

/** Trains PatchTST on the training files, stopped and chosen by the validation files, and writes the model. */
export async function fitPatchTst(
  input: PatchTstInput,
  settings: PatchTstSettings,
  run: PatchTstRun,
): Promise<PatchTstFiles> {
  const { train, validation, fill, split } = input
  const place = modelPlace(run.folder, run.name)
  await preparePlace(place, run.resume)
  const sets = { train: toSequenceSet(train, fill), validation: toSequenceSet(validation, fill) }
  const initial = await pretrain(settings, sets, run)
  const options: TrainOptions = {
    ...fitOptions(settings, run, 'train'),
    checkpoint: place.checkpoint,
    model: initial === undefined ? settings.model : { ...settings.model, ...apartPatches(settings.model) },
    tasks: tasksOf(settings.tasks, train),
    classWeights: settings.classWeights,
    lossWeights: settings.lossWeights,
    headEpochs: settings.headEpochs,
    ...(initial === undefined ? {} : { initial: initial.model }),
  }
  const result = await trainPatchTst(sets.train, sets.validation, options)
  run.onEnd?.('train', result)
  const answers = await predictPatchTst(result.model, sets.validation)
  return saveTraining(place, result, {
    keepVersions: run.keepVersions,
    record: recordOf(settings, input, run.origin()),
    settings: decisiveSettings(settings),
    files: { train: split.train.map(({ file }) => file), validation: split.validation.map(({ file }) => file) },
    validation: scoreAnswers(validation, answers),
  })
}

interface Sets {
  readonly train: SequenceSet
  readonly validation: SequenceSet
}

/** A pre-trained encoder reads patches that do not overlap; fine-tuning goes on with the same ones. */
const apartPatches = ({ patchLength = 16 }: ModelOptions): ModelOptions => ({
  stride: patchLength,
  endPadding: false,
})

async function pretrain(
  settings: PatchTstSettings,
  { train, validation }: Sets,
  run: PatchTstRun,
): Promise<TrainResult | undefined> {
  if (settings.pretrainEpochs === 0) return undefined
  const result = await pretrainPatchTst(train, validation, {
    ...fitOptions(settings, run, 'pre-train'),
    epochs: settings.pretrainEpochs,
    model: { ...settings.model, ...apartPatches(settings.model) },
  })
  run.onEnd?.('pre-train', result)
  return result
}

function fitOptions(
  { fit }: PatchTstSettings,
  { signal, onStep, onEpoch }: PatchTstRun,
  phase: PatchTstPhase,
): FitOptions {
  return {
    ...fit,
    ...(signal === undefined ? {} : { signal }),
    onStep: (report) => onStep?.(phase, report),
    onEpoch: (report) => onEpoch?.(phase, report),
  }
}

function tasksOf(names: readonly TaskName[], { reach, source }: SequenceData): Tasks {
  if (names.includes('reach') && reach === null) {
    throw new Error(
      `models: ${source}: array y_reach: is not in the file, and the tasks ask for reach. Write it with \`breakwater sequences\`, or leave reach out.`,
    )
  }
  return {
    ...(names.includes('direction') ? { direction: true } : {}),
    ...(names.includes('strength') ? { strength: true } : {}),
    ...(names.includes('reach') && reach !== null ? { reach: { curves: reach.curves, horizons: reach.horizons } } : {}),
  }
}

/** Everything that decides the outcome, for the record and for trackers. */
export function decisiveSettings(request: PatchTstSettings): Readonly<Record<string, unknown>> {
  const { model, fit, tasks, classWeights, lossWeights, pretrainEpochs, headEpochs } = request
  const { threads: _threads, device: _device, ...decisive } = fit
  return { ...model, ...decisive, tasks, classWeights, lossWeights, pretrainEpochs, headEpochs }
}

function recordOf(
  { fit }: PatchTstSettings,
  { split, train, validation, fill }: PatchTstInput,
  { timestamp, gitSha, libraryVersion }: Origin,
): ModelRecord {
  const about = aboutFile(train.metadata)
  return {
    format: 'breakwater-patchtst',
    version: 1,
    anchor: about?.anchor ?? null,
    thresholds: about?.thresholds ?? null,
    signalsHash: about?.signalsHash ?? null,
    trainDates: sessionsOf(split.train),
    validationDates: sessionsOf(split.validation),
    trainSamples: train.samples,
    validationSamples: validation.samples,
    statics: fill,
    reference: {
      direction: constantOf(
        'binary',
        Float32Array.from(train.yBreak),
        known(train.yBreak, (label) => label >= 0),
      ),
      strength: constantOf(
        'regression',
        train.yStrength,
        known(train.yStrength, (value) => !Number.isNaN(value)),
      ),
    },
    seed: fit.seed,
    timestamp,
    gitSha,
    libraryVersion,
  }
}

const known = (values: Int8Array | Float32Array, holds: (value: number) => boolean): Uint8Array =>
  Uint8Array.from(values, (value) => Number(holds(value)))

/** Scores of a model's answers on the samples that have a label, by head; the reach heads as one. */
function scoreAnswers(data: SequenceData, answers: Predictions): Readonly<Record<string, HeadMetrics>> {
  const { direction, strength, reach } = answers
  return {
    ...(direction === undefined ? {} : { direction: binary(direction, data.yBreak) }),
    ...(strength === undefined ? {} : { strength: regression(strength, data.yStrength) }),
    ...(reach === undefined || data.reach === null ? {} : { reach: binary(reach, data.reach.values) }),
  }
}

function binary(p: Float32Array, labels: Int8Array): HeadMetrics {
  const mask = Uint8Array.from(labels, (label) => Number(label >= 0))
  return headMetrics('binary', Float64Array.from(p), Float32Array.from(labels), mask)
}

function regression(values: Float32Array, targets: Float32Array): HeadMetrics {
  const mask = Uint8Array.from(targets, (target) => Number(!Number.isNaN(target)))
  return headMetrics('regression', Float64Array.from(values), targets, mask)
}
