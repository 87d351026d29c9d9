import { join } from 'node:path'
import { type Appender, createAppender, type FileSystem } from '@breakwater/formats/node'

/** How many records a run has taken, kept where a crash of the process does not reach it. */
interface TakenJournal {
  /** Counts one record. */
  add(): void
  /** Resolves when all that were counted are in the file. */
  settle(): Promise<void>
  /** Ends it; where all records are written, `isWhole`, nothing is left. */
  close(isWhole: boolean): Promise<void>
}

const SUFFIX = '.taken'

/**
 * Begins the journal of a run: a file that grows by one byte a record. Where the disk takes no byte, the records are counted in memory
 * alone.
 */
export async function journalOf(folder: string, run: string, files: FileSystem): Promise<TakenJournal> {
  const path = join(folder, `${run}${SUFFIX}`)
  const appender: Appender | null = await createAppender(path, new Uint8Array(0), { files }).catch(() => null)
  let added = 0
  let running: Promise<void> | null = null
  const write = async (): Promise<void> => {
    while (added > 0) {
      const bytes = new Uint8Array(added).fill(NEW_LINE)
      added = 0
      await appender?.append(bytes).catch(() => undefined)
    }
    running = null
  }
  const settle = (): Promise<void> => (running ??= write())
  return {
    add() {
      added += 1
      void settle()
    },
    settle,
    async close(isWhole) {
      await settle()
      await appender?.close().catch(() => undefined)
      if (isWhole) await files.remove(path)
    },
  }
}

const NEW_LINE = 10

/** A journal that a run left behind. */
interface LeftJournal {
  readonly run: string
  readonly taken: number
  readonly path: string
}

/** The journals in a folder: runs that did not end in order. */
export async function journalsIn(folder: string, files: FileSystem): Promise<LeftJournal[]> {
  const names = (await files.list(folder)).filter((name) => name.endsWith(SUFFIX)).toSorted()
  const found: LeftJournal[] = []
  for (const name of names) {
    const path = join(folder, name)
    found.push({ run: name.slice(0, -SUFFIX.length), taken: (await files.status(path))?.size ?? 0, path })
  }
  return found
}
