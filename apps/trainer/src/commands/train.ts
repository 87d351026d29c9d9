import { trainText } from '@breakwater/report'
import { ANCHORS, DEFAULT_HORIZONS } from '@breakwater/features'
import type { Anchor } from '@breakwater/features'
import { MIX_KINDS, type MixKind, namedDates, type PlanRequest } from '@breakwater/models'
import { withJobThreads } from '@breakwater/models/jobs'
import { type Command, Option } from 'commander'
import {
  addWorkersOptions,
  createProgress,
  dateList,
  examples,
  wholeNumber,
  wordList,
  type WorkersFlags,
} from '@breakwater/command-line'
import type { Context } from '../context.ts'
import { DEFAULTS } from '../paths.ts'
import { busOf } from '../jobs/bus.ts'
import { loadSignals, placeOf } from '../signals-file.ts'
import { openTracking } from '../tracking/tracking.ts'
import { trainSets } from '../training/train.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags, TreeFlags } from '../options/option.ts'
import { SHARED_OPTIONS, TREE_OPTIONS } from '../options/table.ts'
import { treeOptions } from '../options/trees.ts'

type Flags = PlanRequest &
  TreeFlags &
  SharedFlags<
    | 'stage'
    | 'ablation'
    | 'horizons'
    | 'dataPath'
    | 'keepVersions'
    | 'monotone'
    | 'threads'
    | 'tracking'
    | 'trackingDeadline'
    | 'schema'
  > & {
    readonly anchors?: readonly Anchor[]
    readonly calibrationFolds: number
    readonly final?: boolean
    readonly mix?: MixKind
    readonly bars?: readonly string[]
    readonly outputDir: string
  } & WorkersFlags

/** The command `train`. */
export function trainCommand(context: Context): Command {
  const train = command('train', 'Train the heads of one stage by walk-forward and write their bundles.')
    .addOption(option(SHARED_OPTIONS.stage))
    .addOption(option(SHARED_OPTIONS.ablation))
  addPlanOptions(train)
    .addOption(option(SHARED_OPTIONS.dataPath))
    .option('--bars <paths...>', "bars for the law's forecast of volatility, or none (default: those of the signals)")
    .option('--output-dir <folder>', 'where bundles go', SHARED_OPTIONS.modelDir.default)
    .addOption(option(SHARED_OPTIONS.keepVersions))
    .addOption(option(SHARED_OPTIONS.horizons, `horizons of the reach heads (default: ${DEFAULT_HORIZONS.join(' ')})`))
    .option('--anchors <names...>', `anchors: ${ANCHORS.join(', ')} (default: all)`, wordList(ANCHORS))
    .option(
      '--final',
      'after the folds, fit the served models on all sessions, with the numbers of trees and the calibrators that the folds chose; the figures remain those of the folds',
    )
    .addOption(
      new Option(
        '--mix <kind>',
        'how neighbours and gate enter direction when the set is served: not at all, through terms fitted out of fold that save two standard errors, or by the hand-set formulas (default: none)',
      ).choices(MIX_KINDS),
    )
  for (const row of Object.values(TREE_OPTIONS)) train.addOption(option(row))
  return addWorkersOptions(train)
    .addOption(option(SHARED_OPTIONS.monotone))
    .addOption(option(SHARED_OPTIONS.threads))
    .addOption(option(SHARED_OPTIONS.tracking))
    .addOption(option(SHARED_OPTIONS.trackingDeadline))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer train --stage stage_b --ablation all --train-dates 2025-12-12 2025-12-15 --val-dates 2025-12-16',
        'trainer train --stage stage_a --folds 4 --horizons 60,120 --anchors 4min',
        'trainer train --ablation all --workers nats://queue:4222',
        'trainer train --final --mix fitted',
      ),
    )
    .action((flags: Flags) => runTrain(context, flags))
}

function addPlanOptions(train: Command): Command {
  return train
    .addOption(option(SHARED_OPTIONS.trainDates))
    .addOption(option(SHARED_OPTIONS.valDates))
    .option('--calibration-dates <dates...>', 'sessions reserved for calibrators, after validation', dateList)
    .addOption(option(SHARED_OPTIONS.testDates))
    .option('--folds <n>', 'plan this many walk-forward folds instead of naming dates (default: 3)', wholeNumber(1))
    .option('--test-sessions <n>', 'sessions in the test part of each fold', wholeNumber(1))
    .option(
      '--outer-sessions <n>',
      'sessions in the outer block, the test part of the last fold (default: as many as the other test parts have)',
      wholeNumber(1),
    )
    .option('--val-sessions <n>', 'sessions in the validation part of each fold', wholeNumber(1))
    .option('--calibration-sessions <n>', 'sessions of each fold reserved for calibrators (default: 0)', wholeNumber(0))
    .option(
      '--calibration-folds <n>',
      'inner folds on whose predictions calibrators are fitted; 0 uses the calibration sessions only',
      wholeNumber(0),
      2,
    )
    .option('--train-sessions <n>', 'train on the last n sessions only (default: all earlier ones)', wholeNumber(1))
    .option('--embargo-sessions <n>', 'sessions left out between train, validation and test', wholeNumber(0), 0)
}

/** Runs `breakwater train`. */
async function runTrain(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const tracking = openTracking(context, progress, flags)
  const source = { schemaPath: flags.schema, dates: namedDates(flags) }
  const signals = await loadSignals(context, { ...source, paths: flags.dataPath, defaultPath: DEFAULTS.signals })
  const request = {
    stage: flags.stage,
    ablation: flags.ablation,
    plan: flags,
    horizons: flags.horizons,
    anchors: flags.anchors,
    trees: { ...treeOptions(flags), ...(flags.monotone === undefined ? {} : { monotone: flags.monotone }) },
    bus: busOf(context, flags),
    place: placeOf(context, source, signals),
    calibrationFolds: flags.calibrationFolds,
    final: flags.final === true,
    mix: flags.mix,
    bars: flags.bars,
    outputDir: flags.outputDir,
    keepVersions: flags.keepVersions,
    tracking,
    report: true,
  }
  const sets = await withJobThreads(flags.threads, (threads) =>
    trainSets(context, progress, signals, { ...request, threads }),
  )
  const result = { data: sets[0]?.details.data, sets: sets.map(({ metadata, details }) => ({ metadata, ...details })) }
  context.terminal.out(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : trainText(sets))
}
