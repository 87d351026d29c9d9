import {
  collect,
  type ExecuteOptions,
  type Executor,
  type Job,
  plan as planJobs,
  type ResultStore,
} from '@breakwater/jobs'
import type { Fold } from '@breakwater/splits'
import {
  type FitOptions,
  type FitPlan,
  fitSet,
  type FittedSet,
  innerFoldsOf,
  labelSeconds,
  type PlannedSet,
} from '../fit/fit-set.ts'
import { dataHash } from './data.ts'
import { type FoldJobs, jobsOfFold, lawJob, trainedBy } from './fold-jobs.ts'

/** How jobs are done, and where their results are. */
export interface JobsOptions extends ExecuteOptions {
  readonly executor: Executor
  readonly results: ResultStore
  /** Version of the program. */
  readonly program: string
}

/**
 * Trains a planned set as `fitSet` does, its folds and inner folds as jobs: the same bits, whoever does them. Jobs that have results
 * are not done again. Throws with the reasons where jobs fail; the others are done all the same.
 */
export async function fitSetByJobs(
  plan: FitPlan,
  set: PlannedSet,
  fit: Pick<FitOptions, 'trees' | 'calibrationFolds' | 'bars' | 'train' | 'signal'>,
  options: JobsOptions,
): Promise<FittedSet> {
  const { signals, stage, targets } = plan
  const common: FoldJobs = {
    signals,
    data: dataHash({ signals, bars: fit.bars }),
    program: options.program,
    stage,
    ablation: set.ablation,
    trees: fit.trees,
    targets,
    groups: set.groups,
    labelSeconds: labelSeconds(signals, targets),
    published: plan.plan.folds.at(-1),
  }
  const inner = innerFoldsOf(plan, fit.calibrationFolds)
  const folds = plan.plan.folds.flatMap((fold, i) => [...(inner[i] ?? []), fold])
  const sized = bySize(folds)
  await doJobs(
    [...sized.map((fold) => lawJob(common, fold)), ...sized.flatMap((fold) => jobsOfFold(common, fold))],
    options,
  )
  return await fitSet(plan, set, { ...fit, trained: trainedBy(common, options.results) })
}

/** Folds of more training sessions first: then workers end at about the same time. */
function bySize(folds: readonly Fold[]): Fold[] {
  return folds.toSorted((a, b) => b.train.length - a.train.length)
}

/** Does jobs, and throws with the reasons of those that failed. */
export async function doJobs(jobs: readonly Job[], { executor, results, ...options }: JobsOptions): Promise<void> {
  const planned = await planJobs(jobs, results)
  const reasons = new Set<string>()
  for await (const outcome of collect(planned, executor, results, options)) {
    if (outcome.status === 'failed') reasons.add(outcome.reason)
  }
  const [first, ...others] = reasons
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} other reasons)`
  throw new Error(`models: jobs failed: ${first}${more}`)
}
