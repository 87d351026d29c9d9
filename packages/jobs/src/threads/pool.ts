import { Worker } from 'node:worker_threads'
import type { Job } from '../job.ts'
import { type DataFiles, RefusedError } from '../program.ts'
import type { ThreadInput, ThreadMessage, ThreadTask } from './job-thread.ts'

/** A thread ended or hung before its job was done: the same job may succeed elsewhere. */
export class LostThreadError extends Error {
  override readonly name = 'LostThreadError'
}

/** How a pool works. */
export interface PoolOptions {
  /** URL of the module that exports `program`. */
  readonly module: string
  /** Jobs at once, each on a thread of its own. */
  readonly threads: number
  /** A job that reports no progress for so many milliseconds counts as hung; Infinity for no job. Default 15 minutes. */
  readonly stallMs?: number | undefined
}

/** How one job is done on a thread. */
export interface TaskOptions {
  /** The results that the job needs, in order. */
  readonly needed: readonly Uint8Array[]
  readonly signal: AbortSignal
  readonly onProgress: (share: number, detail: string) => void
}

/** Threads that do jobs. */
export interface JobPool {
  /** Jobs at once. */
  readonly threads: number
  /**
   * Does a job as soon as a thread is free. Rejects with what its body threw, with {@link LostThreadError} where the thread ended or
   * hung, and with the signal's reason when aborted; the thread is stopped then.
   */
  readonly run: (job: Job, data: DataFiles, options: TaskOptions) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

const STALL_MS = 15 * 60_000

// The sources run as .ts; the published package is bundled into files at its root, the thread's in a folder below them.
const THREAD = import.meta.url.endsWith('.ts') ? './job-thread.ts' : './threads/job-thread.js'

/** Starts no thread until there is a job for it. */
export function createPool({ module, threads, stallMs = STALL_MS }: PoolOptions): JobPool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`jobs: threads=${threads}: must be an integer of at least 1.`)
  }
  const idle: Worker[] = []
  const waiting: ((worker: Worker) => void)[] = []
  const all = new Set<Worker>()
  const start = (): Worker => {
    const workerData: ThreadInput = { module }
    const worker = new Worker(new URL(THREAD, import.meta.url), { workerData })
    // A thread that fails between jobs is noticed by the next one.
    worker.on('error', () => undefined)
    worker.once('exit', () => all.delete(worker))
    all.add(worker)
    return worker
  }
  const take = (): Promise<Worker> => {
    const free = idle.pop() ?? (all.size < threads ? start() : undefined)
    return free === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(free)
  }
  const give = (worker: Worker): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(worker)
    else next(worker)
  }
  return {
    threads,
    run: async (job, data, options) => {
      options.signal.throwIfAborted()
      const worker = await take()
      try {
        const bytes = await runOn(worker, { job, data, needed: options.needed }, stallMs, options)
        give(worker)
        return bytes
      } catch (error) {
        if (error instanceof BodyError) {
          give(worker)
          throw error.original
        }
        await worker.terminate()
        all.delete(worker)
        // Whoever waits gets a new thread in place of the one that was stopped.
        if (waiting.length > 0) give(start())
        throw error
      }
    },
    close: async () => {
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}

/** Marks what the body itself threw: its thread goes on. */
class BodyError extends Error {
  readonly original: Error
  constructor(original: Error) {
    super(original.message)
    this.original = original
  }
}

function runOn(
  worker: Worker,
  task: ThreadTask,
  stallMs: number,
  { signal, onProgress }: TaskOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const hung = (): void =>
      end(() => reject(new LostThreadError(`jobs: no progress for ${stallMs / 1000} s: the job hangs`)))
    // A timer of Infinity would fire at once.
    const begin = (): NodeJS.Timeout | undefined => (stallMs === Infinity ? undefined : setTimeout(hung, stallMs))
    let timer = begin()
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      settle()
    }
    const onAbort = (): void => end(() => reject(signal.reason as Error))
    const onError = (cause: Error): void => end(() => reject(new LostThreadError('jobs: the thread failed', { cause })))
    const onExit = (code: number): void => end(() => reject(new LostThreadError(`jobs: the thread ended with ${code}`)))
    const onMessage = (message: ThreadMessage): void => {
      if (message.kind === 'progress') {
        clearTimeout(timer)
        timer = begin()
        onProgress(message.share, message.detail)
      } else if (message.kind === 'done') end(() => resolve(message.bytes))
      else {
        const error = message.refused ? new RefusedError(message.reason) : new Error(message.reason)
        end(() => reject(new BodyError(error)))
      }
    }
    signal.addEventListener('abort', onAbort, { once: true })
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.postMessage(task)
  })
}
