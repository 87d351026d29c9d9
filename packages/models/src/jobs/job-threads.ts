import { availableParallelism } from 'node:os'
import { createPool, type JobPool } from '@breakwater/jobs'
import { createHeadThreads, type HeadThreads } from '@breakwater/trees/node'

/** Threads of this process that do the jobs of sets. Kept from one set to the next they start once, and keep what they have compiled. */
export interface JobThreads {
  /** How many each of the two may use. */
  readonly threads: number
  /** Of the heads of one job. */
  readonly heads: HeadThreads
  /** Of the other jobs, beside the heads; null where there is one thread for all. */
  readonly pool: JobPool | null
}

/** Threads beside those of the heads at most: each holds the data once more. */
const BESIDE = 4

/** Gives `use` threads, one per processor by default, and stops them when it ends. None starts until there is a job for it. */
export async function withJobThreads<T>(
  threads: number | undefined,
  use: (kept: JobThreads) => Promise<T>,
): Promise<T> {
  const most = threads ?? availableParallelism()
  const heads = createHeadThreads()
  const module = import.meta.resolve('@breakwater/models/jobs')
  // Who stops this process for long, as with Ctrl-Z, goes on later: no job hangs for that.
  const pool = most > 1 ? createPool({ module, threads: Math.min(most, BESIDE), stallMs: Infinity }) : null
  try {
    return await use({ threads: most, heads, pool })
  } finally {
    await Promise.all([heads.close(), pool?.close()])
  }
}
