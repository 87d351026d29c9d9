import { WriteError } from '@breakwater/formats/node'
import type { Executor, Outcome } from './collect.ts'
import { neededBy, settle } from './needs.ts'
import { type Program, reasonOf, RefusedError, run } from './program.ts'

/** How jobs are done in this process. */
export interface InProcessOptions<Data> {
  readonly program: Program<Data>
  /** The data of a hash, opened; called before each job, so keep what it gives. */
  readonly dataOf: (hash: string) => Promise<Data>
  /** Threads that each job may use. */
  readonly threads?: number | undefined
}

/** Does one job after another in this process, in the order of the plan. */
export function inProcess<Data>({ program, dataOf, threads }: InProcessOptions<Data>): Executor {
  return {
    execute: async function* (plan, results, { signal = new AbortController().signal, onProgress }) {
      let done = plan.done.length
      const left = new Map(plan.todo.map((each) => [each.id, each]))
      for (const { id, job } of plan.todo) {
        if (!left.has(id)) continue
        signal.throwIfAborted()
        let outcome: Outcome = { id, status: 'done' }
        try {
          const content = await run(program, job, {
            data: await dataOf(job.data),
            needed: await neededBy(job, results.read),
            signal,
            threads,
            onProgress: (share, detail) => onProgress?.({ done: done + share, total: plan.jobs.length, detail }),
          })
          await results.write(id, content)
        } catch (error) {
          if (signal.aborted || error instanceof RefusedError || error instanceof WriteError) throw error
          outcome = { id, status: 'failed', reason: reasonOf(error) }
        }
        if (outcome.status === 'done') onProgress?.({ done: ++done, total: plan.jobs.length, detail: '' })
        yield* settle(outcome, left)
      }
    },
  }
}
