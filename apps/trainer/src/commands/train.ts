import type { HeadTarget, Stage, Ablation } from '@breakwater/features'
import { namedDates, type PlanRequest } from '@breakwater/models'
import type { Context } from '../context.ts'
import { DEFAULTS } from '../paths.ts'
import { createProgress } from '../progress.ts'
import { loadSignals } from '../signals-file.ts'
import type { TrackingFlags } from '../tracking/option.ts'
import { openTracking } from '../tracking/tracking.ts'
import { trainSets } from '../training/train.ts'
import { trainText } from '../training/text.ts'

/** Options of `trainer train` as commander gives them. */
export interface TrainFlags extends PlanRequest, TrackingFlags {
  readonly stage: Stage
  readonly ablation: Ablation | 'all'
  readonly dataPath?: readonly string[]
  readonly outputDir: string
  readonly horizons?: readonly number[]
  readonly anchors?: readonly HeadTarget['anchor'][]
  readonly rounds: number
  readonly learningRate: number
  readonly maxDepth: number
  readonly gradientLevels?: number
  readonly earlyStoppingRounds: number
  readonly seed: number
  readonly threads?: number
  readonly calibrationFolds: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer train`. */
export async function runTrain(context: Context, flags: TrainFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const tracking = openTracking(context, progress, flags)
  const signals = await loadSignals(context, {
    schemaPath: flags.schema,
    paths: flags.dataPath,
    defaultPath: DEFAULTS.signals,
    dates: namedDates(flags),
  })
  const { rounds, learningRate, maxDepth, gradientLevels, earlyStoppingRounds, seed } = flags
  const sets = await trainSets(context, progress, signals, {
    stage: flags.stage,
    ablation: flags.ablation,
    plan: flags,
    horizons: flags.horizons,
    anchors: flags.anchors,
    trees: { rounds, learningRate, maxDepth, earlyStoppingRounds, seed, ...(gradientLevels && { gradientLevels }) },
    threads: flags.threads,
    calibrationFolds: flags.calibrationFolds,
    outputDir: flags.outputDir,
    tracking,
  })
  const result = { data: sets[0]?.details.data, sets: sets.map(({ metadata, details }) => ({ metadata, ...details })) }
  context.terminal.out(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : trainText(sets))
}
