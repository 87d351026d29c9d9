import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { runCooperatively } from '../binning/coroutine.ts'
import { createMemory } from '../engine/memory.ts'
import type { Matrix } from '../model/matrix.ts'
import type { RoundReport } from './boost.ts'
import { createHeadThreads, type HeadThreads } from './head-threads.ts'
import type { WorkerInput, WorkerMessage, WorkerRequest, WorkerTask } from './head-worker.ts'
import type { Head, HeadResult } from './heads.ts'
import type { TrainOptions, TrainSettings } from './options.ts'
import { planMemory } from './plan-memory.ts'
import { createEngineFor, kernelFor, planTraining, trainHeads, trainingCoroutine } from './train.ts'

/** Options of {@link trainHeadsParallel}. */
export interface ParallelOptions extends TrainOptions {
  /** Worker threads at most; default one per processor. The result does not depend on it. */
  readonly threads?: number
  /** Threads that are kept between calls; by default they are started and stopped with each. */
  readonly keep?: HeadThreads | undefined
}

/**
 * `trainHeads` on worker threads: the bins are made once and shared, each thread trains one head after another. With fewer
 * heads than threads, several threads work on one head. The result is that of `trainHeads`, to the same bits, for any number
 * of threads. Aborting stops the threads at once.
 */
export async function trainHeadsParallel(
  matrix: Matrix | BinnedMatrix,
  heads: readonly Head[],
  options: ParallelOptions = {},
): Promise<HeadResult[]> {
  const { threads = availableParallelism(), keep, ...rest } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(
      `trees: threads=${threads}: must be an integer of at least 1. Leave it out for one per processor`,
    )
  }
  if (threads === 1) return trainHeads(matrix, heads, rest)
  const plan = planTraining(matrix, heads, rest)
  const binned = shareBins(await runCooperatively(plan.binning, rest.signal))
  const results: HeadResult[] = plan.heads.map((head) => head as HeadResult)
  const ready = plan.heads.flatMap((head, index) => (head.status === 'ready' ? [{ index, head }] : []))
  const report = (index: number, round: RoundReport): void =>
    rest.onProgress?.({ ...round, headIndex: index, heads: heads.length })
  // A function cannot be sent to a thread: heads with a loss of their own stay here.
  const [here, away] = [true, false].map((custom) => ready.filter(({ head }) => (head.custom !== undefined) === custom))
  if (away && away.length > 0) {
    const kept = keep ?? createHeadThreads()
    try {
      const workers = startWorkers(kept, binned, plan.settings, away.length, threads, rest.onProgress !== undefined)
      await runTasks(workers, bySize(away), rest.signal, (message) => {
        if ('result' in message) results[message.index] = message.result
        else report(message.index, message.round)
      })
      for (const leader of workers.leaders) kept.give(leader)
    } finally {
      if (keep === undefined) await kept.close()
    }
  }
  for (const { index, head } of here ?? []) {
    const engine = createEngineFor(binned, plan.settings)
    const coroutine = trainingCoroutine(binned, engine, head, plan.settings, (round) => report(index, round))
    results[index] = await runCooperatively(coroutine, rest.signal)
  }
  return results
}

/** The same bins in memory that threads share instead of copying. */
function shareBins(binned: BinnedMatrix): BinnedMatrix {
  const bins = new Uint8Array(new SharedArrayBuffer(binned.bins.length))
  bins.set(binned.bins)
  return { ...binned, bins }
}

/** Heads of more rows first: then the threads end at about the same time. */
function bySize(tasks: readonly WorkerTask[]): readonly WorkerTask[] {
  return tasks.toSorted((a, b) => b.head.rows.length - a.head.rows.length)
}

/** Threads at work: each leader trains one head after another, and the others search nodes for their leader. */
interface Workers {
  readonly leaders: readonly Worker[]
  readonly all: readonly Worker[]
}

/** Starts the threads: a leader a head, and with fewer heads than threads a pool of as many for each as there are. */
function startWorkers(
  kept: HeadThreads,
  binned: BinnedMatrix,
  settings: TrainSettings,
  heads: number,
  threads: number,
  reports: boolean,
): Workers {
  const regions = Math.min(threads, heads)
  const poolThreads = Math.floor(threads / regions)
  const compiled = kernelFor(settings)
  const layout = planMemory(binned, settings, regions, poolThreads)
  const memory = createMemory(layout, binned, compiled !== undefined)
  const pools = Array.from({ length: regions }, (_r, region) =>
    Array.from({ length: poolThreads }, (_t, thread) => {
      const input: WorkerInput = { binned, settings, memory, layout, region, thread, compiled, reports }
      const worker = kept.take()
      ask(worker, { kind: 'begin', input })
      return worker
    }),
  )
  return { leaders: pools.flatMap(([leader]) => leader ?? []), all: pools.flat() }
}

const ask = (worker: Worker, request: WorkerRequest): void => worker.postMessage(request)

/** Gives the tasks to the leaders as they get free; stops the other threads at the end, and all on an error and on an abort. */
function runTasks(
  { leaders, all }: Workers,
  tasks: readonly WorkerTask[],
  signal: AbortSignal | undefined,
  onMessage: (message: WorkerMessage) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0
    let left = tasks.length
    const stop = (workers: readonly Worker[], settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort)
      void Promise.all(workers.map((worker) => worker.terminate())).then(settle, reject)
    }
    const fail = (error: unknown): void => stop(all, () => reject(error))
    const onAbort = (): void => fail(signal?.reason)
    const end = (): void => {
      for (const leader of leaders) ask(leader, { kind: 'end' })
      stop(
        all.filter((worker) => !leaders.includes(worker)),
        resolve,
      )
    }
    const give = (worker: Worker): void => {
      const task = tasks[next++]
      if (task !== undefined) ask(worker, { kind: 'head', task })
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    for (const worker of all) worker.on('error', fail)
    for (const worker of leaders) {
      worker.on('message', (message: WorkerMessage) => {
        try {
          onMessage(message)
        } catch (error) {
          fail(error)
          return
        }
        if (!('result' in message)) return
        left--
        if (left === 0) end()
        else give(worker)
      })
      give(worker)
    }
  })
}
