import { ABLATIONS, ANCHORS, DEFAULT_HORIZONS, PRIMARY_ANCHOR, STAGES } from '@breakwater/features'
import { Command, Option } from 'commander'
import { dateList, positiveList, positiveNumber, wholeList, wholeNumber, wordList } from './arguments.ts'
import { ABLATION_CHOICES, command, examples, schemaOption } from './command.ts'
import { runDemo } from './commands/demo.ts'
import type { DemoFlags } from './commands/demo.ts'
import { runCalibrate, runEvaluate } from './commands/evaluate.ts'
import type { CalibrateFlags, EvaluateFlags } from './commands/evaluate.ts'
import { runImport } from './commands/import.ts'
import type { ImportFlags } from './commands/import.ts'
import { runIndex } from './commands/index-touches.ts'
import type { IndexFlags } from './commands/index-touches.ts'
import { runSignals } from './commands/signals.ts'
import type { SignalsFlags } from './commands/signals.ts'
import { runSweep } from './commands/sweep.ts'
import type { SweepFlags } from './commands/sweep.ts'
import { runReplay } from './commands/track.ts'
import type { ReplayFlags } from './commands/track.ts'
import { runTrain } from './commands/train.ts'
import type { TrainFlags } from './commands/train.ts'
import type { Context } from './context.ts'
import { trainerVersion } from './context.ts'
import { ITERATIONS } from './importing/foreign-model.ts'
import { DEFAULTS } from './paths.ts'
import { compareCommand, patchTstCommand, sequencesCommand } from './sequence-commands.ts'
import { trackingOption } from './tracking/option.ts'

/** The trainer's command line over a context; `parseAsync` runs the command that the arguments name. */
export function createProgram(context: Context): Command {
  const program = new Command('trainer')
    .description(
      'Makes signals from one-minute bars, trains boosted trees by walk-forward, indexes past touches, evaluates and reports.',
    )
    .version(trainerVersion())
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
  program.addCommand(signalsCommand(context))
  program.addCommand(trainCommand(context))
  program.addCommand(indexCommand(context))
  program.addCommand(evaluateCommand(context))
  program.addCommand(importCommand(context))
  program.addCommand(calibrateCommand(context))
  program.addCommand(sequencesCommand(context))
  program.addCommand(patchTstCommand(context))
  program.addCommand(compareCommand(context))
  program.addCommand(demoCommand(context))
  program.addCommand(sweepCommand(context))
  program.addCommand(trackCommand(context))
  for (const each of program.commands) each.copyInheritedSettings(program)
  return program
}

function signalsCommand(context: Context): Command {
  return command('signals', 'Find the touches of price levels in one-minute bars and write one row per touch.')
    .requiredOption('--bars <paths...>', 'CSV or Parquet files, folders or globs of one-minute bars')
    .option('--physics <path>', 'Parquet file of order-book columns by ts_ns; without it they are missing')
    .option('--timezone <iana>', 'time zone of stamps that carry none, such as America/New_York')
    .option('--symbol <name>', 'symbol written into every row', 'SPY')
    .option('--thresholds <dollars...>', 'the two reach thresholds in dollars (default: 1 2)', positiveList)
    .option('--touch-band <dollars>', 'a bar within this of a level touches it', positiveNumber)
    .option('--monitor-band <dollars>', "a touch bar's close lies within this of the level", positiveNumber)
    .option('--lookback-minutes <n>', 'window of the approach features', wholeNumber(1))
    .option('--lookforward-minutes <n>', 'length of the label window', wholeNumber(1))
    .option('--repair', 'repair bad bars and count the repairs, instead of refusing them')
    .option('--output <path>', 'the signals file to write', DEFAULTS.signals)
    .addHelpText(
      'after',
      examples(
        'trainer signals --bars SPY_1min.csv',
        "trainer signals --bars 'bars/*.parquet' --thresholds 0.5 1 --output data/ml/signals/half.parquet",
        'trainer signals --bars bars.csv --timezone America/New_York --physics physics.parquet',
      ),
    )
    .action((options: SignalsFlags) => runSignals(context, options))
}

