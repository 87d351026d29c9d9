import type { Ablation, Anchor, HeadTarget, Stage } from '@breakwater/features'
import {
  type Body,
  type Job,
  type JobContext,
  jobId,
  type Json,
  pack,
  type Packable,
  type ResultStore,
  unpack,
} from '@breakwater/jobs'
import type { Fold } from '@breakwater/splits'
import { trainHeadsParallel } from '@breakwater/trees/node'
import type { FinalChoices } from '../fit/choices.ts'
import { horizonsOf, plannedSet, requestedTargets, type TreeOptions } from '../fit/fit-set.ts'
import {
  type FeatureGroup,
  type FoldInput,
  type TrainedBefore,
  trainBaseLaw,
  trainFold,
  trainLaw,
} from '../fit/fold.ts'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { splitRows } from '../fit/plan.ts'
import type { BaseLaw } from '../law/base.ts'
import type { Signals } from '../signals.ts'
import type { JobData } from './data.ts'
import { packFold, packLaw, unpackFold, unpackLaw } from './fold-result.ts'
import { resultOf } from './run-jobs.ts'

/** Kinds of jobs: one fold, or inner fold, of the heads of one anchor; what of the law of one fold sees no feature; that law. */
export const FOLD_JOBS = { heads: 'fold', base: 'base', law: 'law' } as const

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
  /** The fold whose law is published; none where no law is. */
  readonly published?: Fold | undefined
  /** What folds chose, for a fit of all sessions; none for a fold. */
  readonly choices?: FinalChoices | undefined
}

/** The options of a job, from which its worker finds the heads again. */
interface FoldOptions {
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
  readonly anchors: readonly Anchor[]
  readonly horizons: readonly number[]
  readonly labelSeconds: number
  /** Names of the features by group, so that jobs of another schema are other jobs. */
  readonly features: readonly (readonly string[])[]
  /** Whether the law is published. Absent in jobs of heads. */
  readonly isPublished?: boolean
  /** Absent in jobs of folds: theirs of the job's heads, or of the law. */
  readonly choices?: FinalChoices
}

/** The options of a job of what of a law sees no feature. */
interface BaseOptions extends Pick<FoldOptions, 'anchors' | 'horizons' | 'labelSeconds'> {
  readonly seed: number
  readonly isPublished: boolean
  /** What folds chose, null where they have no law; absent where validation rows choose. */
  readonly correctionTrees?: number | null
}

/** A value as JSON: without what is undefined. */
export const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** The jobs of a fold: one for each group of heads that see the same features. */
export const jobsOfFold = (jobs: FoldJobs, fold: Fold): Job[] =>
  jobs.groups.map((group) => jobOf(jobs, fold, FOLD_JOBS.heads, [group]))

/** The job of what of a fold's law sees no feature. It names no stage, ablation and feature: sets of the same heads share its result. */
export function baseJob(jobs: FoldJobs, fold: Fold): Job {
  const { data, program, trees, targets, groups, labelSeconds, choices } = jobs
  const options: BaseOptions = {
    anchors: [...new Set(targets.map(({ anchor }) => anchor))],
    horizons: horizonsOf(targets),
    labelSeconds,
    seed: trees.seed ?? 0,
    isPublished: fold === jobs.published,
    ...(choices === undefined ? {} : { correctionTrees: choices.law?.correctionTrees ?? null }),
  }
  const heads = groups.flatMap((group) => group.targets.map(({ name }) => name))
  return { kind: FOLD_JOBS.base, program, data, options: toJson(options), fold: toJson(fold), heads }
}

/** The job of a fold's law, which sees the heads and features of all groups. */
export function lawJob(jobs: FoldJobs, fold: Fold): Job {
  const job = jobOf(jobs, fold, FOLD_JOBS.law, jobs.groups)
  return {
    ...job,
    options: toJson({ ...(job.options as object), isPublished: fold === jobs.published }),
    needs: [jobId(baseJob(jobs, fold))],
  }
}

/** A job about a fold of the heads of groups. */
export function jobOf(jobs: FoldJobs, fold: Fold, kind: string, groups: readonly FeatureGroup[]): Job {
  const { data, program, stage, ablation, trees, targets, labelSeconds, choices } = jobs
  const heads = groups.flatMap((group) => group.targets.map(({ name }) => name))
  const options: FoldOptions = {
    stage,
    ablation,
    trees,
    anchors: [...new Set(targets.map(({ anchor }) => anchor))],
    horizons: horizonsOf(targets),
    labelSeconds,
    features: groups.map(({ features }) => features.map(({ name }) => name)),
    ...(choices === undefined ? {} : { choices: choicesOf(choices, kind, heads) }),
  }
  return { kind, program, data, options: toJson(options), fold: toJson(fold), heads }
}

