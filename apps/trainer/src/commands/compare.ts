import type { Ablation, Stage } from '@breakwater/features'
import type { Device } from '@breakwater/patchtst'
import { comparisonTable } from '@breakwater/report'
import { compareTrained } from '../compare/compare.ts'
import type { Context } from '../context.ts'
import { createProgress } from '../progress.ts'

/** Options of `trainer compare` as commander gives them. */
export interface CompareFlags {
  readonly testFiles: readonly string[]
  readonly testDates?: readonly string[]
  readonly patchtst: string
  readonly stage: Stage
  readonly ablation: Ablation
  readonly kNeighbors: number
  readonly episodeCap: number
  readonly device: Device
  readonly dataPath?: readonly string[]
  readonly modelDir: string
  readonly outputDir: string
  readonly seed: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer compare`. */
export async function runCompare(context: Context, flags: CompareFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const { json, comparison } = await compareTrained(context, progress, {
    testFiles: flags.testFiles,
    testDates: flags.testDates,
    patchTst: flags.patchtst,
    stage: flags.stage,
    ablation: flags.ablation,
    neighbours: { k: flags.kNeighbors, episodeCap: flags.episodeCap },
    device: flags.device,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
  })
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ json, comparison }, null, 2)}\n`)
  else context.terminal.out(`${comparisonTable(comparison)}\nfigures: ${json}\n`)
}
