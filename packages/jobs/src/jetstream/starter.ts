import { setTimeout } from 'node:timers/promises'
import { JetStreamApiError } from '@nats-io/jetstream'
import type { ExecuteOptions, Executor, Outcome, Plan } from '../collect.ts'
import type { PlannedJob } from '../job.ts'
import { mayBegin, settle } from '../needs.ts'
import type { DataFiles } from '../program.ts'
import type { ResultStore } from '../results.ts'
import { type Bus, programKey, short, SUBJECTS, WORK } from './bus.ts'
import { resultOnBus, sendResult } from './bus-results.ts'
import { isClaimed } from './claims.ts'
import { shareData } from './data.ts'
import { forgottenJobs, queuedJobs } from './queue.ts'
import { keysOf, readEnded, readRecord } from './records.ts'
import type { Envelope, RunRecord } from './records.ts'
import { followWorkers } from './workers.ts'

/** How work is given to workers on a bus. */
export interface WorkersOptions {
  readonly bus: Bus
  /** Files of the data of a hash. */
  readonly filesOf: (hash: string) => Promise<DataFiles>
  /**
   * Whether the results' folder and the workers' are the same, on one file system; `sharedFolder` is that data folder then, else null:
   * data and results travel through the bus.
   */
  readonly sharedFolder: string | null
  /** What the user ran, shown by `breakwater jobs`. */
  readonly command: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
}

/** Messages that are published before their acknowledgements are waited for. */
const WINDOW = 128

/** A run was cancelled by somebody. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/**
 * Gives the jobs of a plan to workers on the bus. The queue is a hint: whatever it, its server or its workers lose is queued again by
 * whoever waits for it, since the files of results are what counts. Leaving early leaves the jobs queued.
 */
export function onWorkers(options: WorkersOptions): Executor {
  return {
    execute: (plan, results, execution) => new Starter(options, plan, results, execution).outcomes(),
  }
}

class Starter {
  readonly #options: WorkersOptions
  readonly #plan: Plan
  readonly #results: ResultStore
  readonly #execution: ExecuteOptions
  /** Jobs without an outcome yet. */
  readonly #left: Map<string, PlannedJob>
  /** Jobs that are said to have ended, and how. */
  readonly #ended = new Map<string, Outcome>()
  readonly #manifests = new Map<string, string>()
  #wake: () => void = () => undefined
  #cancelled = false
  #failure: Error | undefined

  constructor(options: WorkersOptions, plan: Plan, results: ResultStore, execution: ExecuteOptions) {
    this.#options = options
    this.#plan = plan
    this.#results = results
    this.#execution = execution
    this.#left = new Map(plan.todo.map((each) => [each.id, each]))
  }

