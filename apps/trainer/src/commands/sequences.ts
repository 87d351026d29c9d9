import type { Ablation, Anchor, BarSeriesName, Stage } from '@breakwater/features'
import { BAR_SERIES, DEFAULT_HORIZONS } from '@breakwater/features'
import type { Context } from '../context.ts'
import { createProgress } from '../progress.ts'
import { makeSequences } from '../sequences/make.ts'
import { sequencesText } from '../sequences/text.ts'

/** Options of `trainer sequences` as commander gives them. */
export interface SequencesFlags {
  readonly date?: readonly string[]
  readonly dates?: readonly string[]
  readonly seqLen: number
  readonly channels?: readonly BarSeriesName[]
  /** false for --no-statics. */
  readonly statics: boolean
  readonly stage: Stage
  readonly ablation: Ablation
  readonly anchor: Anchor
  readonly horizons?: readonly number[]
  readonly dataPath?: readonly string[]
  readonly bars?: readonly string[]
  readonly timezone?: string
  readonly repair?: boolean
  readonly outputDir: string
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer sequences`. */
export async function runSequences(context: Context, flags: SequencesFlags): Promise<void> {
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
    bars:
      flags.bars === undefined
        ? undefined
        : { files: flags.bars, timezone: flags.timezone, repair: flags.repair === true },
    schemaPath: flags.schema,
    outputDir: flags.outputDir,
  })
  context.terminal.out(flags.json === true ? `${JSON.stringify(made, null, 2)}\n` : sequencesText(made))
}
