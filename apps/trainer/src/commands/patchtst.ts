import { patchTstText } from '@breakwater/report'
import { withFolderLock } from '@breakwater/formats/node'
import { type TaskName, TASKS } from '@breakwater/models/patchtst'
import { MODEL_DEFAULTS } from '@breakwater/patchtst'
import type { LossWeights, ScheduleKind } from '@breakwater/patchtst'
import { Option } from 'commander'
import type { Command } from 'commander'
import {
  createProgress,
  examples,
  lossWeights,
  numberIn,
  positiveNumber,
  wholeNumber,
  wordList,
} from '@breakwater/command-line'
import type { Context } from '../context.ts'
import { readInput } from '../patchtst/files.ts'
import { trainOnSequences } from '../patchtst/train.ts'
import type { PatchTstRequest } from '../patchtst/train.ts'
import { aboutPatchTst, followEpochs, recordPatchTst } from '../tracking/patchtst.ts'
import { openTracking } from '../tracking/tracking.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<'device' | 'keepVersions' | 'threads' | 'seed' | 'tracking' | 'trackingDeadline'> & {
  readonly trainFiles: readonly string[]
  readonly valFiles?: readonly string[]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly schedule: ScheduleKind
  readonly warmup?: number
  readonly clipNorm: number
  readonly patience: number
  readonly tasks?: readonly TaskName[]
  readonly lossWeights?: LossWeights
  readonly classWeights: 'balanced' | 'none'
  readonly pretrainEpochs: number
  readonly headEpochs: number
  readonly patchLength: number
  readonly stride: number
  readonly layers: number
  readonly width: number
  readonly attentionHeads: number
  readonly feedForward: number
  readonly dropout: number
  readonly norm: 'batch' | 'layer'
  readonly resume?: boolean
  readonly outputDir: string
  readonly name: string
}

/** The command `patchtst`. */
export function patchTstCommand(context: Context): Command {
  const train = command('patchtst', 'Train PatchTST, the sequence baseline, on sequence files.')
    .requiredOption('--train-files <paths...>', 'sequence files to train on: names or globs')
    .option(
      '--val-files <paths...>',
      'later files that decide which epoch to keep (default: the last eighth of --train-files)',
    )
    .option('--tasks <names...>', `heads to train (default: ${TASKS.join(' ')})`, wordList(TASKS))
    .option(
      '--loss-weights <name=x,...>',
      'weights of the losses, such as direction=1,strength=0.5',
      lossWeights(TASKS),
    )
    .addOption(
      new Option('--class-weights <how>', 'balanced gives breaks and bounces equal weight')
        .choices(['none', 'balanced'])
        .default('none'),
    )
    .option(
      '--pretrain-epochs <n>',
      'epochs of pre-training on masked patches, which do not overlap in this mode',
      wholeNumber(0),
      0,
    )
    .option('--head-epochs <n>', 'number of initial epochs that train only the heads', wholeNumber(0), 0)
    .option('--resume', 'continue from the checkpoint of an interrupted run with the same options')
    .option('--output-dir <folder>', 'where the model goes', DEFAULTS.patchtst)
    .option('--name <name>', 'name of the model files', 'patchtst')
    .addOption(option(SHARED_OPTIONS.keepVersions))
    .addOption(option(SHARED_OPTIONS.tracking))
    .addOption(option(SHARED_OPTIONS.trackingDeadline))
  addFitOptions(train)
  addModelOptions(train)
  return train
    .addHelpText(
      'after',
      examples(
        "trainer patchtst --train-files 'sequence_dataset_2025-12-1[0-2].npz' --val-files 'sequence_dataset_2025-12-15.npz' --epochs 100",
        "trainer patchtst --train-files 'sequence_dataset_*.npz' --width 16 --attention-heads 4 --threads 1 --resume",
      ),
    )
    .action((flags: Flags) => runPatchTst(context, flags))
}

