import { setTimeout } from 'node:timers/promises'
import { WriteError } from '@breakwater/formats/node'
import type { Consumer, JsMsg } from '@nats-io/jetstream'
import { jobId } from '../job.ts'
import { reasonOf, refusalOf } from '../program.ts'
import { neededBy } from '../needs.ts'
import type { ResultStore } from '../results.ts'
import { type JobPool, LostThreadError } from '../threads/pool.ts'
import { MAX_DELIVERIES, short, SUBJECTS, WORK } from './bus.ts'
import { neededOnBus, sendResult } from './bus-results.ts'
import { type Claims, createClaims } from './claims.ts'
import { cacheData, type DataCache } from './data.ts'
import { type DeadRecord, type Ended, type Envelope, readEnvelope } from './records.ts'
import { createPresence, type Presence, type PresenceOptions } from './presence.ts'

/** How a worker works. */
export interface WorkerOptions extends PresenceOptions {
  /** Threads whose module exports the program. */
  readonly pool: JobPool
  /** Folder for data; shared with others or not. */
  readonly folder: string
  readonly results: ResultStore
  /** Ends at once; the jobs at work go back to the queue. */
  readonly stop: AbortSignal
}

/** Longest wait of one request for a job, in milliseconds; the least that the client allows. */
const PULL_MS = 1000
/** Before another worker tries a job that could not be done here. */
const AGAIN_MS = 1000

/**
 * Works for whoever asks on the bus, until drained or stopped. Every job that it does is the same bytes anywhere; what it cannot do
 * goes to another worker, at most {@link MAX_DELIVERIES} times. Throws a `WriteError` where its disk takes no result: then its jobs
 * have gone back to the queue.
 */
export async function work(options: WorkerOptions): Promise<void> {
  const worker = new QueueWorker(options)
  await worker.run()
}

class QueueWorker {
  readonly #options: WorkerOptions
  readonly #claims: Claims
  readonly #data: DataCache
  readonly #presence: Presence
  /** Ends the worker at once: asked to, or because its disk takes nothing. */
  readonly #over = new AbortController()
  #failure: Error | undefined
  /** When the connection was made last, on the clock of `performance`, and how often it was lost. */
  #connected = performance.now()
  #losses = 0

  constructor(options: WorkerOptions) {
    this.#options = options
    const { bus, program, worker } = options
    this.#claims = createClaims({ nats: bus.nats, program, worker, bring: (id) => this.#bring(id) })
    this.#data = cacheData(bus, options.folder)
    this.#presence = createPresence(options)
  }

