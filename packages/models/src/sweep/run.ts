import { collect, type Job, jobId, plan as planJobs } from '@breakwater/jobs'
import type { JobsOptions } from '../jobs/run-jobs.ts'
import { jobsOfFold, trainedBy } from '../jobs/fold-jobs.ts'
import type { SweepConfig } from './config.ts'
import { rungsOf, survivorsOf } from './halving.ts'
import type { SweepQuestion } from './question.ts'
import { scoreTrial } from './score.ts'
import type { FinishedTrial } from './state.ts'
import { runTrial, trialJobs, type TrialRequest } from './trial.ts'
import type { Trial } from './trials.ts'

/** What the trials of a sweep come from. */
export interface SweepWork {
  readonly config: SweepConfig
  readonly trials: readonly Trial[]
  readonly question: SweepQuestion
  /** Signals and options of a trial; called when they are needed. */
  readonly requestOf: (trial: Trial) => Promise<Pick<TrialRequest, 'signals' | 'stage' | 'ablation' | 'trees'>>
  /** Trials that are done already, by number. */
  readonly done: ReadonlyMap<number, FinishedTrial>
  /** Called with the next trial that is waited for. */
  readonly onTrial: (trial: Trial) => void
  readonly jobs: JobsOptions
}

interface Entry {
  readonly trial: Trial
  /** Jobs of the rung without an outcome. */
  left: number
  error: string | null
}

/**
 * Runs the trials of a sweep that are not done, the inner folds of all as jobs, and yields each when it is over. With successive halving
 * the trials of a rung are compared on the same rows when all have them; those that stay behind are over. Trials that were done
 * before take part in the comparison and are not yielded. A trial whose job fails is over with the reason.
 */
export async function* runTrials(work: SweepWork): AsyncGenerator<FinishedTrial> {
  const { config, question, trials, done } = work
  const eta = config.halving?.eta
  const all = question.plan.folds.length
  let members: readonly Trial[] = trials
  let before = 0
  for (const rung of rungsOf(all, eta)) {
    const scored: FinishedTrial[] = []
    for await (const finished of rungOf(work, members, before, rung)) {
      scored.push(finished)
      const { error, number } = finished.result
      if ((error !== null || rung === all) && !done.has(number)) yield finished
    }
    if (rung === all || eta === undefined) return
    const kept = new Set(
      survivorsOf(
        scored.map(({ result }) => result),
        config.metric,
        eta,
      ).map(({ number }) => number),
    )
    for (const { result, forecasts } of scored) {
      if (kept.has(result.number) || result.error !== null || done.has(result.number)) continue
      // Its figure is of fewer rows than the others': it takes no part in the ranking.
      yield { result: { ...result, value: null, stopped: rung }, forecasts }
    }
    members = members.filter(({ number }) => kept.has(number))
    before = rung
  }
}

/** Does the jobs of a rung, and yields each trial, scored on the first `rung` folds, when its jobs are done. */
async function* rungOf(
  work: SweepWork,
  members: readonly Trial[],
  before: number,
  rung: number,
): AsyncGenerator<FinishedTrial> {
  const { done, jobs: options, onTrial } = work
  const entries = new Map<number, Entry>()
  const byJob = new Map<string, Entry[]>()
  const jobs: Job[] = []
  for (const trial of members) {
    const known = done.get(trial.number)
    if (known !== undefined) {
      yield rung === work.question.plan.folds.length ? known : scoredOn(work, trial, known.forecasts, rung)
      continue
    }
    const entry: Entry = { trial, left: 0, error: null }
    entries.set(trial.number, entry)
    const { common, folds } = trialJobs(await trialRequest(work, trial), options)
    const own = folds.slice(before, rung).flatMap((fold) => jobsOfFold(common, fold))
    for (const job of own) {
      const id = jobId(job)
      byJob.set(id, [...(byJob.get(id) ?? []), entry])
      entry.left++
    }
    jobs.push(...own)
  }
  const { executor, results, program: _program, ...execution } = options
  const next = (): void => {
    const [first] = entries.values()
    if (first !== undefined) onTrial(first.trial)
  }
  next()
  for await (const outcome of collect(await planJobs(jobs, results), executor, results, execution)) {
    for (const entry of byJob.get(outcome.id) ?? []) {
      entry.left--
      if (outcome.status === 'failed') entry.error ??= outcome.reason
      if (entry.left > 0) continue
      yield await finish(work, entry, rung)
      const [first] = entries.keys()
      entries.delete(entry.trial.number)
      if (first === entry.trial.number) next()
    }
  }
}

async function finish(work: SweepWork, { trial, error }: Entry, rung: number): Promise<FinishedTrial> {
  const failed = (reason: string): FinishedTrial => ({
    result: { ...trial, value: null, folds: [], error: reason, stopped: null },
    forecasts: new Float64Array(),
  })
  if (error !== null) return failed(error)
  const request = await trialRequest(work, trial)
  const { common } = trialJobs(request, work.jobs)
  try {
    const forecasts = await runTrial({ ...request, folds: rung, trained: trainedBy(common, work.jobs.results).heads })
    return scoredOn(work, trial, forecasts, rung)
  } catch (failure) {
    return failed(failure instanceof Error ? failure.message : String(failure))
  }
}

async function trialRequest(work: SweepWork, trial: Trial): Promise<TrialRequest> {
  const { config, question } = work
  return { ...(await work.requestOf(trial)), config, question }
}

function scoredOn(
  { question, config }: Pick<SweepWork, 'question' | 'config'>,
  trial: Trial,
  forecasts: Float64Array,
  rung: number,
): FinishedTrial {
  const score = scoreTrial(forecasts, question, config.metric, rung)
  return { result: { ...trial, ...score, error: null, stopped: null }, forecasts }
}
