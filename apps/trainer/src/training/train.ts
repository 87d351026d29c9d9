import type { Ablation, HeadTarget, Stage } from '@breakwater/features'
import { ABLATIONS, deriveHeads, hasFeatures } from '@breakwater/features'
import type { SplitRows, WalkForwardPlan } from '@breakwater/splits'
import type { TrainOptions } from '@breakwater/trees'
import type { Context } from '../context.ts'
import { absolute } from '../paths.ts'
import type { Progress } from '../progress.ts'
import type { Signals } from '../signals-file.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { aboutTraining, recordTraining } from '../tracking/training.ts'
import { type CalibratedFold, trainCalibratedFold } from './calibrated-fold.ts'
import { groupHeads } from './groups.ts'
import type { Grouped } from './groups.ts'
import { calibrationFolds, makePlan, splitRows } from './plan.ts'
import type { PlanRequest } from './plan.ts'
import { saveSet } from './save.ts'
import type { SavedSet } from './save.ts'

/** Options of the trees, all decided. */
export type TreeOptions = Pick<TrainOptions, 'earlyStoppingRounds' | 'gradientLevels'> &
  Required<Pick<TrainOptions, 'rounds' | 'learningRate' | 'maxDepth' | 'seed'>>

/** What to train. */
export interface TrainRequest {
  readonly stage: Stage
  readonly ablation: Ablation | 'all'
  readonly plan: PlanRequest
  readonly horizons?: readonly number[] | undefined
  readonly anchors?: readonly HeadTarget['anchor'][] | undefined
  readonly trees: TreeOptions
  readonly threads: number | undefined
  /** Inner folds of each fold whose predictions calibrators are fitted on; 0 for none. */
  readonly calibrationFolds: number
  readonly outputDir: string
  readonly tracking: Tracking
  /** Where this is a trial of a sweep: the sweep's run, the trial's number, and what its signals were made with. */
  readonly trial?: {
    readonly parent: string
    readonly number: number
    readonly signals: Readonly<Record<string, unknown>>
  }
}

/** One stage and ablation ready to train. */
interface Job extends Grouped {
  readonly ablation: Ablation
}

/**
 * Trains every fold of every asked ablation and saves each set when its folds are done. The sets of "all" that the
 * stage has no features for are left out with a note; a set asked for by name is an error then.
 */
export async function trainSets(
  context: Context,
  progress: Progress,
  signals: Signals,
  request: TrainRequest,
): Promise<SavedSet[]> {
  const targets = deriveHeads(signals.table, {
    thresholds: signals.thresholds,
    windowSeconds: signals.lookforwardSeconds,
    ...(request.anchors === undefined ? {} : { anchors: request.anchors }),
    ...(request.horizons === undefined ? {} : { horizons: request.horizons }),
  })
  const rows = splitRows(signals.table, lastAnchor(targets) + signals.lookforwardSeconds)
  const plan = makePlan(rows, request.plan)
  const jobs = planJobs(progress, signals, request, targets)
  const saved: SavedSet[] = []
  for (const job of jobs) {
    const set = await request.tracking.run(aboutTraining(request, signals, plan, job), async (run) => {
      const folds = await trainJob(context, progress, { signals, request, rows, plan, job })
      const written = await saveSet(context, { ...job, signals, request, plan, targets, folds })
      await recordTraining(run, absolute(context.cwd, request.outputDir), written.details, request.trial === undefined)
      return written
    })
    saved.push(set)
  }
  return saved
}

/** Seconds from the start of a touch minute to the latest anchor. */
function lastAnchor(targets: readonly HeadTarget[]): number {
  return Math.max(...targets.map(({ anchorSeconds }) => anchorSeconds))
}

function planJobs(
  progress: Progress,
  { schema }: Signals,
  { stage, ablation }: TrainRequest,
  targets: readonly HeadTarget[],
): Job[] {
  if (ablation !== 'all') return [{ ablation, ...groupHeads(schema, stage, ablation, targets) }]
  const earliest = Math.min(...targets.map(({ anchorSeconds }) => anchorSeconds))
  return ABLATIONS.flatMap((each) => {
    if (hasFeatures(schema, { stage, ablation: each, knownBy: earliest })) {
      return [{ ablation: each, ...groupHeads(schema, stage, each, targets) }]
    }
    progress.note(`${stage} has no ${each} features: left out of "all"`)
    return []
  })
}

interface JobInput {
  readonly signals: Signals
  readonly request: TrainRequest
  readonly rows: SplitRows
  readonly plan: WalkForwardPlan
  readonly job: Job
}

async function trainJob(context: Context, progress: Progress, input: JobInput): Promise<CalibratedFold[]> {
  const { signals, request, rows, plan, job } = input
  const heads = job.groups.reduce((sum, group) => sum + group.targets.length, 0)
  const inner = plan.folds.map((fold) =>
    calibrationFolds(fold, rows, request.calibrationFolds, request.plan.embargoSessions),
  )
  const units = inner.reduce((sum, folds) => sum + folds.length + 1, 0)
  const label = `train ${request.stage} ${job.ablation}`
  const step = progress.step(label, heads * units)
  const outputs: CalibratedFold[] = []
  let unit = -1
  let share = new Map<number, number>()
  for (const fold of plan.folds) {
    const foldInput = {
      table: signals.table,
      rows,
      fold,
      groups: job.groups,
      options: {
        ...request.trees,
        signal: context.signal,
        ...(request.threads === undefined ? {} : { threads: request.threads }),
      },
      onHead: (head: number, name: string, round: number, rounds: number): void => {
        share.set(head, round / rounds)
        const done = [...share.values()].reduce((sum, part) => sum + part, 0)
        step.update(unit * heads + done, `fold ${fold.index + 1}/${plan.folds.length} ${name}`)
      },
    }
    const onUnit = (): void => {
      unit++
      share = new Map()
    }
    outputs.push(await trainCalibratedFold(foldInput, inner[fold.index] ?? [], onUnit))
  }
  const extra = units - plan.folds.length
  const calibrating = extra > 0 ? `, ${extra} inner ones to calibrate` : ''
  step.end(`${heads} heads x ${plan.folds.length} ${plan.folds.length === 1 ? 'fold' : 'folds'}${calibrating}`)
  return outputs
}
