import type { Evaluation } from '@breakwater/evaluation'
import { evaluationTable, sideBySideTable } from '@breakwater/report'
import type { Context } from '../context.ts'
import type { NeighbourOptions } from '../calibration/neighbours.ts'
import { evaluateModels, type Evaluated } from '../evaluation/evaluate.ts'
import { createProgress } from '../progress.ts'
import { aboutCalibration, recordCalibration } from '../tracking/calibration.ts'
import type { TrackingFlags } from '../tracking/option.ts'
import { openTracking } from '../tracking/tracking.ts'

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
export async function runCalibrate(context: Context, flags: CalibrateFlags & TrackingFlags): Promise<void> {
  const { kNeighbors: k, episodeCap } = flags
  const tracking = openTracking(context, createProgress(context, flags.quiet === true), flags)
  const evaluated = await tracking.run(await aboutCalibration(context, flags), async (run) => {
    const scored = await score(context, flags, { k, episodeCap })
    await recordCalibration(run, context.cwd, scored)
    return scored
  })
  write(context, flags, evaluated, sideBySideTable)
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