  async run(): Promise<void> {
    const { threads, stop } = this.#options
    const end = (): void => this.#over.abort(new Error('jobs: the worker was stopped'))
    if (stop.aborted) end()
    else stop.addEventListener('abort', end, { once: true })
    void this.#followConnection()
    const leave = await this.#presence.begin()
    try {
      await Promise.all(Array.from({ length: threads }, () => this.#serve()))
    } finally {
      stop.removeEventListener('abort', end)
      await leave()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#options.bus.nats.status()) {
      if (type === 'reconnect') this.#connected = performance.now()
      if (type === 'disconnect') this.#losses++
    }
  }

  /** Does one job after another. */
  async #serve(): Promise<void> {
    const { bus, drain } = this.#options
    const isOver = (): boolean => drain.aborted || this.#over.signal.aborted
    let consumer: Consumer | undefined
    while (!isOver()) {
      let message: JsMsg | null = null
      try {
        consumer ??= await this.#consumer()
        message = await consumer.next({ expires: PULL_MS })
      } catch {
        // The server is away, or its store was wiped: the consumer is made again.
        consumer = undefined
        await setTimeout(AGAIN_MS / 4)
        continue
      }
      if (message === null) continue
      if (isOver()) {
        message.nak()
        continue
      }
      const waiting = setInterval(() => message.working(), bus.patience.ackWaitMs / 3)
      try {
        await this.#handle(message)
      } catch (error) {
        // Whatever goes wrong with one job, the worker goes on; a full disk would spoil every one.
        message.nak(AGAIN_MS)
        if (error instanceof WriteError) {
          this.#failure = error
          this.#over.abort(error)
        } else if (!this.#over.signal.aborted)
          this.#options.log.note(`a job goes back to the queue: ${reasonOf(error)}`)
      } finally {
        clearInterval(waiting)
      }
    }
  }

  async #consumer(): Promise<Consumer> {
    const { bus, program } = this.#options
    const name = await bus.ensureConsumer(program).catch(async () => {
      await bus.ensure()
      return await bus.ensureConsumer(program)
    })
    return await bus.js.consumers.get(WORK, name)
  }

  async #handle(message: JsMsg): Promise<void> {
    const envelope = readEnvelope(message.data)
    if (envelope === null) {
      this.#options.log.note(`a message on ${message.subject} is no job: removed`)
      message.term()
      return
    }
    const id = jobId(envelope.job)
    const refusal = message.subject.endsWith(`.${id}`)
      ? refusalOf(envelope.job.program, this.#options.program)
      : 'the message lies under the id of another job'
    if (refusal !== null) return await this.#bury(message, envelope, refusal)
    if (this.#presence.isCancelled(envelope.run)) return message.term()
    if (message.info.deliveryCount > MAX_DELIVERIES) {
      const reason = `given to workers ${MAX_DELIVERIES} times: each died, hung or could not do it; the log of the last one has the reason`
      return await this.#bury(message, envelope, reason)
    }
    if (!(await this.#isOurs(id, envelope))) return message.ack()
    let isDone = false
    try {
      isDone = await this.#compute(message, envelope, id)
    } finally {
      // In a shared folder whoever looks finds the result without us.
      if (isDone && envelope.via === 'store') this.#claims.keep(id)
      else this.#claims.release(id)
      this.#presence.forget(id)
    }
  }

  /**
   * Waits until whoever lost the connection when we did has had the time to be back. A server that was killed may have forgotten what
   * it delivered, so that any message may be of a job that somebody is at.
   */
  async #othersAreBack(): Promise<void> {
    const { graceMs } = this.#options.bus.patience
    while (performance.now() < this.#connected + graceMs) {
      this.#over.signal.throwIfAborted()
      await setTimeout(AGAIN_MS / 4)
    }
  }

  /** Whether we are to compute a job: false where it has a result. Waits as long as another worker is at it. */
  async #isOurs(id: string, envelope: Envelope): Promise<boolean> {
    let { via } = envelope
    for (;;) {
      await this.#othersAreBack()
      if (await this.#hasResult(id, via)) {
        await this.#tell(envelope, { id, status: 'done', worker: this.#options.worker })
        return false
      }
      const losses = this.#losses
      if (await this.#claims.take(id)) {
        // It may have ended between our look and our claim; and who asks while the server is away hears nobody.
        if (losses === this.#losses && !(await this.#hasResult(id, via))) return true
        this.#claims.release(id)
        continue
      }
      // Whoever has it brings it to the object store, also where the folder of the job is not theirs.
      via = 'store'
      this.#over.signal.throwIfAborted()
      await setTimeout(AGAIN_MS)
    }
  }

  /** Whether a job's result is where its starter looks for it; what only we have is brought there. */
  async #hasResult(id: string, via: Envelope['via']): Promise<boolean> {
    const { bus, results } = this.#options
    const own = await results.read(id)
    if (via === 'folder' && own === null) return false
    // Asked again for what lies in our folder: the starter's is another one.
    const there = await bus.steady(() => bus.results.info(id), this.#over.signal)
    if (there?.deleted === false) return true
    if (own === null) return false
    await sendResult(bus, id, own, this.#over.signal)
    return true
  }

  /** Brings a result of ours to the object store, which may have lost it. Throws where we have it no longer. */
  async #bring(id: string): Promise<void> {
    if (!(await this.#hasResult(id, 'store'))) throw new Error(`jobs: the result of job ${short(id)} is gone`)
  }

  /** Whether the job is done, its result in place. */
  async #compute(message: JsMsg, envelope: Envelope, id: string): Promise<boolean> {
    const { bus, pool, results, worker } = this.#options
    const { job, run, via } = envelope
    const cancelled = this.#presence.show({ id, run, share: 0, detail: job.kind })
    let content: Uint8Array
    try {
      content = await pool.run(job, await this.#data.files(envelope), {
        needed: await neededBy(job, neededOnBus(bus, results, envelope)),
        signal: AbortSignal.any([this.#over.signal, cancelled]),
        onProgress: (share, detail) => void this.#presence.show({ id, run, share, detail }),
      })
    } catch (error) {
      if (cancelled.aborted) {
        message.term()
        return false
      }
      if (this.#over.signal.aborted || error instanceof LostThreadError || isOfData(error)) throw error
      await this.#bury(message, envelope, reasonOf(error))
      return false
    }
    await results.write(id, content)
    if (via === 'store') await sendResult(bus, id, content, this.#over.signal)
    message.ack()
    this.#presence.count('done')
    await this.#tell(envelope, { id, status: 'done', worker })
    return true
  }

  /** Lists a job as failed, with the reason, and takes it off the queue. */
  async #bury(message: JsMsg, envelope: Envelope, reason: string): Promise<void> {
    const { bus, worker, clock } = this.#options
    const id = jobId(envelope.job)
    const deliveries = message.info.deliveryCount
    const record: DeadRecord = { id, envelope, reason, deliveries, worker, at: clock() }
    await bus.steady(() => bus.runs.put(`dead.${short(envelope.run)}.${id}`, JSON.stringify(record)), this.#over.signal)
    message.term()
    this.#presence.count('failed')
    this.#options.log.note(`job ${short(id)} failed: ${reason}`)
    await this.#tell(envelope, { id, status: 'failed', worker, reason })
  }

  async #tell({ run }: Envelope, ended: Ended): Promise<void> {
    this.#options.bus.nats.publish(SUBJECTS.ended(run), JSON.stringify(ended))
    await Promise.resolve()
  }
}

/** Data that could not be had may be had elsewhere or later. */
const isOfData = (error: unknown): boolean => error instanceof Error && /^jobs: .*data/.test(error.message)
