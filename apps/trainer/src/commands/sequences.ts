import { sequencesText } from '@breakwater/report'
import type { BarSeriesName } from '@breakwater/features'
import { BAR_SERIES, DEFAULT_HORIZONS } from '@breakwater/features'
import { addBarOptions, type BarFlags, readingOf } from '../bars/reading.ts'
import type { Context } from '../context.ts'
import { createProgress, dateList, examples, wholeNumber, wordList } from '@breakwater/command-line'
import { makeSequences } from '../sequences/make.ts'
import type { Command } from 'commander'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { DEFAULTS } from '../paths.ts'

type Flags = BarFlags &
  SharedFlags<'stage' | 'oneAblation' | 'anchor' | 'horizons' | 'dataPath' | 'schema'> & {
    readonly date?: readonly string[]
    readonly dates?: readonly string[]
    readonly seqLen: number
    readonly channels?: readonly BarSeriesName[]
    /** false for --no-statics. */
    readonly statics: boolean
    readonly bars?: readonly string[]
    readonly outputDir: string
  }

/** The command `sequences`. */
export function sequencesCommand(context: Context): Command {
  const made = command(
    'sequences',
    'Write the bars before each touch as sequences for PatchTST, one .npz file per session.',
  )
    .option('--date <dates...>', 'sessions to write (default: all sessions of the signals)', dateList)
    .option('--dates <dates...>', 'same as --date', dateList)
    .option(
      '--seq-len <bars>',
      'one-minute bars per sequence; shorter sequences are padded on the left',
      wholeNumber(1),
      60,
    )
    .option('--channels <names...>', `channels of a sequence (default: ${BAR_SERIES.join(' ')})`, wordList(BAR_SERIES))
    .option('--no-statics', 'write only the sequences, without features of the touch')
    .addOption(option(SHARED_OPTIONS.stage, 'feature stage of the statics'))
    .addOption(option(SHARED_OPTIONS.oneAblation, 'feature families of the statics'))
    .addOption(option(SHARED_OPTIONS.anchor))
    .addOption(option(SHARED_OPTIONS.horizons, `horizons of the reach labels (default: ${DEFAULT_HORIZONS.join(' ')})`))
    .addOption(option(SHARED_OPTIONS.dataPath))
    .option('--bars <paths...>', 'one-minute bars (default: those of the signals)')
  return addBarOptions(made, 'repair bad bars of --bars, as `signals` did')
    .option('--output-dir <folder>', 'where the files go', DEFAULTS.sequences)
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer sequences --date 2025-12-16',
        'trainer sequences --dates 2025-12-12 2025-12-15 --seq-len 120 --no-statics',
        'trainer sequences --bars SPY_1min.csv --timezone America/New_York --channels close volume',
      ),
    )
    .action((flags: Flags) => runSequences(context, flags))
}

/** Runs `breakwater sequences`. */
async function runSequences(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const dates = [...(flags.date ?? []), ...(flags.dates ?? [])]
  const made = await makeSequences(context, progress, {
    dates: dates.length === 0 ? undefined : dates,
    length: flags.seqLen,
    channels: flags.channels ?? BAR_SERIES,
    statics: flags.statics ? { stage: flags.stage, ablation: flags.ablation } : null,
    anchor: flags.anchor,
    horizons: [...new Set(flags.horizons ?? DEFAULT_HORIZONS)].toSorted((a, b) => a - b),
    dataPath: flags.dataPath,
    bars: flags.bars === undefined ? undefined : { files: flags.bars, ...readingOf(flags) },
    schemaPath: flags.schema,
    outputDir: flags.outputDir,
  })
  context.terminal.out(flags.json === true ? `${JSON.stringify(made, null, 2)}\n` : sequencesText(made))
}
