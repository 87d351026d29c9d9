import { ABLATIONS, ANCHORS, BAR_SERIES, DEFAULT_HORIZONS, PRIMARY_ANCHOR, STAGES } from '@breakwater/features'
import { DEVICES, MODEL_DEFAULTS } from '@breakwater/patchtst'
import { Option } from 'commander'
import type { Command } from 'commander'
import { dateList, lossWeights, numberIn, positiveList, positiveNumber, wholeNumber, wordList } from './arguments.ts'
import { command, examples, schemaOption } from './command.ts'
import { runCompare } from './commands/compare.ts'
import type { CompareFlags } from './commands/compare.ts'
import { runPatchTst } from './commands/patchtst.ts'
import type { PatchTstFlags } from './commands/patchtst.ts'
import { runSequences } from './commands/sequences.ts'
import type { SequencesFlags } from './commands/sequences.ts'
import type { Context } from './context.ts'
import { TASKS } from './patchtst/train.ts'
import { DEFAULTS } from './paths.ts'
import { trackingOption } from './tracking/option.ts'

/** The command `sequences`. */
export function sequencesCommand(context: Context): Command {
  return command('sequences', 'Write the bars before each touch as sequences for PatchTST, one .npz file a session.')
    .option('--date <dates...>', 'sessions to write (default: all of the signals)', dateList)
    .option('--dates <dates...>', 'the same, for several', dateList)
    .option(
      '--seq-len <bars>',
      'one-minute bars of a sequence; shorter ones are padded on the left',
      wholeNumber(1),
      60,
    )
    .option('--channels <names...>', `channels of a sequence (default: ${BAR_SERIES.join(' ')})`, wordList(BAR_SERIES))
    .option('--no-statics', 'sequences alone, without features of the touch')
    .addOption(new Option('--stage <stage>', 'feature stage of the statics').choices(STAGES).default('stage_b'))
    .addOption(new Option('--ablation <name>', 'feature families of the statics').choices(ABLATIONS).default('full'))
    .addOption(new Option('--anchor <name>', 'anchor of the labels').choices(ANCHORS).default(PRIMARY_ANCHOR))
    .option(
      '--horizons <seconds...>',
      `horizons of the reach labels (default: ${DEFAULT_HORIZONS.join(' ')})`,
      positiveList,
    )
    .option('--data-path <paths...>', 'signals: files, folders or globs')
    .option('--bars <paths...>', 'one-minute bars (default: those that the signals were made from)')
    .option('--timezone <iana>', 'time zone of stamps in --bars that carry none')
    .option('--repair', 'repair bad bars of --bars, as `signals` did')
    .option('--output-dir <folder>', 'where the files go', DEFAULTS.sequences)
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        'trainer sequences --date 2025-12-16',
        'trainer sequences --dates 2025-12-14 2025-12-15 --seq-len 120 --no-statics',
        'trainer sequences --bars SPY_1min.csv --timezone America/New_York --channels close volume',
      ),
    )
    .action((options: SequencesFlags) => runSequences(context, options))
}

/** The command `patchtst`. */
export function patchTstCommand(context: Context): Command {
  const train = command('patchtst', 'Train PatchTST on sequence files, the baseline that sees bars and few features.')
    .requiredOption('--train-files <paths...>', 'sequence files to train on: names or globs')
    .option('--val-files <paths...>', 'later ones that choose the epoch (default: the last eighth of --train-files)')
    .option('--tasks <names...>', `heads to train (default: ${TASKS.join(' ')})`, wordList(TASKS))
    .option(
      '--loss-weights <name=x,...>',
      'factors of the losses, such as direction=1,strength=0.5',
      lossWeights(TASKS),
    )
    .addOption(
      new Option('--class-weights <how>', 'balanced gives breaks and bounces the same weight')
        .choices(['none', 'balanced'])
        .default('none'),
    )
    .option(
      '--pretrain-epochs <n>',
      'epochs of pre-training on hidden patches, which then do not overlap',
      wholeNumber(0),
      0,
    )
    .option('--head-epochs <n>', 'first epochs in which only the heads learn', wholeNumber(0), 0)
    .option('--resume', 'go on from the checkpoint of an interrupted run with the same options')
    .option('--output-dir <folder>', 'where the model goes', DEFAULTS.patchtst)
    .option('--name <name>', 'name of the model files', 'patchtst')
    .addOption(trackingOption())
  addFitOptions(train)
  addModelOptions(train)
  return train
    .addHelpText(
      'after',
      examples(
        "trainer patchtst --train-files 'sequence_dataset_2025-12-1[0-4].npz' --val-files 'sequence_dataset_2025-12-15.npz' --epochs 100",
        "trainer patchtst --train-files 'sequence_dataset_*.npz' --width 16 --attention-heads 4 --threads 1 --resume",
      ),
    )
    .action((options: PatchTstFlags) => runPatchTst(context, options))
}

