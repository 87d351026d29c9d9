import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { HeadEvaluation } from './documents/head.ts'
import { evaluateHead, type HeadInput } from './evaluate-head.ts'
import type { HeadMessage } from './head-worker.ts'

/** Evaluates heads as `evaluateHead` does, in their order. One call at a time. */
export type HeadEvaluator = (inputs: readonly HeadInput[]) => Promise<HeadEvaluation[]>

/** How heads are evaluated. */
export interface HeadsOptions {
  /** Worker threads at most; default one per processor, and 1 for none beside this one. The result does not depend on it. */
  readonly threads?: number | undefined
  /** Stops the threads. */
  readonly signal?: AbortSignal | undefined
}

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** Evaluates heads on this thread, one after another. */
export const evaluateHere: HeadEvaluator = (inputs) => Promise.resolve(inputs.map((input) => evaluateHead(input)))

/**
 * Gives `use` what evaluates heads by threads that take one after another, and stops them when it ends. It rejects with what the first head
 * that fails throws, and with the signal's reason.
 */
export async function withHeadEvaluator<T>(
  { threads = availableParallelism(), signal }: HeadsOptions,
  use: (evaluate: HeadEvaluator) => Promise<T>,
): Promise<T> {
  if (!(Number.isInteger(threads) && threads >= 1)) {
    throw new RangeError(
      `evaluation: threads=${threads}: must be an integer of at least 1. Leave it out for one per processor.`,
    )
  }
  if (threads === 1) return await use(evaluateHere)
  const workers: Worker[] = []
  const stop = (): Promise<unknown> => Promise.all(workers.splice(0).map((worker) => worker.terminate()))
  const onAbort = (): void => void stop()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await use(async (inputs) => {
      signal?.throwIfAborted()
      while (workers.length < Math.min(threads, inputs.length)) workers.push(startWorker())
      try {
        return await shared(workers, inputs)
      } catch (error) {
        // Threads that are stopped end as if they had failed.
        signal?.throwIfAborted()
        throw error
      }
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await stop()
  }
}

async function shared(workers: readonly Worker[], inputs: readonly HeadInput[]): Promise<HeadEvaluation[]> {
  const evaluations: HeadEvaluation[] = []
  const left = inputs.entries()
  await Promise.all(
    workers.map(async (worker) => {
      for (const [i, input] of left) evaluations[i] = await evaluateOn(worker, input)
    }),
  )
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
