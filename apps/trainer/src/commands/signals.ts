import type { SignalSettings } from '@breakwater/features'
import type { Context } from '../context.ts'
import { createProgress } from '../progress.ts'
import { makeSignals } from '../signals/make.ts'
import { signalsText } from '../signals/text.ts'

/** Options of `trainer signals` as commander gives them. */
export interface SignalsFlags {
  readonly bars: readonly string[]
  readonly physics?: string
  readonly timezone?: string
  readonly symbol: string
  readonly thresholds?: readonly number[]
  readonly touchBand?: number
  readonly monitorBand?: number
  readonly lookbackMinutes?: number
  readonly lookforwardMinutes?: number
  readonly repair?: boolean
  readonly output: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer signals`. */
export async function runSignals(context: Context, flags: SignalsFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const made = await makeSignals(context, progress, {
    bars: flags.bars,
    physics: flags.physics,
    timezone: flags.timezone,
    repair: flags.repair === true,
    output: flags.output,
    settings: settingsOf(flags),
  })
  context.terminal.out(flags.json === true ? `${JSON.stringify(made, null, 2)}\n` : signalsText(made))
}

function settingsOf(flags: SignalsFlags): Partial<SignalSettings> {
  const { symbol, touchBand, monitorBand, lookbackMinutes, lookforwardMinutes, thresholds } = flags
  return {
    symbol,
    ...(touchBand === undefined ? {} : { touchBand }),
    ...(monitorBand === undefined ? {} : { monitorBand }),
    ...(lookbackMinutes === undefined ? {} : { lookback: lookbackMinutes }),
    ...(lookforwardMinutes === undefined ? {} : { lookforward: lookforwardMinutes }),
    // The settings' own check says what is wrong with a list that is not a pair.
    ...(thresholds === undefined ? {} : { thresholds: thresholds as SignalSettings['thresholds'] }),
  }
}
