import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { shareCodes } from './create-searcher.ts'
import type { RetrievalIndex } from './index-data.ts'
import type { WorkerAnswer, WorkerInput, WorkerTask } from './query-worker.ts'
import type { QueryOptions } from './searcher.ts'
import { checkCount } from './searcher.ts'
import type { Summary } from './summary.ts'

/** Options of {@link createPool}. */
export interface PoolOptions {
  /** Worker threads, at least 1; default one per processor. Answers do not depend on it. */
  readonly threads?: number
}

/** Answers many queries on worker threads that share one index. */
export interface QueryPool {
  /**
   * Summaries in the order of `options`; row i is `rows[i * features]` onwards. The same answers as a searcher's. Rejects with
   * what the first bad query would have thrown.
   */
  readonly query: (rows: Float32Array, options: readonly QueryOptions[]) => Promise<Summary[]>
  /** Ends the threads; queries that are running are rejected. */
  readonly close: () => Promise<void>
}

/** Queries given to a thread at a time: enough to outweigh the message. */
const TASK_QUERIES = 32

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

interface Pending {
  readonly done: (summaries: readonly Summary[]) => void
  readonly failed: (error: Error) => void
}

/** Starts threads over one index in shared memory (an index from a file is in it already). Close the pool after use. */
export function createPool(index: RetrievalIndex, options: PoolOptions = {}): QueryPool {
  const { threads = availableParallelism() } = options
  checkCount('threads', threads)
  const shared = shareIndex(index)
  const codes = shareCodes(shared, threads)
  const pending = new Map<number, Pending>()
  const waiting: WorkerTask[] = []
  const busy = new Map<Worker, number>()
  const workers = Array.from({ length: threads }, (_, slot) => startWorker({ index: shared, codes, slot }))
  let next = 0

  const give = (): void => {
    for (const worker of workers) {
      if (busy.has(worker)) continue
      const task = waiting.shift()
      if (task === undefined) return
      busy.set(worker, task.id)
      worker.postMessage(task)
    }
  }
  for (const worker of workers) {
    worker.on('message', (answer: WorkerAnswer) => {
      busy.delete(worker)
      const caller = pending.get(answer.id)
      pending.delete(answer.id)
      if ('error' in answer) caller?.failed(answer.error)
      else caller?.done(answer.summaries)
      give()
    })
    worker.on('error', (error: Error) => rejectAll(error))
  }
  const rejectAll = (error: Error): void => {
    for (const { failed } of pending.values()) failed(error)
    pending.clear()
    waiting.length = 0
  }
  const enqueue = (rows: Float32Array, part: readonly QueryOptions[]): Promise<readonly Summary[]> =>
    new Promise((resolve, reject) => {
      const id = next++
      pending.set(id, { done: resolve, failed: reject })
      waiting.push({ id, rows, options: part })
      give()
    })
  return {
    query: async (rows, asked) => {
      const width = index.normaliser.features.length
      checkRows(rows, asked.length, width)
      const parts: Promise<readonly Summary[]>[] = []
      for (let at = 0; at < asked.length; at += TASK_QUERIES) {
        const part = asked.slice(at, at + TASK_QUERIES)
        parts.push(enqueue(rows.slice(at * width, (at + part.length) * width), part))
      }
      return (await Promise.all(parts)).flat()
    },
    close: async () => {
      rejectAll(new Error('retrieval: the pool was closed while a query ran. Await its answer first.'))
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function startWorker(input: WorkerInput): Worker {
  return new Worker(new URL(`./query-worker${EXTENSION}`, import.meta.url), { workerData: input })
}

function checkRows(rows: Float32Array, queries: number, width: number): void {
  if (rows.length === queries * width) return
  throw new RangeError(
    `retrieval: rows.length=${rows.length}: must be ${queries} queries x ${width} features = ${queries * width}.`,
  )
}

/** The same index in memory that threads share: arrays that are shared already stay, others are copied once. */
function shareIndex(index: RetrievalIndex): RetrievalIndex {
  return inSharedMemory(index) as RetrievalIndex
}

function inSharedMemory(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? value : copied(value as Elements)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inSharedMemory(part)]))
}

type Elements = Int8Array | Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array

function copied(view: Elements): Elements {
  const Type = view.constructor as new (buffer: SharedArrayBuffer) => Elements
  const bytes = new SharedArrayBuffer(view.byteLength)
  new Uint8Array(bytes).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return new Type(bytes)
}
