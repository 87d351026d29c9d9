import type { Executor, Outcome } from '../collect.ts'
import { WriteError } from '@breakwater/formats/node'
import type { PlannedJob } from '../job.ts'
import { mayBegin, neededBy, settle } from '../needs.ts'
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
      const one = async ({ id, job }: PlannedJob): Promise<Outcome> => {
        try {
          const bytes = await threads.run(job, await filesOf(job.data), {
            needed: await neededBy(job, results.read),
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

/** Starts `most` at a time, each when what it needs is done, and yields how each ended. */
async function* asTheyEnd(
  todo: readonly PlannedJob[],
  most: number,
  start: (planned: PlannedJob) => Promise<Outcome>,
): AsyncGenerator<Outcome> {
  const left = new Map(todo.map((each) => [each.id, each]))
  const running = new Map<string, Promise<Outcome>>()
  const begin = (): void => {
    for (const planned of left.values()) {
      if (running.size === most) return
      if (running.has(planned.id) || !mayBegin(planned, left)) continue
      const ended = start(planned)
      // The first that fails ends the loop below; the others are of no interest then.
      ended.catch(() => undefined)
      running.set(planned.id, ended)
    }
  }
  begin()
  while (running.size > 0) {
    const outcome = await Promise.race(running.values())
    running.delete(outcome.id)
    const ended = settle(outcome, left)
    begin()
    yield* ended
  }
}