function addFitOptions(train: Command): void {
  train
    .option('--epochs <n>', 'maximum number of epochs', wholeNumber(1), 100)
    .option('--batch-size <n>', 'sequences per step', wholeNumber(1), 128)
    .option('--learning-rate <x>', 'peak learning rate', positiveNumber, 3e-4)
    .option('--weight-decay <x>', "AdamW's weight decay", numberIn(0, Infinity), 0.01)
    .addOption(
      new Option('--schedule <kind>', 'schedule of the learning rate')
        .choices(['constant', 'cosine', 'one-cycle'])
        .default('cosine'),
    )
    .option(
      '--warmup <share>',
      'share of steps over which the rate rises (default: 0.05, one-cycle 0.3)',
      numberIn(0, 1),
    )
    .option('--clip-norm <x>', 'maximum norm of the gradient; 0 for no limit', numberIn(0, Infinity), 1)
    .option('--patience <n>', 'stop after n epochs without a lower validation loss', wholeNumber(1), 10)
    .addOption(option(SHARED_OPTIONS.seed, 'seed of all random choices'))
    .addOption(option(SHARED_OPTIONS.device))
    .addOption(option(SHARED_OPTIONS.threads, 'worker threads; the model does not depend on them (default: all)'))
}

function addModelOptions(train: Command): void {
  train
    .option('--patch-length <n>', 'bars per patch', wholeNumber(1), MODEL_DEFAULTS.patchLength)
    .option('--stride <n>', 'bars between the starts of two patches', wholeNumber(1), MODEL_DEFAULTS.stride)
    .option('--layers <n>', 'encoder layers', wholeNumber(1), MODEL_DEFAULTS.layers)
    .option('--width <n>', 'width of a token', wholeNumber(1), MODEL_DEFAULTS.width)
    .option('--attention-heads <n>', 'attention heads; must divide the width', wholeNumber(1), MODEL_DEFAULTS.heads)
    .option('--feed-forward <n>', 'width of the feed-forward layer', wholeNumber(1), MODEL_DEFAULTS.feedForward)
    .option('--dropout <x>', 'dropout rate', numberIn(0, 1), MODEL_DEFAULTS.dropout)
    .addOption(
      new Option('--norm <kind>', 'normalisation of the encoder')
        .choices(['batch', 'layer'])
        .default(MODEL_DEFAULTS.norm),
    )
}

/** Runs `breakwater patchtst`. */
async function runPatchTst(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const tracking = openTracking(context, progress, flags)
  const request = requestOf(flags)
  const input = await readInput(context, request)
  const folder = absolute(context.cwd, request.outputDir)
  const saved = await withFolderLock(folder, { command: 'breakwater patchtst' }, () =>
    tracking.run(aboutPatchTst(request, input), async (run) => {
      const follow = followEpochs(run)
      const trained = await trainOnSequences(context, progress, request, input, follow)
      await follow.settled()
      await recordPatchTst(run, trained, context.clock())
      return trained
    }),
  )
  const { details, version: _version, ...written } = saved
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ written, ...details }, null, 2)}\n`)
  else context.terminal.out(patchTstText(saved))
}

function requestOf(flags: Flags): PatchTstRequest {
  const { epochs, batchSize, learningRate, weightDecay, schedule, warmup, clipNorm, patience, seed } = flags
  const { patchLength, stride, layers, width, attentionHeads, feedForward, dropout, norm } = flags
  return {
    trainFiles: flags.trainFiles,
    valFiles: flags.valFiles,
    tasks: flags.tasks ?? TASKS,
    model: { patchLength, stride, layers, width, heads: attentionHeads, feedForward, dropout, norm },
    fit: {
      epochs,
      batchSize,
      learningRate,
      weightDecay,
      schedule,
      clipNorm,
      patience,
      seed,
      device: flags.device,
      ...(warmup === undefined ? {} : { warmup }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    },
    classWeights: flags.classWeights,
    lossWeights: flags.lossWeights ?? {},
    pretrainEpochs: flags.pretrainEpochs,
    headEpochs: flags.headEpochs,
    resume: flags.resume === true,
    outputDir: flags.outputDir,
    name: flags.name,
    keepVersions: flags.keepVersions,
  }
}