/** What a job of a kind reads of all choices. */
function choicesOf({ rounds, law }: FinalChoices, kind: string, heads: readonly string[]): FinalChoices {
  if (kind === FOLD_JOBS.law) return { rounds: {}, law }
  return { rounds: Object.fromEntries(heads.map((name) => [name, rounds[name] ?? 0])), law: null }
}

/** Gives folds and laws. */
type TrainedFolds = Required<Pick<TrainedBefore, 'heads' | 'law'>>

/** Gives folds and laws from the results of their jobs. Throws where one has none: all jobs must be done. */
export function trainedBy(jobs: FoldJobs, results: ResultStore): TrainedFolds {
  const rows = splitRows(jobs.signals.table, jobs.labelSeconds)
  return {
    heads: async (fold) => {
      const parts: { group: FeatureGroup; bytes: Uint8Array }[] = []
      for (const [i, job] of jobsOfFold(jobs, fold).entries()) {
        parts.push({ group: jobs.groups[i] as FeatureGroup, bytes: await resultOf(job, results) })
      }
      return unpackFold(parts, fold, rows)
    },
    law: async (fold) => unpackLaw(await resultOf(lawJob(jobs, fold), results), fold, rows),
  }
}

/** What a body works on. */
interface JobInput extends Omit<FoldInput, 'onHead' | 'trained' | 'options'> {
  readonly options: TreeOptions & { readonly signal: AbortSignal }
}

/** What a body finds again from a job of {@link jobOf}. */
export function inputOf(
  job: Job,
  { signals, bars, headThreads }: JobData,
  { signal, threads }: Pick<JobContext<JobData>, 'signal' | 'threads'>,
): JobInput {
  const options = job.options as unknown as FoldOptions
  const { stage, ablation, anchors, horizons, trees, isPublished = false, choices } = options
  const targets = requestedTargets(signals, { anchors, horizons }).filter(({ name }) => job.heads.includes(name))
  const { groups } = plannedSet(signals.schema, stage, ablation, targets)
  const found = JSON.stringify(groups.map(({ features }) => features.map(({ name }) => name)))
  if (found !== JSON.stringify(options.features)) {
    throw new Error(`models: features ${found}: are not those of the job. Its schema is another one.`)
  }
  return {
    signals: { ...signals, bars },
    rows: splitRows(signals.table, options.labelSeconds),
    fold: job.fold as unknown as Fold,
    groups,
    train: trainerOf(headThreads, threads),
    options: { ...trees, signal },
    isPublished,
    choices,
  }
}

const trainerOf =
  (keep: JobData['headThreads'], threads: number | undefined): HeadTrainer =>
  (matrix, heads, given) =>
    trainHeadsParallel(matrix, heads, { ...given, keep, ...(threads === undefined ? {} : { threads }) })

/** Trains the heads of a job on its fold. */
export const foldBody: Body<JobData> = async (job, { data, onProgress, ...context }) => {
  const input = inputOf(job, data, context)
  const shares = new Float64Array(job.heads.length)
  const trained = await trainFold({
    ...input,
    onHead: (head, name, round, rounds) => {
      shares[head] = round / rounds
      onProgress(shares.reduce((sum, share) => sum + share, 0) / shares.length, `fold ${input.fold.index + 1} ${name}`)
    },
  })
  return packFold(trained, input.rows)
}

/** Fits what of the law of a job's fold sees no feature. */
export const baseBody: Body<JobData> = async (job, { data, onProgress, signal, threads }) => {
  const { signals, bars, headThreads } = data
  const { anchors, horizons, labelSeconds, seed, isPublished, correctionTrees } = job.options as unknown as BaseOptions
  const fold = job.fold as unknown as Fold
  const base = await trainBaseLaw({
    signals: { ...signals, bars },
    targets: requestedTargets(signals, { anchors, horizons }).filter(({ name }) => job.heads.includes(name)),
    rows: splitRows(signals.table, labelSeconds),
    fold,
    train: toldBy(trainerOf(headThreads, threads), onProgress, fold),
    options: { seed, signal },
    isPublished,
    correctionTrees,
  })
  return pack({ base } as unknown as Packable)
}

/** Fits the law of a job's fold. */
export const lawBody: Body<JobData> = async (job, { data, needed: [given], onProgress, ...context }) => {
  const input = inputOf(job, data, context)
  const { base } = unpack(given as Uint8Array) as unknown as { readonly base: BaseLaw | null }
  const train = toldBy(input.train, onProgress, input.fold)
  return packLaw(await trainLaw({ ...input, train, base: base ?? undefined }), input.fold, input.rows)
}

/** Ensembles of a law are few and small beside the mixture, whose fit reports nothing: each of their rounds is a sign of life. */
function toldBy(train: HeadTrainer, onProgress: JobContext<JobData>['onProgress'], { index }: Fold): HeadTrainer {
  const detail = `fold ${index + 1} law`
  onProgress(0, detail)
  return (matrix, heads, given) =>
    train(matrix, heads, { ...given, onProgress: ({ round, rounds }) => onProgress(round / rounds, detail) })
}
