import { type Job, jobId, type PlannedJob, runId } from './job.ts'
import type { ResultStore } from './results.ts'

/** What is to be done: jobs by id, each once and after those that it needs, and which of them have results. */
export interface Plan {
  /** Id of the set of jobs. */
  readonly run: string
  readonly jobs: readonly PlannedJob[]
  readonly done: readonly PlannedJob[]
  readonly todo: readonly PlannedJob[]
}

/** How a job ended. The bytes of one that is done are in the store of results. */
export type Outcome =
  | { readonly id: string; readonly status: 'done' }
  | { readonly id: string; readonly status: 'failed'; readonly reason: string }

/** How far the jobs at work are together. */
export interface Progress {
  /** Jobs done, with the shares of those at work. */
  readonly done: number
  readonly total: number
  /** What is at work, for a person. */
  readonly detail: string
}

/** How jobs are executed. */
export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** One line for a person, such as a worker that refuses. */
  readonly onNote?: ((message: string) => void) | undefined
}

/**
 * Executes the jobs of a plan that are to be done, and yields how each ended, in any order; a job begins when what it needs is done, and fails
 * for the same reason where that fails. The result of a job that is done is in `results` when it is yielded. Throws the signal's reason when aborted; what was done stays.
 */
export interface Executor {
  readonly execute: (plan: Plan, results: ResultStore, options: ExecuteOptions) => AsyncIterable<Outcome>
}

/**
 * Jobs with their ids, equal ones once, and which of them have whole results in the store. Throws where a job needs one that is neither
 * among them nor has a result.
 */
export async function plan(jobs: Iterable<Job>, results: ResultStore): Promise<Plan> {
  const planned = new Map([...jobs].map((job) => [jobId(job), job]))
  const all = await inOrder(planned, results)
  const [done, todo]: [PlannedJob[], PlannedJob[]] = [[], []]
  for (const each of all) ((await results.read(each.id)) === null ? todo : done).push(each)
  return { run: runId(all), jobs: all, done, todo }
}

/**
 * Jobs in their order, but each after those that it needs. Throws where one needs a job that is neither among them nor has a result. Needs
 * make no circle: an id is a hash of them.
 */
async function inOrder(jobs: ReadonlyMap<string, Job>, results: ResultStore): Promise<PlannedJob[]> {
  const ordered = new Map<string, PlannedJob>()
  const add = async (id: string, job: Job): Promise<void> => {
    if (ordered.has(id)) return
    for (const needed of job.needs ?? []) {
      const other = jobs.get(needed)
      if (other !== undefined) await add(needed, other)
      else if ((await results.read(needed)) === null) {
        throw new RangeError(`jobs: job ${id} needs ${needed}, which has no result and is not to be done. Plan it too.`)
      }
    }
    ordered.set(id, { id, job })
  }
  for (const [id, job] of jobs) await add(id, job)
  return [...ordered.values()]
}

/**
 * Collects the outcomes of a plan: first of the jobs that have results already, in order, then of the others as they end. Results
 * stay in the store; nothing but ids is held. Throws the signal's reason when aborted, and yields nothing after that.
 */
export async function* collect(
  { run, jobs, done, todo }: Plan,
  executor: Executor,
  results: ResultStore,
  options: ExecuteOptions = {},
): AsyncGenerator<Outcome, void, undefined> {
  for (const { id } of done) yield { id, status: 'done' }
  if (todo.length === 0) return
  for await (const outcome of executor.execute({ run, jobs, done, todo }, results, options)) {
    // Jobs at work may end in the same moment as the signal: their results are stored, and nobody hears of them any more.
    options.signal?.throwIfAborted()
    yield outcome
  }
}
