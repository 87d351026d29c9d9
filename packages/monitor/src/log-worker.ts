// Runs in a worker thread: the audit log of a scorer, so that no tick waits for the disk or for a file of an hour.
import { parentPort, workerData } from 'node:worker_threads'
import { type AuditCounts, type AuditLog, type AuditOptions, openAuditLog } from './audit/log.ts'
import type { AuditRecord } from './audit/record.ts'

/** What the thread is told. */
export type LogMessage =
  { readonly record: Omit<AuditRecord, 'run' | 'sequence'> } | { readonly ask: true } | { readonly close: true }

/** What it answers: how it stands, or why it cannot work. */
export type LogAnswer = { readonly counts: AuditCounts; readonly closed: boolean } | { readonly error: Error }

const port = parentPort
if (port !== null) {
  const answer = (message: LogAnswer): void => port.postMessage(message)
  try {
    const log = await openAuditLog(workerData as AuditOptions)
    answer({ counts: log.counts, closed: false })
    port.on('message', (message: LogMessage) => {
      if ('record' in message) log.record(message.record)
      else if ('ask' in message) answer({ counts: log.counts, closed: false })
      else void close(log)
    })
    const close = async ({ close: end, counts }: AuditLog): Promise<void> => {
      await end()
      answer({ counts, closed: true })
    }
  } catch (error) {
    answer({ error: error instanceof Error ? error : new Error(String(error)) })
  }
}
