import { existsSync } from 'node:fs'
import { constantOf } from '@breakwater/models'
import type {
  EpochReport,
  FitOptions,
  LossWeights,
  ModelOptions,
  SequenceData,
  SequenceSet,
  Tasks,
  TrainOptions,
  TrainResult,
} from '@breakwater/patchtst'
import { predictPatchTst, pretrainPatchTst, toSequenceSet, trainPatchTst } from '@breakwater/patchtst'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { shown } from '../paths.ts'
import type { Progress } from '../progress.ts'
import { sessionsOf } from './files.ts'
import type { InputFiles, PatchTstInput } from './input.ts'
import { aboutFile } from './record.ts'
import type { ModelRecord } from './record.ts'
import { modelPlace, preparePlace, saveTraining } from './save.ts'
import type { SavedTraining } from './save.ts'
import { noteReplaced } from '../versions/replaced.ts'
import { scoreAnswers } from './scores.ts'

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
export interface PatchTstRequest extends InputFiles {
  readonly tasks: readonly TaskName[]
  readonly model: ModelOptions
  readonly fit: Fit
  readonly classWeights: 'balanced' | 'none'
  readonly lossWeights: LossWeights
  /** Epochs of pre-training on hidden patches; 0 for none. */
  readonly pretrainEpochs: number
  /** First epochs in which only the heads learn. */
  readonly headEpochs: number
  readonly resume: boolean
  readonly outputDir: string
  readonly name: string
  readonly keepVersions: number
}

/** Reports of a training as it goes. */
export interface PatchTstEvents {
  readonly onEpoch: (report: EpochReport) => void
}

/** Trains PatchTST on the training files, stopped and chosen by the validation files, and writes the model. */
export async function trainOnSequences(
  context: Context,
  progress: Progress,
  request: PatchTstRequest,
  input: PatchTstInput,
  events: PatchTstEvents,
): Promise<SavedTraining> {
  const { train, validation, fill, split } = input
  const place = modelPlace(context, request.outputDir, request.name)
  await preparePlace(place, request.resume)
  const sets = { train: toSequenceSet(train, fill), validation: toSequenceSet(validation, fill) }
  const initial = await pretrain(context, progress, request, sets)
  const options: TrainOptions = {
    ...fitOptions(context, request, place.checkpoint),
    model: initial === undefined ? request.model : { ...request.model, ...apartPatches(request.model) },
    tasks: tasksOf(request.tasks, train),
    classWeights: request.classWeights,
    lossWeights: request.lossWeights,
    headEpochs: request.headEpochs,
    ...(initial === undefined ? {} : { initial: initial.model }),
  }
  const result = await withProgress(progress, 'train patchtst', options, events.onEpoch, (followed) =>
    trainPatchTst(sets.train, sets.validation, { ...options, ...followed }),
  ).catch((error: unknown) => {
    if (context.signal.aborted && existsSync(place.checkpoint)) {
      progress.note(`kept up to the last whole epoch: ${shown(context.cwd, place.checkpoint)}. Go on with --resume.`)
    }
    throw error
  })
  const answers = await predictPatchTst(result.model, sets.validation)
  await noteReplaced(context, progress, { folder: place.folder, pointer: `${request.name}.json` })
  return saveTraining(context, place, result, {
    keepVersions: request.keepVersions,
    record: recordOf(context, request, input),
    settings: settingsOf(request),
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
  context: Context,
  progress: Progress,
  request: PatchTstRequest,
  { train, validation }: Sets,
): Promise<TrainResult | undefined> {
  if (request.pretrainEpochs === 0) return undefined
  const options = {
    ...fitOptions(context, request),
    epochs: request.pretrainEpochs,
    model: { ...request.model, ...apartPatches(request.model) },
  }
  return withProgress(progress, 'pre-train patchtst', options, undefined, (followed) =>
    pretrainPatchTst(train, validation, { ...options, ...followed }),
  )
}

function fitOptions({ signal }: Context, { fit }: PatchTstRequest, checkpoint?: string): FitOptions {
  return { ...fit, signal, ...(checkpoint === undefined ? {} : { checkpoint }) }
}

/** Shows each step with its epoch and losses. */
async function withProgress(
  progress: Progress,
  label: string,
  { epochs = 1 }: FitOptions,
  onEpoch: ((report: EpochReport) => void) | undefined,
  work: (followed: Pick<FitOptions, 'onEpoch' | 'onStep'>) => Promise<TrainResult>,
): Promise<TrainResult> {
  const parts = 1000
  const step = progress.step(label, parts)
  let losses = ''
  const result = await work({
    onStep: ({ step: done, steps, epoch, loss }) => {
      step.update((parts * done) / steps, `epoch ${epoch}/${epochs} loss ${loss.toFixed(4)}${losses}`)
    },
    onEpoch: (report) => {
      losses = `, validation ${report.validationLoss?.toFixed(4) ?? '-'}`
      onEpoch?.(report)
    },
  })
  step.end(`${result.history.length} epochs, the best is ${result.bestEpoch}`)
  return result
}

function tasksOf(names: readonly TaskName[], { reach, source }: SequenceData): Tasks {
  if (names.includes('reach') && reach === null) {
    throw new Error(
      `trainer: ${source}: array y_reach: is not in the file, and --tasks asks for reach. Write it with \`trainer sequences\`, or leave reach out.`,
    )
  }
  return {
    ...(names.includes('direction') ? { direction: true } : {}),
    ...(names.includes('strength') ? { strength: true } : {}),
    ...(names.includes('reach') && reach !== null ? { reach: { curves: reach.curves, horizons: reach.horizons } } : {}),
  }
}

/** Everything that decides the outcome, for the record and for trackers. */
export function settingsOf(request: PatchTstRequest): Readonly<Record<string, unknown>> {
  const { model, fit, tasks, classWeights, lossWeights, pretrainEpochs, headEpochs } = request
  const { threads: _threads, device: _device, ...decisive } = fit
  return { ...model, ...decisive, tasks, classWeights, lossWeights, pretrainEpochs, headEpochs }
}

function recordOf(
  context: Context,
  request: PatchTstRequest,
  { split, train, validation, fill }: PatchTstInput,
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
    seed: request.fit.seed,
    timestamp: new Date(context.clock()).toISOString(),
    gitSha: gitCommit(context.cwd),
    libraryVersion: trainerVersion(),
  }
}

const known = (values: Int8Array | Float32Array, holds: (value: number) => boolean): Uint8Array =>
  Uint8Array.from(values, (value) => Number(holds(value)))
