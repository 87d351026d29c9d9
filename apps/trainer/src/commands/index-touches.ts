import type { Ablation, Anchor, Stage } from '@breakwater/features'
import { indexTable } from '@breakwater/report'
import type { Context } from '../context.ts'
import { makeIndexes } from '../indexing/make-index.ts'
import { createProgress } from '../progress.ts'
import type { TrackingFlags } from '../tracking/option.ts'
import { openTracking } from '../tracking/tracking.ts'

/** Options of `trainer index` as commander gives them. */
export interface IndexFlags extends TrackingFlags {
  readonly stage: Stage
  readonly ablation: Ablation | 'all'
  readonly anchor: Anchor
  readonly kNeighbors: number
  readonly episodeCap: number
  readonly evaluateK?: readonly number[]
  readonly trainDates?: readonly string[]
  readonly dataPath?: readonly string[]
  readonly modelDir: string
  readonly outputDir: string
  readonly seed: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

const EVALUATED = [10, 20, 50, 100]

/** Runs `trainer index`. */
export async function runIndex(context: Context, flags: IndexFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const saved = await makeIndexes(context, progress, {
    stage: flags.stage,
    ablation: flags.ablation,
    anchor: flags.anchor,
    trainDates: flags.trainDates,
    k: flags.kNeighbors,
    episodeCap: flags.episodeCap,
    ks: flags.evaluateK ?? EVALUATED,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
    tracking: openTracking(context, progress, flags),
  })
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ indexes: saved }, null, 2)}\n`)
  else
    context.terminal.out(
      saved.map(({ index, json, record }) => `${indexTable(record)}index: ${index}\ndescription: ${json}\n`).join('\n'),
    )
}
