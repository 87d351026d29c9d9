import {
  collect,
  type ExecuteOptions,
  type Executor,
  type Job,
  plan as planJobs,
  type ResultStore,
} from '@breakwater/jobs'
import type { Fold } from '@breakwater/splits'
import { chosenGroups, finalChoices, finalFold } from '../fit/final.ts'
import {
  fitFinal,
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
 * are not done again. A final fit waits for the folds, whose choices its jobs carry. Throws with the reasons where jobs fail; the others are done all the same.
 */
export async function fitSetByJobs(
  plan: FitPlan,
  set: PlannedSet,
  fit: Pick<FitOptions, 'trees' | 'calibrationFolds' | 'bars' | 'train' | 'signal' | 'final'>,
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
  const jobs = [...sized.map((fold) => lawJob(common, fold)), ...sized.flatMap((fold) => jobsOfFold(common, fold))]
  const isFinal = fit.final === true
  const later = isFinal ? 1 + set.groups.length : 0
  await doJobs(jobs, partOf(options, 0, jobs.length + later))
  const fitted = await fitSet(plan, set, { ...fit, final: false, trained: trainedBy(common, options.results) })
  if (!isFinal) return fitted
  const all = finalFold(plan.plan, signals.dates, plan.rows)
  const choices = finalChoices(fitted.folds)
  const [law, heads] = [
    { ...common, choices },
    { ...common, choices, groups: chosenGroups(set.groups, choices) },
  ]
  await doJobs([lawJob(law, all), ...jobsOfFold(heads, all)], partOf(options, jobs.length, jobs.length + later))
  const trained = {
    heads: trainedBy(heads, options.results).heads,
    law: trainedBy(law, options.results).law,
  }
  return { ...fitted, final: await fitFinal(plan, set, fitted.folds, { ...fit, trained }) }
}

/** Jobs whose progress is that of `total` jobs, of which `before` are done. */
const partOf = (options: JobsOptions, before: number, total: number): JobsOptions => ({
  ...options,
  onProgress: ({ done, detail }) => options.onProgress?.({ done: before + done, total, detail }),
})

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
