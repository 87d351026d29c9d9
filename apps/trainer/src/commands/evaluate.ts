import type { Context } from '../context.ts'
import { evaluateModels } from '../evaluation/evaluate.ts'
import { evaluationTable } from '../evaluation/table.ts'
import { createProgress } from '../progress.ts'

/** Options of `trainer evaluate` as commander gives them. */
export interface EvaluateFlags {
  readonly stage?: readonly string[]
  readonly ablation?: readonly string[]
  readonly testDates?: readonly string[]
  readonly dataPath?: readonly string[]
  readonly modelDir: string
  readonly outputDir: string
  readonly seed: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer evaluate`. */
export async function runEvaluate(context: Context, flags: EvaluateFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const { evaluation, json, html } = await evaluateModels(context, progress, {
    stages: flags.stage,
    ablations: flags.ablation,
    testDates: flags.testDates,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
  })
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ json, html, evaluation }, null, 2)}\n`)
  else context.terminal.out(`${evaluationTable(evaluation)}\nreport: ${html}\nfigures: ${json}\n`)
}
