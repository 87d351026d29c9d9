import type { Executor, Outcome } from '../collect.ts'
import { WriteError } from '@breakwater/formats/node'
import { type DataFiles, reasonOf, RefusedError } from '../program.ts'
import { createPool, type PoolOptions } from './pool.ts'

/** How jobs are done on threads. */
export interface ThreadsOptions extends PoolOptions {
  /** Files of the data of a hash. */
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Does jobs on threads of this machine, several at once, each on one thread. */
export function onThreads({ filesOf, ...pool }: ThreadsOptions): Executor {
  return {
    execute: async function* (plan, results, { signal = new AbortController().signal, onProgress }) {
      const threads = createPool(pool)
      const shares = new Map<string, number>()
      let done = plan.done.length
      const report = (detail: string): void => {
        const atWork = [...shares.values()].reduce((sum, share) => sum + share, 0)
        onProgress?.({ done: done + atWork, total: plan.jobs.length, detail })
      }
      const one = async ({ id, job }: (typeof plan.todo)[number]): Promise<Outcome> => {
        try {
          const bytes = await threads.run(job, await filesOf(job.data), {
            signal,
            onProgress: (share, detail) => {
              shares.set(id, share)
              report(detail)
            },
          })
          await results.write(id, bytes)
          done++
          return { id, status: 'done' }
        } catch (error) {
          if (signal.aborted || error instanceof RefusedError || error instanceof WriteError) throw error
          return { id, status: 'failed', reason: reasonOf(error) }
        } finally {
          shares.delete(id)
          report('')
        }
      }
      try {
        yield* asTheyEnd(plan.todo, pool.threads, one)
      } finally {
        await threads.close()
      }
    },
  }
}

/** Starts `most` at a time, and yields what each came to as it ends. */
async function* asTheyEnd<T, R>(items: readonly T[], most: number, start: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running = new Map<number, Promise<readonly [number, R]>>()
  let next = 0
  const begin = (): void => {
    const at = next++
    const ended = start(items[at] as T).then((result) => [at, result] as const)
    // The first that fails ends the loop below; the others are of no interest then.
    ended.catch(() => undefined)
    running.set(at, ended)
  }
  while (next < Math.min(most, items.length)) begin()
  while (running.size > 0) {
    const [at, result] = await Promise.race(running.values())
    running.delete(at)
    if (next < items.length) begin()
    yield result
  }
}