function trainCommand(context: Context): Command {
  return command('train', 'Train the heads of one stage by walk-forward and write their bundles.')
    .addOption(new Option('--stage <stage>', 'feature stage').choices(STAGES).default('stage_b'))
    .addOption(
      new Option('--ablation <name>', 'feature families; "all" trains each').choices(ABLATION_CHOICES).default('full'),
    )
    .option('--train-dates <dates...>', 'sessions to train on (YYYY-MM-DD, separated by spaces or commas)', dateList)
    .option('--val-dates <dates...>', 'sessions that choose the number of trees', dateList)
    .option('--calibration-dates <dates...>', 'sessions kept for calibrators, after validation', dateList)
    .option('--test-dates <dates...>', 'sessions scored once, after training', dateList)
    .option('--folds <n>', 'plan this many walk-forward folds instead of naming dates (default: 3)', wholeNumber(1))
    .option('--test-sessions <n>', 'sessions in the test part of each fold', wholeNumber(1))
    .option('--val-sessions <n>', 'sessions in the validation part of each fold', wholeNumber(1))
    .option('--calibration-sessions <n>', 'sessions of each fold kept for calibrators (default: 0)', wholeNumber(0))
    .option(
      '--calibration-folds <n>',
      'inner folds whose predictions calibrators are fitted on; 0 fits on kept sessions only',
      wholeNumber(0),
      2,
    )
    .option('--train-sessions <n>', 'train on the last n sessions only (default: all before)', wholeNumber(1))
    .option('--embargo-sessions <n>', 'sessions left out between roles', wholeNumber(0), 0)
    .option('--data-path <paths...>', 'signals: files, folders or globs')
    .option('--output-dir <folder>', 'where bundles go', DEFAULTS.models)
    .option(
      '--horizons <seconds...>',
      `horizons of the reach heads (default: ${DEFAULT_HORIZONS.join(' ')})`,
      positiveList,
    )
    .option('--anchors <names...>', `anchors: ${ANCHORS.join(', ')} (default: all)`, wordList(ANCHORS))
    .option('--rounds <n>', 'most trees a head', wholeNumber(1), 300)
    .option('--learning-rate <x>', 'shrinkage of each tree', positiveNumber, 0.05)
    .option('--max-depth <n>', 'depth of each tree', wholeNumber(1), 6)
    .option(
      '--gradient-levels <n>',
      'round gradients at random to n levels: regularises where rows are few; try 4',
      wholeNumber(2),
    )
    .option('--early-stopping-rounds <n>', 'stop after n rounds without a better validation loss', wholeNumber(1), 30)
    .option('--seed <n>', 'seed of all random choices', wholeNumber(0), 7)
    .option('--threads <n>', 'worker threads (default: all processors)', wholeNumber(1))
    .addOption(trackingOption())
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        'trainer train --stage stage_b --ablation all --train-dates 2025-12-14 2025-12-15 --val-dates 2025-12-16',
        'trainer train --stage stage_a --folds 4 --horizons 60,120 --anchors 4min',
      ),
    )
    .action((options: TrainFlags) => runTrain(context, options))
}

function indexCommand(context: Context): Command {
  return command(
    'index',
    'Index the training touches of a bundle set for look-up by likeness, and score it out of sample.',
  )
    .addOption(new Option('--stage <stage>', 'feature stage').choices(STAGES).default('stage_b'))
    .addOption(
      new Option('--ablation <name>', 'feature families; "all" indexes each set')
        .choices(ABLATION_CHOICES)
        .default('full'),
    )
    .option('--k-neighbors <n>', 'neighbours that the index answers with unless asked otherwise', wholeNumber(1), 50)
    .option('--evaluate-k <n...>', 'numbers of neighbours to score (default: 10 20 50 100)', wholeList(1))
    .option('--episode-cap <n>', 'most neighbours from one touch cluster', wholeNumber(1), 2)
    .addOption(new Option('--anchor <name>', 'anchor whose outcomes are kept').choices(ANCHORS).default(PRIMARY_ANCHOR))
    .option('--train-dates <dates...>', 'sessions to index (default: the training dates of the bundles)', dateList)
    .option('--data-path <paths...>', 'signals: files, folders or globs')
    .option('--model-dir <folder>', 'where the bundles are', DEFAULTS.models)
    .option('--output-dir <folder>', 'where the index goes', DEFAULTS.indexes)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 7)
    .addOption(trackingOption())
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        'trainer index --stage stage_b --ablation full --k-neighbors 50',
        'trainer index --stage stage_a --train-dates 2025-12-14 2025-12-15 --evaluate-k 5,10,25',
      ),
    )
    .action((options: IndexFlags) => runIndex(context, options))
}

/** The options that `evaluate` and `calibrate` share. */
function scoringCommand(name: string, description: string): Command {
  return command(name, description)
    .addOption(new Option('--stage <stages...>', 'feature stages (default: those that were trained)').choices(STAGES))
    .addOption(
      new Option('--ablation <names...>', 'ablations (default: those that were trained)').choices(ABLATION_CHOICES),
    )
    .option('--test-dates <dates...>', 'only these sessions; dates beyond the plan are scored by the bundle', dateList)
    .option('--data-path <paths...>', 'signals: files, folders or globs')
    .option('--model-dir <folder>', 'where the bundles are', DEFAULTS.models)
    .option('--output-dir <folder>', 'where the report goes', DEFAULTS.reports)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 7)
    .addOption(schemaOption())
}

