// Runs in a worker thread: does the jobs it is sent, one after another, by the program of its module.
import { parentPort, workerData } from 'node:worker_threads'
import type { Job } from '../job.ts'
import { type DataFiles, type Program, reasonOf, RefusedError, run } from '../program.ts'
import { joined } from '../results.ts'

/** What a thread is started with. */
export interface ThreadInput {
  /** URL of the module that exports `program`. */
  readonly module: string
}

/** One job to do. */
export interface ThreadTask {
  readonly job: Job
  readonly data: DataFiles
  /** The results that it needs, in order. */
  readonly needed: readonly Uint8Array[]
}

/** A message of a thread. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly share: number; readonly detail: string }
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string; readonly refused: boolean }

/** Progress is passed on at most this often. */
const REPORT_MS = 100

const port = parentPort
if (port !== null) {
  const { module } = workerData as ThreadInput
  const loaded = import(module) as Promise<{ readonly program: Program<unknown> }>
  // The jobs of a run share their data: only that of the last job stays open.
  let opened: { readonly hash: string; readonly data: Promise<unknown> } | undefined
  const post = (message: ThreadMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

  const work = async ({ job, data: files, needed }: ThreadTask): Promise<Uint8Array> => {
    const { program } = await loaded
    if (opened?.hash !== files.hash) opened = { hash: files.hash, data: program.open(files) }
    const data = await opened.data.catch((error: unknown) => {
      opened = undefined
      throw error
    })
    let reported = Number.NEGATIVE_INFINITY
    const content = await run(program, job, {
      data,
      needed,
      signal: new AbortController().signal,
      threads: 1,
      onProgress: (share, detail) => {
        const now = performance.now()
        if (now - reported < REPORT_MS) return
        reported = now
        post({ kind: 'progress', share, detail })
      },
    })
    return joined(content)
  }

  const answer = async (task: ThreadTask): Promise<void> => {
    try {
      const bytes = await work(task)
      // A view of other memory is copied; one that fills its buffer is given away.
      const isOwn = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
      const own = isOwn ? bytes : new Uint8Array(bytes)
      post({ kind: 'done', bytes: own }, [own.buffer as ArrayBuffer])
    } catch (error) {
      post({ kind: 'failed', reason: reasonOf(error), refused: error instanceof RefusedError })
    }
  }
  port.on('message', (task: ThreadTask) => void answer(task))
}
