import { refusalOf } from '../program.ts'
import { type Bus, short } from './bus.ts'
import { readRecord, type Refusal, type WorkerRecord } from './records.ts'
import { follow } from './workers.ts'

/** Who a worker is. */
export interface PresenceOptions {
  readonly bus: Bus
  /** Names it among all workers; letters, digits, - and _. */
  readonly worker: string
  /** Version of the program that it computes with. */
  readonly program: string
  /** Jobs at once. */
  readonly threads: number
  readonly log: WorkerLog
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Takes no more jobs, and ends when those at work are done. */
  readonly drain: AbortSignal
}

/** What a worker says of what it does. */
export interface WorkerLog {
  readonly note: (message: string) => void
}

/** What others see of a worker, and what it hears of the runs. */
export interface Presence {
  /** Appears on the bus; resolves to how to disappear. */
  readonly begin: () => Promise<() => Promise<void>>
  /** Shows a job at work; gives the signal of its run's cancellation. */
  readonly show: (job: WorkerRecord['jobs'][number]) => AbortSignal
  readonly forget: (id: string) => void
  readonly count: (what: 'done' | 'failed') => void
  readonly isCancelled: (run: string) => boolean
}

/** Gives signs of life with the progress of all jobs at work, and refuses runs of other programs with the reason. */
export function createPresence({ bus, worker, program, threads, log, clock, drain }: PresenceOptions): Presence {
  const jobs = new Map<string, { job: WorkerRecord['jobs'][number]; readonly cancel: AbortController }>()
  const cancelled = new Set<string>()
  const counts = { done: 0, failed: 0 }
  const since = clock()
  const beat = async (): Promise<void> => {
    const record: WorkerRecord = {
      worker,
      program,
      threads,
      since,
      ...counts,
      draining: drain.aborted,
      jobs: [...jobs.values()].map(({ job }) => job),
    }
    // A missed beat is followed by the next one.
    await bus.workers.put(`worker.${worker}`, JSON.stringify(record)).catch(() => bus.ensure().catch(() => undefined))
  }
  const refuse = async (run: string, reason: string): Promise<void> => {
    log.note(`refuses run ${short(run)}: ${reason}`)
    const refusal: Refusal = { worker, run, reason }
    await bus.workers.put(`refusal.${short(run)}.${worker}`, JSON.stringify(refusal)).catch(() => undefined)
  }
  const onRun = (_key: string, value: Uint8Array | null): void => {
    const record = value === null ? null : readRecord('run', value)
    if (record === null) return
    if (record.state !== 'cancelled') cancelled.delete(record.run)
    else {
      cancelled.add(record.run)
      for (const { job, cancel } of jobs.values())
        if (job.run === record.run) cancel.abort(new Error('jobs: the run was cancelled'))
    }
    const reason = refusalOf(record.program, program)
    if (record.state === 'running' && reason !== null) void refuse(record.run, reason)
  }
  return {
    begin: async () => {
      await bus.steady(beat)
      const stop = await follow(bus, 'runs', ['run.*'], onRun)
      const timer = setInterval(() => void beat(), bus.patience.heartbeatMs)
      return async () => {
        clearInterval(timer)
        stop()
        await bus.workers.delete(`worker.${worker}`).catch(() => undefined)
      }
    },
    show: (job) => {
      const known = jobs.get(job.id)
      const entry = known ?? { job, cancel: new AbortController() }
      entry.job = job
      jobs.set(job.id, entry)
      return entry.cancel.signal
    },
    forget: (id) => void jobs.delete(id),
    count: (what) => void counts[what]++,
    isCancelled: (run) => cancelled.has(run),
  }
}
