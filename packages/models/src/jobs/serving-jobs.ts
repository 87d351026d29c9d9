import { type Body, type Job, jobId, pack, type Packable, type ResultStore, unpack } from '@breakwater/jobs'
import { type Fold, foldRows } from '@breakwater/splits'
import { type FoldForecasts, serveFold } from '../fit/calibrated-fold.ts'
import { columnGains } from '../fit/column-gains.ts'
import type { TrainedBefore } from '../fit/fold.ts'
import { splitRows } from '../fit/plan.ts'
import type { ColumnGains, NoColumnGains } from '../set/column-gains.ts'
import type { JobData } from './data.ts'
import { type FoldJobs, inputOf, jobOf, jobsOfFold, lawJob, toJson } from './fold-jobs.ts'
import { packServing, unpackFold, unpackLaw, unpackServing } from './fold-result.ts'
import { resultOf } from './run-jobs.ts'

/** Kinds of jobs that read what folds came to: what one serves with its calibrators; what each column adds beyond its law. */
export const SERVING_JOBS = { serving: 'serving', columns: 'columns' } as const

/** The job of what a fold serves, from its heads and law and those of its inner folds. */
export function servingJob(jobs: FoldJobs, fold: Fold, inner: readonly Fold[]): Job {
  const job = jobOf(jobs, fold, SERVING_JOBS.serving, jobs.groups)
  const needs = [...inner, fold].flatMap((each) => [...jobsOfFold(jobs, each), lawJob(jobs, each)])
  return {
    ...job,
    options: toJson({ ...(job.options as object), inner }),
    needs: needs.map((each) => jobId(each)),
  }
}

/** The job of what each column adds beyond the law of a fold. */
export const columnsJob = (jobs: FoldJobs, fold: Fold): Job => ({
  ...jobOf(jobs, fold, SERVING_JOBS.columns, jobs.groups),
  needs: [jobId(lawJob(jobs, fold))],
})

/** Gives what {@link servingJob} and {@link columnsJob} came to. Throws where one is not done. */
export function servedBy(
  jobs: FoldJobs,
  results: ResultStore,
): Required<Pick<TrainedBefore, 'serving' | 'columnsBeyondLaw'>> {
  const rows = splitRows(jobs.signals.table, jobs.labelSeconds)
  return {
    serving: async (fold, inner) => unpackServing(await resultOf(servingJob(jobs, fold, inner), results), fold, rows),
    columnsBeyondLaw: async (fold) =>
      unpack(await resultOf(columnsJob(jobs, fold), results)) as unknown as ColumnGains | NoColumnGains,
  }
}

/** Calibrates a job's fold and chooses what it serves. */
export const servingBody: Body<JobData> = async (job, { data, needed, onProgress, ...context }) => {
  const { signals, rows, groups, fold } = inputOf(job, data, context)
  const { inner } = job.options as unknown as { readonly inner: readonly Fold[] }
  onProgress(0, `fold ${fold.index + 1} calibrators`)
  // Of each fold the groups of its heads, then its law.
  const width = groups.length + 1
  const forecasts = [...inner, fold].map((each, i): FoldForecasts => {
    const bytes = needed.slice(i * width, (i + 1) * width)
    const parts = groups.map((group, g) => ({ group, bytes: bytes[g] as Uint8Array }))
    return { trained: unpackFold(parts, each, rows), law: unpackLaw(bytes.at(-1) as Uint8Array, each, rows) }
  })
  const serving = serveFold({ signals, groups }, forecasts.slice(0, -1), forecasts.at(-1) as FoldForecasts)
  return packServing(serving, fold, rows)
}

/** Measures what each column adds beyond the law of a job's fold. */
export const columnsBody: Body<JobData> = async (job, { data, needed: [law], onProgress, ...context }) => {
  const { signals, rows, groups, fold, options } = inputOf(job, data, context)
  onProgress(0, `fold ${fold.index + 1} columns`)
  const gains = columnGains({
    signals,
    targets: groups.flatMap(({ targets }) => targets),
    fold: { law: unpackLaw(law as Uint8Array, fold, rows), test: foldRows(fold, rows).test },
    seed: options.seed,
  })
  return pack(gains as unknown as Packable)
}
