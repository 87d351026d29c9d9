import { Worker } from 'node:worker_threads'

// The sources run as .ts; the published package is bundled into files at its root, the worker in a folder below them.
const WORKER = import.meta.url.endsWith('.ts') ? './head-worker.ts' : './train/head-worker.js'

/**
 * Threads that train heads. Kept between calls of `trainHeadsParallel` they spare it the start of its threads, which takes longer
 * than many a head. A kept thread holds no data of the last call.
 */
export interface HeadThreads {
  /** A thread that waits for work; starts one where none does. */
  readonly take: () => Worker
  /** Takes back a thread whose work has ended. */
  readonly give: (thread: Worker) => void
  /** Stops the threads that wait. One that is still at work is stopped when it is given back. */
  readonly close: () => Promise<void>
}

/** Starts no thread yet. Whoever makes them closes them: a thread keeps the process alive. */
export function createHeadThreads(): HeadThreads {
  const idle: Worker[] = []
  let isClosed = false
  return {
    take: () => idle.pop() ?? new Worker(new URL(WORKER, import.meta.url)),
    give: (thread) => {
      // Not all listeners: some are Node's own.
      thread.removeAllListeners('message').removeAllListeners('error')
      if (isClosed) void thread.terminate()
      else idle.push(thread)
    },
    close: async () => {
      isClosed = true
      await Promise.all(idle.splice(0).map((thread) => thread.terminate()))
    },
  }
}
