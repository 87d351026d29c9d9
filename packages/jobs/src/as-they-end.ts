import { WriteError } from '@breakwater/formats/node'
import type { ExecuteOptions, Outcome, Plan } from './collect.ts'
import type { Job, PlannedJob } from './job.ts'
import { mayBegin, neededBy, settle } from './needs.ts'
import { reasonOf, RefusedError } from './program.ts'
import type { ResultStore } from './results.ts'

/** What a job that is begun is given. */
export interface Begun {
  /** Aborted when the run is, and when it ends for another reason. */
  readonly signal: AbortSignal
  readonly needed: readonly Uint8Array[]
  readonly onProgress: (share: number, detail: string) => void
}

/** Where the jobs of a plan are done. */
export interface Doing extends Pick<ExecuteOptions, 'signal' | 'onProgress'> {
  readonly plan: Plan
  readonly results: ResultStore
  /** Jobs at once. */
  readonly most: number
  /** Whether one more may begin beside those at work, where not every one may. */
  readonly hasRoom?: ((job: Job, atWork: readonly Job[]) => boolean) | undefined
  readonly start: (job: Job, begun: Begun) => Promise<Uint8Array | readonly Uint8Array[]>
}

/**
 * Starts `most` jobs at a time in the order of the plan, each when what it needs is done, writes their results and yields how each ended. A refusal, a result
 * that cannot be written and an abort end all. None is at work any more when it ends.
 */
export async function* asTheyEnd(doing: Doing): AsyncGenerator<Outcome> {
  const { plan, results, most, hasRoom = () => true, start, signal, onProgress } = doing
  const left = new Map(plan.todo.map((each) => [each.id, each]))
  const running = new Map<string, { readonly job: Job; readonly ended: Promise<Outcome> }>()
  const shares = new Map<string, number>()
  const over = new AbortController()
  const stop = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal])
  let done = plan.done.length
  const report = (detail: string): void => {
    const atWork = [...shares.values()].reduce((sum, share) => sum + share, 0)
    onProgress?.({ done: done + atWork, total: plan.jobs.length, detail })
  }
  const one = async ({ id, job }: PlannedJob): Promise<Outcome> => {
    try {
      stop.throwIfAborted()
      const content = await start(job, {
        signal: stop,
        needed: await neededBy(job, results.read),
        onProgress: (share, detail) => {
          shares.set(id, share)
          report(detail)
        },
      })
      await results.write(id, content)
      done++
      return { id, status: 'done' }
    } catch (error) {
      if (stop.aborted || error instanceof RefusedError || error instanceof WriteError) throw error
      return { id, status: 'failed', reason: reasonOf(error) }
    } finally {
      shares.delete(id)
      report('')
    }
  }
  const atWork = (): Job[] => [...running.values()].map(({ job }) => job)
  const begin = (): void => {
    for (const planned of left.values()) {
      if (running.size === most) return
      if (running.has(planned.id) || !mayBegin(planned, left) || !hasRoom(planned.job, atWork())) continue
      const ended = one(planned)
      // The first that fails ends the loop below; the others are of no interest then.
      ended.catch(() => undefined)
      running.set(planned.id, { job: planned.job, ended })
    }
  }
  try {
    begin()
    while (running.size > 0) {
      const outcome = await Promise.race([...running.values()].map(({ ended }) => ended))
      running.delete(outcome.id)
      // Whoever reads hears of what ended before the next begins, which may hold this thread for long.
      yield* settle(outcome, left)
      begin()
    }
  } finally {
    over.abort()
    await Promise.allSettled([...running.values()].map(({ ended }) => ended))
  }
}
