import type { Job } from '@breakwater/jobs'
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
import type { MixKind } from '@breakwater/viewport'
import type { SetMix } from '../fit/mix.ts'
import type { NeighbourOptions } from '../index/fit-index.ts'
import { fitMixesByJobs, type MixRequest } from './mix-jobs.ts'
import { doJobs, type JobsOptions } from './run-jobs.ts'
import { baseJob, type FoldJobs, jobsOfFold, lawJob, trainedBy } from './fold-jobs.ts'
import { columnsJob, servedBy, servingJob } from './serving-jobs.ts'

/**
 * Trains a planned set as `fitSet` does by jobs, the same bits whoever does them: its folds and inner folds, and from their results what each fold serves
 * and what columns add beyond the last law. Jobs that have results are not done again. A final fit waits for the folds, whose choices its jobs carry. Throws with the
 * reasons where jobs fail; the others are done all the same.
 */
export async function fitSetByJobs(
  plan: FitPlan,
  set: PlannedSet,
  fit: Pick<FitOptions, 'trees' | 'calibrationFolds' | 'bars' | 'train' | 'signal' | 'final'> & MixOptions,
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
  const jobs = [
    // Side by side: one process does a law and heads at once.
    ...sized.flatMap((fold) => [...lawJobs(common, fold), ...jobsOfFold(common, fold)]),
    ...plan.plan.folds.slice(-1).map((fold) => columnsJob(common, fold)),
    ...bySize(plan.plan.folds).map((fold) => servingJob(common, fold, inner[fold.index] ?? [])),
  ]
  const isFinal = fit.final === true
  const later = isFinal ? 2 + set.groups.length : 0
  await doJobs(jobs, partOf(options, 0, jobs.length + later))
  const trained = { ...trainedBy(common, options.results), ...servedBy(common, options.results) }
  const walked = await fitSet(plan, set, { ...fit, final: false, trained })
  const mix = await mixOf(fit, { plan, set, fitted: walked, data: common.data }, options)
  const fitted = mix === undefined ? walked : { ...walked, mix }
  if (!isFinal) return fitted
  const all = finalFold(plan.plan, signals.dates, plan.rows)
  const choices = finalChoices(fitted.folds)
  const [law, heads] = [
    { ...common, choices },
    { ...common, choices, groups: chosenGroups(set.groups, choices) },
  ]
  await doJobs([...lawJobs(law, all), ...jobsOfFold(heads, all)], partOf(options, jobs.length, jobs.length + later))
  const last = {
    heads: trainedBy(heads, options.results).heads,
    law: trainedBy(law, options.results).law,
  }
  return { ...fitted, final: await fitFinal(plan, set, fitted.folds, { ...fit, trained: last }) }
}

/** How neighbours and gate enter what is served. */
export interface MixOptions {
  /** By default nothing is said of it. `fitted` takes an index for each inner fold and anchor. */
  readonly mix?: MixKind | undefined
  /** Neighbours that vote; default 50, 2 of one touch cluster. They should be those of the index that is served. */
  readonly neighbours?: NeighbourOptions | undefined
}

async function mixOf(
  { mix: kind, neighbours = { k: 50, episodeCap: 2 } }: MixOptions,
  request: Omit<MixRequest, 'neighbours'>,
  options: JobsOptions,
): Promise<SetMix | undefined> {
  if (kind === undefined) return undefined
  const fits = kind === 'fitted' ? await fitMixesByJobs({ ...request, neighbours }, options) : []
  return { kind, neighbours: neighbours.k, episodeCap: neighbours.episodeCap, fits }
}

/** The jobs of a fold's law, each with what it needs before it. */
const lawJobs = (jobs: FoldJobs, fold: Fold): Job[] => [baseJob(jobs, fold), lawJob(jobs, fold)]

/** Jobs whose progress is that of `total` jobs, of which `before` are done. */
const partOf = (options: JobsOptions, before: number, total: number): JobsOptions => ({
  ...options,
  onProgress: ({ done, detail }) => options.onProgress?.({ done: before + done, total, detail }),
})

/** Folds of more training sessions first: then workers end at about the same time. */
function bySize(folds: readonly Fold[]): Fold[] {
  return folds.toSorted((a, b) => b.train.length - a.train.length)
}
