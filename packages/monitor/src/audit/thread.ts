import { Worker } from 'node:worker_threads'
import type { AuditCounts, AuditOptions } from './log.ts'
import type { LogAnswer, LogMessage } from '../log-worker.ts'
import { workerFile } from '../worker-file.ts'
import type { AuditRecord } from './record.ts'

/** An audit log in a thread of its own. */
export interface AuditThread {
  /** How the log stood when it answered last; asked again at each look. */
  readonly counts: Readonly<AuditCounts>
  /** Records that were dropped because the thread had stopped. */
  readonly dropped: number
  record(record: Omit<AuditRecord, 'run' | 'sequence'>): void
  /** Writes what waits, and ends the thread. Resolves to how the log stood at last. */
  close(): Promise<Readonly<AuditCounts>>
}

/** Starts the thread of a log; rejects where its folder cannot be used. A record costs a copy of its texts. */
export async function startAuditThread(options: Omit<AuditOptions, 'files'>): Promise<AuditThread> {
  const worker = new Worker(workerFile('log-worker'), { workerData: options })
  let counts: AuditCounts | null = null
  let [dropped, isOver] = [0, false]
  const closed = new Promise<void>((resolve) => {
    worker.on('message', (answer: LogAnswer) => {
      if (!('counts' in answer) || !answer.closed) return
      counts = answer.counts
      resolve()
    })
    worker.on('exit', () => {
      isOver = true
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (answer: LogAnswer) => {
      if ('error' in answer) return reject(answer.error)
      counts = answer.counts
      resolve()
    })
    worker.on('error', reject)
  })
  const tell = (message: LogMessage): void => worker.postMessage(message)
  return {
    get counts() {
      tell({ ask: true })
      return counts as unknown as AuditCounts
    },
    get dropped() {
      return dropped
    },
    record(record) {
      if (isOver) dropped += 1
      else tell({ record })
    },
    async close() {
      tell({ close: true })
      await closed
      await worker.terminate()
      return counts as unknown as AuditCounts
    },
  }
}