function evaluateCommand(context: Context): Command {
  return scoringCommand('evaluate', 'Score trained heads on dates they never saw; write JSON and an HTML report.')
    .addHelpText(
      'after',
      examples(
        'trainer evaluate',
        'trainer evaluate --stage stage_b --ablation full --test-dates 2025-12-17 2025-12-18',
      ),
    )
    .action((options: EvaluateFlags) => runEvaluate(context, options))
}

function importCommand(context: Context): Command {
  return command('import', 'Put a model trained elsewhere (XGBoost, LightGBM) into a trained set, as one of its heads.')
    .requiredOption('--from <file>', 'XGBoost model (.ubj, .json) or LightGBM model (.txt)')
    .requiredOption('--head <name>', 'head of the set that the model predicts, such as direction')
    .requiredOption('--train-dates <dates...>', 'sessions that the model was trained on', dateList)
    .option('--val-dates <dates...>', 'sessions that chose its number of trees or its settings', dateList)
    .addOption(new Option('--stage <stage>', 'feature stage of the set').choices(STAGES).default('stage_b'))
    .addOption(new Option('--ablation <name>', 'feature families of the set').choices(ABLATIONS).default('full'))
    .addOption(
      new Option('--iterations <which>', "XGBoost's trees up to its best iteration, or all")
        .choices(ITERATIONS)
        .default('best'),
    )
    .option('--model-dir <folder>', 'where the bundles are', DEFAULTS.models)
    .option('--data-path <paths...>', "the set's signals: files, folders or globs (default: where training found them)")
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        'trainer import --from model.ubj --head direction --train-dates 2025-12-14 2025-12-15 --val-dates 2025-12-16',
        'trainer import --from model.txt --head t1_60s --stage stage_a --train-dates 2025-12-14,2025-12-15',
      ),
    )
    .action((options: ImportFlags) => runImport(context, options))
}

function calibrateCommand(context: Context): Command {
  return scoringCommand(
    'calibrate',
    'Score raw trees, calibrated trees, neighbours and the served mix side by side, on dates that none of them saw.',
  )
    .option('--k-neighbors <n>', 'neighbours of each touch, among the training dates of its fold', wholeNumber(1), 50)
    .option('--episode-cap <n>', 'most neighbours from one touch cluster', wholeNumber(1), 2)
    .addOption(trackingOption())
    .addHelpText(
      'after',
      examples(
        'trainer calibrate --stage stage_b --ablation full',
        'trainer calibrate --stage stage_b --ablation full --test-dates 2025-12-17 2025-12-18',
      ),
    )
    .action((options: CalibrateFlags) => runCalibrate(context, options))
}

function demoCommand(context: Context): Command {
  return command('demo', 'Simulate sessions with planted effects, then signals, train and evaluate on them.')
    .option('--sessions <n>', 'sessions to simulate', wholeNumber(12), 40)
    .option('--seed <n>', 'seed of the simulation and of training', wholeNumber(0), 7)
    .option('--output-dir <folder>', 'where everything goes', DEFAULTS.demo)
    .option('--threads <n>', 'worker threads (default: all processors)', wholeNumber(1))
    .addOption(schemaOption())
    .addHelpText('after', examples('trainer demo', 'trainer demo --sessions 60 --seed 11 --output-dir /tmp/demo'))
    .action((options: DemoFlags) => runDemo(context, options))
}

function sweepCommand(context: Context): Command {
  return command('sweep', 'Train with many options of signals and train, and rank them on validation dates.')
    .option('--config <file>', 'what to try (JSON)')
    .option('--print-schema', 'print the JSON Schema of the config and end')
    .option('--output-dir <folder>', 'where trials go; a sweep that was begun there goes on', DEFAULTS.sweeps)
    .option('--threads <n>', 'worker threads (default: all processors)', wholeNumber(1))
    .addOption(trackingOption())
    .addOption(schemaOption())
    .addHelpText(
      'after',
      examples(
        'trainer sweep --config sweep.json',
        'trainer sweep --config sweep.json --output-dir data/ml/sweep-2 --tracking none',
        'trainer sweep --print-schema > sweep.schema.json',
      ),
    )
    .action((options: SweepFlags) => runSweep(context, options))
}

function trackCommand(context: Context): Command {
  const replay = new Command('replay')
    .description('Send the runs that are kept on disk to the MLflow server, those of earlier runs first.')
    .option('--json', 'print the result as JSON on stdout instead of text')
    .addHelpText('after', examples('MLFLOW_TRACKING_URI=http://127.0.0.1:5000 trainer track replay'))
    .action((options: ReplayFlags) => runReplay(context, options))
  const track = new Command('track').description('Look after recorded runs.').addCommand(replay)
  return track
}
