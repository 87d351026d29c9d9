import type { Ablation, Anchor, HeadTarget, Stage } from '@breakwater/features'
import { type Body, type Job, jobId, type Json, type ResultStore } from '@breakwater/jobs'
import type { Fold } from '@breakwater/splits'
import { trainHeadsParallel } from '@breakwater/trees/node'
import { horizonsOf, plannedSet, requestedTargets, type TreeOptions } from '../fit/fit-set.ts'
import { type FeatureGroup, trainFold, type TrainedFold } from '../fit/fold.ts'
import { splitRows } from '../fit/plan.ts'
import type { Signals } from '../signals.ts'
import { packFold, unpackFold } from './fold-result.ts'

/** Kind of the jobs that train one fold, or inner fold, of the heads of one anchor. */
export const FOLD_JOB = 'fold'

/** What jobs of folds have in common. */
export interface FoldJobs {
  readonly signals: Signals
  /** As the jobs name their data: see `dataHash`. */
  readonly data: string
  /** Version of the program. */
  readonly program: string
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
  readonly targets: readonly HeadTarget[]
  readonly groups: readonly FeatureGroup[]
  /** Seconds until a touch's labels have ended, by which rows are purged. */
  readonly labelSeconds: number
}

/** The options of a job, from which its worker finds the heads again. */
interface FoldOptions {
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
  readonly anchors: readonly Anchor[]
  readonly horizons: readonly number[]
  readonly labelSeconds: number
  /** Names of the features, so that jobs of another schema are other jobs. */
  readonly features: readonly string[]
}

/** A value as JSON: without what is undefined. */
const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** The jobs of a fold: one for each group of heads that see the same features. */
export function jobsOfFold(jobs: FoldJobs, fold: Fold): Job[] {
  const { data, program, stage, ablation, trees, targets, labelSeconds } = jobs
  return jobs.groups.map((group) => {
    const options: FoldOptions = {
      stage,
      ablation,
      trees,
      anchors: [...new Set(targets.map(({ anchor }) => anchor))],
      horizons: horizonsOf(targets),
      labelSeconds,
      features: group.features.map(({ name }) => name),
    }
    return {
      kind: FOLD_JOB,
      program,
      data,
      options: toJson(options),
      fold: toJson(fold),
      heads: group.targets.map(({ name }) => name),
    }
  })
}

/** Gives folds from the results of their jobs. Throws where one has none: all jobs must be done. */
export function trainedBy(jobs: FoldJobs, results: ResultStore): (fold: Fold) => Promise<TrainedFold> {
  const rows = splitRows(jobs.signals.table, jobs.labelSeconds)
  return async (fold) => {
    const parts: { group: FeatureGroup; bytes: Uint8Array }[] = []
    for (const [i, job] of jobsOfFold(jobs, fold).entries()) {
      const bytes = await results.read(jobId(job))
      if (bytes === null) throw new Error(`models: the result of job ${jobId(job)} is gone. Run the command again.`)
      parts.push({ group: jobs.groups[i] as FeatureGroup, bytes })
    }
    return unpackFold(parts, fold, rows)
  }
}

/** Trains the heads of a job on its fold: the bytes that {@link trainedBy} reads. */
export const foldBody: Body<{ readonly signals: Signals }> = async (job, { data, signal, threads, onProgress }) => {
  const { signals } = data
  const options = job.options as unknown as FoldOptions
  const fold = job.fold as unknown as Fold
  const rows = splitRows(signals.table, options.labelSeconds)
  const [group] = groupsOf(signals, options, job.heads)
  if (group === undefined) throw new Error(`models: heads ${job.heads.join(', ')}: the signals have none of them.`)
  const found = group.features.map(({ name }) => name)
  if (found.join() !== options.features.join()) {
    throw new Error(`models: features ${found.join(', ')}: are not those of the job. Its schema is another one.`)
  }
  const shares = new Float64Array(group.targets.length)
  const trained = await trainFold({
    signals: { ...signals, bars: undefined },
    rows,
    fold,
    groups: [group],
    train: (matrix, heads, given) =>
      trainHeadsParallel(matrix, heads, { ...given, ...(threads === undefined ? {} : { threads }) }),
    options: { ...options.trees, signal },
    onHead: (head, name, round, rounds) => {
      shares[head] = round / rounds
      onProgress(shares.reduce((sum, share) => sum + share, 0) / shares.length, `fold ${fold.index + 1} ${name}`)
    },
  })
  return packFold(trained, rows)
}

/** The heads of a job, with their features. */
function groupsOf(signals: Signals, options: FoldOptions, heads: readonly string[]): FeatureGroup[] {
  const { stage, ablation, anchors, horizons } = options
  const targets = requestedTargets(signals, { anchors, horizons }).filter(({ name }) => heads.includes(name))
  return [...plannedSet(signals.schema, stage, ablation, targets).groups]
}
