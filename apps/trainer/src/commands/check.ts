import { barsTable } from '@breakwater/report'
import type { Command } from 'commander'
import { addBarOptions, type BarFlags, readingOf } from '../bars/reading.ts'
import { checkBars } from '../bars/check.ts'
import type { Context } from '../context.ts'
import { command } from '../options/option.ts'
import { createProgress, examples } from '@breakwater/command-line'
import { DEFAULTS } from '../paths.ts'

type Flags = BarFlags & {
  readonly bars: readonly string[]
  readonly outputDir: string
}

/** The command `check`. */
export function checkCommand(context: Context): Command {
  const made = command('check', 'Report what is wrong with one-minute bars before anything is built from them.')
    .requiredOption('--bars <paths...>', 'CSV or Parquet files, folders or globs of one-minute bars')
    .option('--output-dir <folder>', 'where bars.html goes, a page that marks what was found', DEFAULTS.reports)
  return addBarOptions(made, 'repair bad bars, and report only the faults that remain')
    .addHelpText(
      'after',
      examples(
        'trainer check --bars SPY_1min.csv --timezone America/New_York',
        'trainer check --bars bars.csv --repair --accept gaps',
        'trainer check --bars prices.csv --columns time=when,open=o,high=h,low=l,close=c,volume=- --json',
      ),
    )
    .action((flags: Flags) => runCheck(context, flags))
}

/** Runs `breakwater check`. Throws where `signals` would refuse the bars. */
async function runCheck(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const check = await checkBars(context, progress, {
    bars: flags.bars,
    reading: readingOf(flags),
    outputDir: flags.outputDir,
  })
  context.terminal.out(flags.json === true ? `${JSON.stringify(check, null, 2)}\n` : barsTable(check))
  if (!check.accepted) throw new Error('trainer: signals would refuse these bars.')
}