  async *outcomes(): AsyncGenerator<Outcome> {
    const { bus } = this.#options
    const { signal } = this.#execution
    const share = shareData(bus, this.#options.sharedFolder)
    for (const hash of new Set(this.#plan.todo.map(({ job }) => job.data))) {
      this.#manifests.set(hash, await share.publish(await this.#options.filesOf(hash)))
    }
    const over = new AbortController()
    const onAbort = (): void => this.#wake()
    signal?.addEventListener('abort', onAbort, { once: true })
    const stops = [share.answer(this.#plan.run, (id) => this.#bring(id)), this.#listen(), await this.#follow()]
    const beside: Promise<void>[] = []
    const alongside = (work: Promise<void>): void => {
      work.catch((error: unknown) => {
        this.#failure = error as Error
        this.#wake()
      })
      beside.push(work)
    }
    alongside(this.#queueFirst())
    alongside(this.#reconcile(over.signal))
    try {
      while (this.#left.size > 0) {
        const outcome = await this.#next()
        const settled = outcome.status === 'failed' || (await this.#fetched(outcome.id))
        // A result that is not there after all is found missing, and its job queued again, by the next look.
        if (!settled || !this.#left.has(outcome.id)) continue
        const ended = settle(outcome, this.#left)
        const next = this.#ready().filter((each) => this.#left.get(each)?.job.needs?.includes(outcome.id) === true)
        if (next.length > 0) alongside(this.#queueAll(next))
        yield* ended
      }
      await bus.steady(() => this.#record('done'), signal)
    } finally {
      over.abort()
      signal?.removeEventListener('abort', onAbort)
      for (const stop of stops) stop()
      await Promise.allSettled(beside)
    }
  }

  /** The next job that has ended. */
  async #next(): Promise<Outcome> {
    for (;;) {
      this.#execution.signal?.throwIfAborted()
      if (this.#failure !== undefined) throw this.#failure
      if (this.#cancelled)
        throw new CancelledError(`jobs: run ${short(this.#plan.run)} was cancelled. Run the command again to go on.`)
      const [first] = this.#ended
      if (first !== undefined) {
        this.#ended.delete(first[0])
        return first[1]
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Whether the result of a job is whole in our store, fetched from the bus where it travels there. */
  async #fetched(id: string): Promise<boolean> {
    if ((await this.#results.read(id)) !== null) return true
    // A worker whose folder is not ours after all brings it to the object store.
    const content = await resultOnBus(this.#options.bus, id)
    this.#execution.signal?.throwIfAborted()
    if (content !== null) await this.#results.write(id, content)
    return content !== null
  }

  /** Brings a result of ours to a worker whose job needs it, where the object store has it no longer. */
  async #bring(id: string): Promise<boolean> {
    const content = await this.#results.read(id)
    if (content !== null) await sendResult(this.#options.bus, id, content, this.#execution.signal)
    return content !== null
  }

  #listen(): () => void {
    const subscription = this.#options.bus.nats.subscribe(SUBJECTS.ended(this.#plan.run), {
      callback: (error, message) => {
        const ended = error === null ? readEnded(message.data) : null
        if (ended !== null) this.#end(ended)
      },
    })
    return () => subscription.unsubscribe()
  }

  #end(outcome: Outcome): void {
    if (!this.#left.has(outcome.id)) return
    const { id } = outcome
    this.#ended.set(
      id,
      outcome.status === 'done' ? { id, status: 'done' } : { id, status: 'failed', reason: outcome.reason },
    )
    this.#wake()
  }

  /** Follows the workers' signs of life and the run's own record. */
  async #follow(): Promise<() => void> {
    const { bus } = this.#options
    const { onProgress, onNote } = this.#execution
    const { run, jobs } = this.#plan
    await bus.steady(() => this.#record('running'), this.#execution.signal)
    return followWorkers(bus, run, {
      onNote: (message) => onNote?.(message),
      onShares: (shares, detail) => {
        const atWork = [...shares].reduce((sum, [id, share]) => sum + (this.#left.has(id) ? share : 0), 0)
        onProgress?.({ done: jobs.length - this.#left.size + atWork, total: jobs.length, detail })
      },
      onCancelled: () => {
        this.#cancelled = true
        this.#wake()
      },
    })
  }

  async #record(state: RunRecord['state']): Promise<void> {
    const { bus, command, clock } = this.#options
    const { run, jobs, todo } = this.#plan
    const record: RunRecord = {
      run,
      command,
      program: todo[0]?.job.program ?? '',
      total: jobs.length,
      since: clock(),
      state,
    }
    await bus.runs.put(`run.${short(run)}`, JSON.stringify(record))
  }

  async #queueFirst(): Promise<void> {
    const { bus } = this.#options
    // Failures of an earlier start are tried again by this one.
    for (const key of await bus.steady(() => keysOf(bus, 'runs', `dead.${short(this.#plan.run)}.*`))) {
      await bus.runs.delete(key)
    }
    await this.#queueAll(this.#ready())
  }

  /** Ids of the jobs that are left and whose needs are done. */
  #ready(): string[] {
    return [...this.#left.values()].filter((each) => mayBegin(each, this.#left)).map(({ id }) => id)
  }

  async #queueAll(ids: readonly string[]): Promise<void> {
    const { bus } = this.#options
    for (let at = 0; at < ids.length; at += WINDOW) {
      await Promise.all(
        ids.slice(at, at + WINDOW).map((id) => bus.steady(() => this.#queue(id), this.#execution.signal)),
      )
    }
  }

  /** Puts a job on the queue, unless it is there. */
  async #queue(id: string): Promise<void> {
    const planned = this.#left.get(id)
    if (planned === undefined) return
    const { job } = planned
    const { run } = this.#plan
    const envelope: Envelope = {
      version: 1,
      job,
      run,
      manifest: this.#manifests.get(job.data) as string,
      via: this.#options.sharedFolder === null ? 'store' : 'folder',
    }
    const subject = SUBJECTS.work(programKey(job.program), short(run), id)
    try {
      await this.#options.bus.js.publish(subject, JSON.stringify(envelope))
    } catch (error) {
      if (!isThereAlready(error)) throw error
    }
  }

  /** Looks for what the queue, its server or its messages lost, as long as jobs are left. */
  async #reconcile(over: AbortSignal): Promise<void> {
    const { bus } = this.#options
    while (!over.aborted) {
      await setTimeout(bus.patience.reconcileMs, undefined, { signal: over }).catch(() => undefined)
      if (over.aborted) return
      await this.#lookForLost(over).catch(() => bus.ensure().catch(() => undefined))
    }
  }

  async #lookForLost(over: AbortSignal): Promise<void> {
    const { bus } = this.#options
    const run = short(this.#plan.run)
    const record = await bus.runs.get(`run.${run}`)
    if (record === null) await this.#record('running')
    else if (readRecord('run', record.value)?.state === 'cancelled') this.#cancelled = true
    const queued = await queuedJobs(bus, run)
    const forgotten = new Set<string>()
    for (const program of new Set([...this.#left.values()].map(({ job }) => job.program))) {
      for (const id of await forgottenJobs(bus, program, run, queued)) forgotten.add(id)
    }
    const lost = this.#ready().filter((id) => (!queued.has(id) || forgotten.has(id)) && !this.#ended.has(id))
    for (const id of lost) {
      const job = this.#left.get(id)?.job
      if (over.aborted || job === undefined) continue
      if (forgotten.has(id)) {
        await bus.jsm.streams.purge(WORK, { filter: SUBJECTS.work(programKey(job.program), run, id) })
      }
      const dead = await bus.runs.get(`dead.${run}.${id}`)
      const failure = dead === null || dead.operation !== 'PUT' ? null : readRecord('dead', dead.value)
      if (failure !== null) this.#end({ id, status: 'failed', reason: failure.reason })
      else if ((await this.#results.read(id)) !== null || (await bus.results.info(id))?.deleted === false) {
        this.#end({ id, status: 'done' })
      } else if (!(await isClaimed(bus.nats, job.program, id))) await this.#queue(id)
    }
    this.#wake()
  }
}

/** Codes of the server for a subject that holds its one message. */
const EXCEEDED = /maximum messages per subject exceeded/

const isThereAlready = (error: unknown): boolean =>
  (error instanceof JetStreamApiError || error instanceof Error) && EXCEEDED.test(error.message)