function addFitOptions(train: Command): void {
  train
    .option('--epochs <n>', 'most epochs', wholeNumber(1), 100)
    .option('--batch-size <n>', 'sequences a step', wholeNumber(1), 128)
    .option('--learning-rate <x>', 'highest learning rate', positiveNumber, 3e-4)
    .option('--weight-decay <x>', "AdamW's weight decay", numberIn(0, Infinity), 0.01)
    .addOption(
      new Option('--schedule <kind>', 'how the learning rate moves')
        .choices(['constant', 'cosine', 'one-cycle'])
        .default('cosine'),
    )
    .option('--warmup <share>', 'share of steps in which the rate rises (default: 0.05, one-cycle 0.3)', numberIn(0, 1))
    .option('--clip-norm <x>', 'longest gradient; 0 for no limit', numberIn(0, Infinity), 1)
    .option('--patience <n>', 'stop after n epochs without a better validation loss', wholeNumber(1), 10)
    .option('--seed <n>', 'seed of all random choices', wholeNumber(0), 7)
    .addOption(new Option('--device <name>', 'where to compute').choices(DEVICES).default('cpu'))
    .option('--threads <n>', 'worker threads; the model does not depend on them (default: all)', wholeNumber(1))
}

function addModelOptions(train: Command): void {
  train
    .option('--patch-length <n>', 'bars of a patch', wholeNumber(1), MODEL_DEFAULTS.patchLength)
    .option('--stride <n>', 'bars from one patch to the next', wholeNumber(1), MODEL_DEFAULTS.stride)
    .option('--layers <n>', 'layers of the encoder', wholeNumber(1), MODEL_DEFAULTS.layers)
    .option('--width <n>', 'width of a token', wholeNumber(1), MODEL_DEFAULTS.width)
    .option('--attention-heads <n>', 'attention heads; divides the width', wholeNumber(1), MODEL_DEFAULTS.heads)
    .option('--feed-forward <n>', 'width of the feed-forward layer', wholeNumber(1), MODEL_DEFAULTS.feedForward)
    .option('--dropout <x>', 'share of values left out while training', numberIn(0, 1), MODEL_DEFAULTS.dropout)
    .addOption(
      new Option('--norm <kind>', 'normalisation of the encoder')
        .choices(['batch', 'layer'])
        .default(MODEL_DEFAULTS.norm),
    )
}

/** The command `compare`. */
export function compareCommand(context: Context): Command {
  return command('compare', 'Score PatchTST, trees and neighbours side by side on sessions that none of them saw.')
    .requiredOption('--test-files <paths...>', 'sequence files of the test sessions: names or globs')
    .option('--test-dates <dates...>', 'only these sessions of the files', dateList)
    .option('--patchtst <file>', 'the PatchTST model', `${DEFAULTS.patchtst}/patchtst.onnx`)
    .addOption(new Option('--stage <stage>', 'feature stage of the trees').choices(STAGES).default('stage_b'))
    .addOption(new Option('--ablation <name>', 'feature families of the trees').choices(ABLATIONS).default('full'))
    .option('--k-neighbors <n>', 'neighbours of each touch', wholeNumber(1), 50)
    .option('--episode-cap <n>', 'most neighbours from one touch cluster', wholeNumber(1), 2)
    .addOption(new Option('--device <name>', 'where PatchTST computes').choices(DEVICES).default('cpu'))
    .option('--data-path <paths...>', 'signals: files, folders or globs')
    .option('--model-dir <folder>', "where the trees' bundles are", DEFAULTS.models)
    .option('--output-dir <folder>', 'where comparison.json goes', DEFAULTS.reports)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 7)
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        "trainer compare --test-files 'sequence_dataset_2025-12-1[7-8].npz'",
        "trainer compare --test-files 'sequence_dataset_*.npz' --test-dates 2025-12-17 2025-12-18 --json",
      ),
    )
    .action((options: CompareFlags) => runCompare(context, options))
}
