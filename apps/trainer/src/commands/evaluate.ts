import type { Context } from '../context.ts'
import type { NeighbourOptions } from '../calibration/neighbours.ts'
import { calibrationTable } from '../calibration/table.ts'
import { evaluateModels, type Evaluated } from '../evaluation/evaluate.ts'
import type { Evaluation } from '../report/evaluation.ts'
import { evaluationTable } from '../evaluation/table.ts'
import { createProgress } from '../progress.ts'

/** Options of `trainer evaluate` and `trainer calibrate` as commander gives them. */
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

/** Options of `trainer calibrate` beside those. */
export interface CalibrateFlags extends EvaluateFlags {
  readonly kNeighbors: number
  readonly episodeCap: number
}

/** Runs `trainer evaluate`. */
export async function runEvaluate(context: Context, flags: EvaluateFlags): Promise<void> {
  write(context, flags, await score(context, flags), evaluationTable)
}

/** Runs `trainer calibrate`. */
export async function runCalibrate(context: Context, flags: CalibrateFlags): Promise<void> {
  const { kNeighbors: k, episodeCap } = flags
  write(context, flags, await score(context, flags, { k, episodeCap }), calibrationTable)
}

function score(context: Context, flags: EvaluateFlags, calibrate?: NeighbourOptions): Promise<Evaluated> {
  const progress = createProgress(context, flags.quiet === true)
  return evaluateModels(context, progress, {
    stages: flags.stage,
    ablations: flags.ablation,
    testDates: flags.testDates,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
    calibrate,
  })
}

function write(
  context: Context,
  flags: EvaluateFlags,
  { evaluation, json, html }: Evaluated,
  table: (evaluation: Evaluation) => string,
): void {
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ json, html, evaluation }, null, 2)}\n`)
  else context.terminal.out(`${table(evaluation)}\nreport: ${html}\nfigures: ${json}\n`)
}
