import {
  collect,
  type ExecuteOptions,
  type Executor,
  type Job,
  jobId,
  plan as planJobs,
  type ResultStore,
} from '@breakwater/jobs'

/** How jobs are done, and where their results are. */
export interface JobsOptions extends ExecuteOptions {
  readonly executor: Executor
  readonly results: ResultStore
  /** Version of the program. */
  readonly program: string
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

/** What a job came to. Throws where it is not done. */
export async function resultOf(job: Job, results: ResultStore): Promise<Uint8Array> {
  const bytes = await results.read(jobId(job))
  if (bytes !== null) return bytes
  throw new Error(`models: the result of job ${jobId(job)} is gone. Run the command again.`)
}
