import type { Bars } from '@breakwater/features'
import {
  describeSet,
  type FitPlan,
  type FitRequest,
  type FittedSet,
  type PlannedSet,
  planFit,
  type Signals,
} from '@breakwater/models'
import { loadSet, type SetFiles, writeSet } from '@breakwater/models/node'
import {
  dataFiles,
  type DataPlace,
  type ExecutorRequest,
  fitSetByJobs,
  forgetJobs,
  type JobThreads,
  keepBars,
  withExecutor,
} from '@breakwater/models/jobs'
import { jobsOf } from '../jobs/bus.ts'
import { withFolderLock } from '@breakwater/formats/node'
import { metadataFile } from '@breakwater/trees/node'
import { type Context, originOf } from '../context.ts'
import { evaluateTrained } from '../evaluation/evaluate.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, shown } from '../paths.ts'
import { barsOf } from '../signals-file.ts'
import type { Progress } from '@breakwater/command-line'
import { noteReplaced } from '../versions/replaced.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { aboutTraining, recordReport, recordTraining, type TrainingSettings } from '../tracking/training.ts'

/** What to train. */
export interface TrainRequest extends FitRequest, TrainingSettings {
  readonly threads: JobThreads
  /** Who trains: this process where it is left out. */
  readonly bus?: ExecutorRequest['bus']
  /** Where the signals lie, for workers. */
  readonly place: DataPlace
  readonly outputDir: string
  /** Files of bars for the law's volatility, or `none`; default those that the signals name. */
  readonly bars?: readonly string[] | undefined
  /** Versions of a set that stay; default 3. */
  readonly keepVersions?: number | undefined
  readonly tracking: Tracking
  /** Whether the results of jobs stay for a training of the same signals that follows, which shares some. Default false. */
  readonly keepsJobs?: boolean | undefined
  /** Whether each recorded run has the page of its set, which is evaluated for it. */
  readonly report: boolean
}

/**
 * Trains every fold of every asked ablation and saves each set when its folds are done. The sets of "all" that the
 * stage has no features for are left out with a note; a set asked for by name is an error then. Throws `LockError` where
 * another process writes into the folder.
 */
export async function trainSets(
  context: Context,
  progress: Progress,
  signals: Signals,
  request: TrainRequest,
): Promise<SetFiles[]> {
  const plan = planFit(signals, request)
  for (const ablation of plan.leftOut) {
    progress.note(`${request.stage} has no ${ablation} features: left out of "all"`)
  }
  const bars = await barsOf(context, signals, request.bars)
  if (bars === undefined) progress.note("no bars: the law's forecast of volatility is that of the ATR")
  const folder = absolute(context.cwd, request.outputDir)
  return withFolderLock(folder, { command: 'breakwater train' }, () =>
    trainPlanned(context, progress, { plan, request, bars, folder }),
  )
}

/** The seed that `evaluate` takes by default, so that its page has the same intervals. */
const REPORT_SEED = SHARED_OPTIONS.seed.default

async function trainPlanned(
  context: Context,
  progress: Progress,
  { plan, request, bars, folder }: Omit<Job, 'set'>,
): Promise<SetFiles[]> {
  const saved: SetFiles[] = []
  for (const planned of plan.sets) {
    await noteReplaced(context, progress, { folder, pointer: metadataFile(plan.stage, planned.ablation) })
    const files = await request.tracking.run(aboutTraining(request, plan, planned), async (run) => {
      const fitted = await fit(context, progress, { plan, set: planned, request, bars, folder })
      context.signal.throwIfAborted()
      const origin = originOf(context)
      const set = describeSet(fitted, origin)
      const written = await writeSet(folder, set, {
        timestamp: origin.timestamp,
        keepVersions: request.keepVersions,
      })
      await recordTraining(run, { ...written, bundles: set.bundles, time: context.clock() })
      if (request.report && request.tracking.records) {
        const step = progress.step(`report of ${plan.stage} ${planned.ablation}`, 1)
        const trained = await loadSet(folder, { stage: plan.stage, ablation: planned.ablation })
        const asked = { trained, signals: plan.signals, seed: REPORT_SEED, threads: request.threads.threads }
        await recordReport(run, await evaluateTrained(context, asked))
        step.end()
      }
      return { ...written, metadata: shown(context.cwd, written.metadata) }
    })
    saved.push(files)
  }
  if (request.keepsJobs !== true) await forgetJobs(folder)
  return saved
}

interface Job {
  readonly plan: FitPlan
  readonly set: PlannedSet
  readonly request: TrainRequest
  readonly bars: Bars | undefined
  /** Absolute. */
  readonly folder: string
}

async function fit(
  context: Context,
  progress: Progress,
  { plan, set, request, bars, folder }: Job,
): Promise<FittedSet> {
  const { trees, calibrationFolds, final, mix, threads, bus, place } = request
  const { signals } = plan
  const { signal } = context
  const label = `train ${plan.stage} ${set.ablation}`
  const step = progress.step(label, 1)
  const jobs: ExecutorRequest = {
    bus,
    clock: context.clock,
    threads,
    folder,
    command: `breakwater ${label}, into ${shown(context.cwd, folder)}`,
    dataOf: () => Promise.resolve({ signals, bars }),
    filesOf: async () => {
      const barsFile = bars === undefined ? undefined : await keepBars(folder, bars)
      return dataFiles({ signals, bars }, { ...place, barsFile })
    },
  }
  const fitted = await withExecutor(jobs, (executor, results) =>
    fitSetByJobs(
      plan,
      set,
      { trees, calibrationFolds, bars, signal, final, mix },
      { executor, results, ...jobsOf(context, progress, step) },
    ),
  )
  const { length: folds } = fitted.folds
  const heads = set.groups.reduce((sum, { targets }) => sum + targets.length, 0)
  const calibrating = fitted.innerFolds > 0 ? `, ${fitted.innerFolds} inner ones to calibrate` : ''
  const all = fitted.final === undefined ? '' : `; then all ${fitted.final.fold.train.length} sessions`
  step.end(`${heads} heads x ${folds} ${folds === 1 ? 'fold' : 'folds'}${calibrating}${all}`)
  return fitted
}
