import { asTheyEnd } from '../as-they-end.ts'
import type { Executor } from '../collect.ts'
import { type InProcessOptions, startHere } from '../in-process.ts'
import type { Job } from '../job.ts'
import type { DataFiles } from '../program.ts'
import type { JobPool } from './pool.ts'

/** How jobs are done in this process and on threads beside it. */
export interface BesideOptions<Data> extends InProcessOptions<Data> {
  /** Whether a job is done in this process, by as many threads as it may use; the others are done on one of the pool's each. */
  readonly isHere: (job: Job) => boolean
  /** Threads of the same program. Whoever made it closes it. */
  readonly pool: JobPool
  /** Files of the data of a hash, for the pool. */
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Does one job at a time in this process, and beside it as many on threads as the pool has. */
export function beside<Data>({ isHere, pool, filesOf, ...here }: BesideOptions<Data>): Executor {
  const roomOf = (job: Job): number => (isHere(job) ? 1 : pool.threads)
  const inHere = startHere(here)
  return {
    execute: (plan, results, options) =>
      asTheyEnd({
        ...options,
        plan,
        results,
        most: 1 + pool.threads,
        hasRoom: (job, atWork) => atWork.filter((each) => isHere(each) === isHere(job)).length < roomOf(job),
        start: async (job, begun) => (isHere(job) ? inHere(job, begun) : pool.run(job, await filesOf(job.data), begun)),
      }),
  }
}
