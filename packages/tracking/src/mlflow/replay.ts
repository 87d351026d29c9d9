import { deliver } from './deliver.ts'
import { JournalBusyError, journalFolders, openJournal } from './journal.ts'
import type { Journal } from './journal.ts'
import { deliveryOf } from './server.ts'
import type { MlflowServerOptions } from './server.ts'

/** What became of one journal. */
export interface ReplayResult {
  readonly folder: string
  readonly name: string
  /** `refused`: sent, except for what the server refused; `waiting`: not (all) sent, tried again by the next replay. */
  readonly outcome: 'sent' | 'refused' | 'busy' | 'waiting'
  readonly operations: number
  /** What went wrong, in order. */
  readonly problems: readonly string[]
}

/**
 * Sends the journals in the spool to the server, those of earlier runs first (a parent before its children), and deletes
 * those that the server has whole. A run whose process died without ending it is ended as killed. Journals that a
 * process still writes are left alone.
 */
export async function replayJournals(options: MlflowServerOptions): Promise<ReplayResult[]> {
  const journals: Journal[] = []
  const replayed: ReplayResult[] = []
  for (const folder of await journalFolders(options.spool)) {
    try {
      journals.push(await openJournal(folder))
    } catch (error) {
      if (!(error instanceof JournalBusyError)) throw error
      replayed.push({ folder, name: '', outcome: 'busy', operations: 0, problems: [error.message] })
    }
  }
  const delivery = deliveryOf(options)
  for (const journal of journals.toSorted((a, b) => startTime(a) - startTime(b))) {
    replayed.push(await replayOne(journal, () => deliver(journal, delivery)))
  }
  return replayed
}

const startTime = ({ operations: [first] }: Journal): number => (first?.kind === 'start' ? first.time : 0)

async function replayOne(journal: Journal, send: () => Promise<void>): Promise<ReplayResult> {
  const { operations, folder } = journal
  const [first] = operations
  const about = { folder, name: first?.kind === 'start' ? first.run.name : '' }
  if (first !== undefined && operations.at(-1)?.kind !== 'end') {
    await journal.append({ kind: 'end', status: 'killed', time: lastTime(journal) })
  }
  const before = journal.progress.sent
  const problems: string[] = []
  try {
    await send()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  problems.push(...journal.progress.refused.map(({ message }) => message))
  const { sent, refused } = journal.progress
  const done = sent === operations.length
  if (done && refused.length === 0) await journal.remove()
  else await journal.release()
  const outcome = done ? (refused.length === 0 ? 'sent' : 'refused') : 'waiting'
  return { ...about, outcome, operations: sent - before, problems }
}

/** When the run last recorded something, according to the journal. */
function lastTime(journal: Journal): number {
  const times = journal.operations.flatMap((operation) =>
    operation.kind === 'batch' ? operation.metrics.map(({ timestamp }) => timestamp) : [],
  )
  return times.reduce((latest, time) => Math.max(latest, time), startTime(journal))
}
