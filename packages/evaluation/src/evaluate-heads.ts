import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { HeadEvaluation } from './documents/head.ts'
import { evaluateHead, type HeadInput } from './evaluate-head.ts'
import type { HeadMessage } from './head-worker.ts'

/** How heads are evaluated. */
export interface HeadsOptions {
  /** Worker threads at most; default one per processor, and 1 for none beside this one. The result does not depend on it. */
  readonly threads?: number | undefined
  /** Stops the threads. */
  readonly signal?: AbortSignal | undefined
}

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/**
 * `evaluateHead` of each input, in their order, by threads that take one after another. Rejects with what the first head that fails throws,
 * and with the signal's reason.
 */
export async function evaluateHeads(
  inputs: readonly HeadInput[],
  { threads = availableParallelism(), signal }: HeadsOptions = {},
): Promise<HeadEvaluation[]> {
  if (!(Number.isInteger(threads) && threads >= 1)) {
    throw new RangeError(
      `evaluation: threads=${threads}: must be an integer of at least 1. Leave it out for one per processor.`,
    )
  }
  signal?.throwIfAborted()
  if (threads === 1) return inputs.map((input) => evaluateHead(input))
  const evaluations: HeadEvaluation[] = []
  const left = inputs.entries()
  const workers = Array.from({ length: Math.min(threads, inputs.length) }, () => startWorker())
  const stop = (): Promise<unknown> => Promise.all(workers.map((worker) => worker.terminate()))
  const onAbort = (): void => void stop()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const ends = workers.map(async (worker) => {
      for (const [i, input] of left) evaluations[i] = await evaluateOn(worker, input)
    })
    await Promise.all(ends)
  } catch (error) {
    // Threads that are stopped end as if they had failed.
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await stop()
  }
  return evaluations
}

const startWorker = (): Worker => new Worker(new URL(`./head-worker${EXTENSION}`, import.meta.url))

function evaluateOn(worker: Worker, input: HeadInput): Promise<HeadEvaluation> {
  return new Promise((resolve, reject) => {
    const ended = (code: number): void => reject(new Error(`evaluation: a thread ended with ${code}`))
    worker.once('exit', ended)
    worker.once('error', reject)
    worker.once('message', (message: HeadMessage) => {
      worker.off('exit', ended)
      worker.off('error', reject)
      if ('evaluation' in message) resolve(message.evaluation)
      else reject(message.error)
    })
    worker.postMessage(input)
  })
}
