import { signalsText } from '@breakwater/report'
import { SIGNAL_DEFAULTS } from '@breakwater/features'
import { addBarOptions, type BarFlags, readingOf } from '../bars/reading.ts'
import type { Context } from '../context.ts'
import { createProgress, examples } from '@breakwater/command-line'
import { makeSignals } from '../signals/make.ts'
import type { Command } from 'commander'
import { command, option, valuesOf } from '../options/option.ts'
import type { SignalFlags } from '../options/option.ts'
import { SIGNAL_OPTIONS } from '../options/table.ts'
import { DEFAULTS } from '../paths.ts'

type Flags = SignalFlags &
  BarFlags & {
    readonly bars: readonly string[]
    readonly physics?: string
    readonly symbol: string
    readonly output: string
  }

/** The command `signals`. */
export function signalsCommand(context: Context): Command {
  const { touchBand, monitorBand, lookback, lookforward, thresholds } = SIGNAL_OPTIONS
  const made = command('signals', 'Find the touches of price levels in one-minute bars and write one row per touch.')
    .requiredOption('--bars <paths...>', 'CSV or Parquet files, folders or globs of one-minute bars')
    .option('--physics <path>', 'Parquet file of order-book columns by ts_ns; without it they are missing')
  return addBarOptions(made, 'repair bad bars and count the repairs, instead of refusing them')
    .option('--symbol <name>', 'symbol written into every row', SIGNAL_DEFAULTS.symbol)
    .addOption(option(thresholds))
    .addOption(option(touchBand))
    .addOption(option(monitorBand))
    .addOption(option(lookback))
    .addOption(option(lookforward))
    .option('--output <path>', 'the signals file to write', DEFAULTS.signals)
    .addHelpText(
      'after',
      examples(
        'trainer signals --bars SPY_1min.csv',
        "trainer signals --bars 'bars/*.parquet' --thresholds 0.5 1 --output data/ml/signals/half.parquet",
        'trainer signals --bars bars.csv --timezone America/New_York --physics physics.parquet',
        'trainer signals --bars prices.csv --columns time=when,open=o,high=h,low=l,close=c,volume=-',
        'trainer signals --bars vendor.csv --stamps end --repair --accept gaps',
      ),
    )
    .action((flags: Flags) => runSignals(context, flags))
}

/** Runs `breakwater signals`. */
async function runSignals(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const made = await makeSignals(context, progress, {
    bars: flags.bars,
    physics: flags.physics,
    reading: readingOf(flags),
    output: flags.output,
    settings: { symbol: flags.symbol, ...valuesOf(SIGNAL_OPTIONS, { ...flags }) },
  })
  context.terminal.out(flags.json === true ? `${JSON.stringify(made, null, 2)}\n` : signalsText(made))
}
