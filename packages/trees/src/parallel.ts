import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { BinnedMatrix } from './binning.ts'
import type { Head, HeadPlan, HeadResult } from './heads.ts'
import type { WorkerInput, WorkerMessage, WorkerTask } from './head-worker.ts'
import type { Matrix } from './matrix.ts'
import type { TrainOptions, TrainSettings } from './options.ts'
import { finishPolitely } from './steps.ts'
import { createMemory } from './engine/memory.ts'
import { kernelFor, planMemory, planTraining, trainHeads } from './train.ts'

/** Options of {@link trainHeadsParallel}. */
export interface ParallelOptions extends TrainOptions {
  /** Worker threads at most; default one a processor. The result does not depend on it. */
  readonly threads?: number
}

/**
 * `trainHeads` on worker threads: the bins are made once and shared, each thread trains one head after another. The
 * result is that of `trainHeads`, to the same bits, for any number of threads. Aborting stops the threads at once.
 */
export async function trainHeadsParallel(
  matrix: Matrix | BinnedMatrix,
  heads: readonly Head[],
  options: ParallelOptions = {},
): Promise<HeadResult[]> {
  const { threads = availableParallelism(), ...rest } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(
      `trees: threads=${threads}: must be an integer of at least 1. Leave it out for one a processor`,
    )
  }
  if (threads === 1) return trainHeads(matrix, heads, rest)
  const plan = planTraining(matrix, heads, rest)
  const binned = shareBins(await finishPolitely(plan.binning, rest.signal))
  const results: HeadResult[] = plan.heads.map((head) => head as HeadResult)
  const tasks = plan.heads.flatMap((head, index) => (head.status === 'ready' ? [{ index, head }] : []))
  await runTasks(binned, plan.settings, tasks, Math.min(threads, tasks.length), rest, (message, head) => {
    if ('result' in message) results[message.index] = message.result
    else rest.onProgress?.({ ...message.round, head: head.name, headIndex: message.index, heads: heads.length })
  })
  return results
}

/** The same bins in memory that threads share instead of copying. */
function shareBins(binned: BinnedMatrix): BinnedMatrix {
  const bins = new Uint8Array(new SharedArrayBuffer(binned.bins.length))
  bins.set(binned.bins)
  return { ...binned, bins }
}

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

type OnMessage = (message: WorkerMessage, head: HeadPlan) => void

function runTasks(
  binned: BinnedMatrix,
  settings: TrainSettings,
  tasks: readonly WorkerTask[],
  threads: number,
  { signal }: TrainOptions,
  onMessage: OnMessage,
): Promise<void> {
  if (tasks.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const compiled = kernelFor(settings)
    const layout = planMemory(binned, settings, threads)
    const memory = createMemory(layout, binned, compiled !== undefined)
    const workers = Array.from({ length: threads }, (_, region) => {
      const workerData: WorkerInput = { binned, settings, memory, layout, region, compiled }
      return new Worker(new URL(`./head-worker${EXTENSION}`, import.meta.url), { workerData })
    })
    let next = 0
    let left = tasks.length
    const stop = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort)
      void Promise.all(workers.map((worker) => worker.terminate())).then(settle, reject)
    }
    const onAbort = (): void => stop(() => reject(signal?.reason as Error))
    const give = (worker: Worker): void => {
      const task = tasks[next++]
      if (task !== undefined) worker.postMessage(task)
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    for (const worker of workers) {
      worker.on('error', (error) => stop(() => reject(error)))
      worker.on('message', (message: WorkerMessage) => {
        const task = tasks.find(({ index }) => index === message.index)
        try {
          if (task !== undefined) onMessage(message, task.head)
        } catch (error) {
          stop(() => reject(error))
          return
        }
        if (!('result' in message)) return
        left--
        if (left === 0) stop(resolve)
        else give(worker)
      })
      give(worker)
    }
  })
}
