import { BAR_SERIES } from '@breakwater/features'
import { Option } from 'commander'
import type { Command } from 'commander'
import { dateList, positiveList, wholeNumber, wordList } from './arguments.ts'
import { ANCHORS, command, examples, FAMILIES, schemaOption, STAGES } from './command.ts'
import { runSequences } from './commands/sequences.ts'
import type { SequencesFlags } from './commands/sequences.ts'
import type { Context } from './context.ts'
import { DEFAULTS } from './paths.ts'

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
    .addOption(new Option('--ablation <name>', 'feature families of the statics').choices(FAMILIES).default('full'))
    .addOption(new Option('--anchor <name>', 'anchor of the labels').choices(ANCHORS).default('4min'))
    .option('--horizons <seconds...>', 'horizons of the reach labels (default: 60 120 180 300)', positiveList)
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
