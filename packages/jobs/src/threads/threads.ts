import { asTheyEnd } from '../as-they-end.ts'
import type { Executor } from '../collect.ts'
import type { DataFiles } from '../program.ts'
import { createPool, type PoolOptions } from './pool.ts'

/** How jobs are done on threads. */
export interface ThreadsOptions extends PoolOptions {
  /** Files of the data of a hash. */
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Does jobs on threads of this machine, several at once, each on one thread. */
export function onThreads({ filesOf, ...pool }: ThreadsOptions): Executor {
  return {
    execute: async function* (plan, results, options) {
      const threads = createPool(pool)
      try {
        yield* asTheyEnd({
          ...options,
          plan,
          results,
          most: pool.threads,
          start: async (job, begun) => threads.run(job, await filesOf(job.data), begun),
        })
      } finally {
        await threads.close()
      }
    },
  }
}
