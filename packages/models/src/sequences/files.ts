import { basename, dirname, join } from 'node:path'
import { hashFile, publishedFiles, publishFileSet } from '@breakwater/formats/node'
import { SEQUENCES_POINTER } from '../names.ts'
import { type SequenceReport, type TouchSequences, writeSession } from './write.ts'

/** Sessions to write, and where. */
export interface SequenceFolder {
  readonly folder: string
  readonly dates: readonly string[]
  readonly libraryVersion: string
  readonly signal?: AbortSignal
  /** Called before each session. */
  readonly onSession?: (date: string, done: number) => void
}

/** What was written. */
export interface WrittenSequences {
  readonly reports: readonly SequenceReport[]
  /** Sessions of which no touch has a window: they have no file. */
  readonly empty: readonly string[]
}

/** Sequences are large: the current version stays, and the one before it. */
const KEPT = 2

/**
 * Publishes the sequences of sessions at once, one file each, and `sequences.json`, which lists those of this run. Files of
 * other sessions in the folder stay beside it. Nothing is published where no session has a touch with a window. The caller
 * holds the folder's lock.
 */
export async function publishSequences(
  sequences: TouchSequences,
  { folder, dates, libraryVersion, signal, onSession }: SequenceFolder,
): Promise<WrittenSequences> {
  const reports: SequenceReport[] = []
  const empty: string[] = []
  const write = async (staging: string): Promise<string[]> => {
    for (const [done, date] of dates.entries()) {
      signal?.throwIfAborted()
      onSession?.(date, done)
      const options = { folder: staging, date, libraryVersion, ...(signal === undefined ? {} : { signal }) }
      const report = await writeSession(sequences, options)
      if (report === null) empty.push(date)
      else reports.push({ ...report, file: join(folder, basename(report.file)) })
    }
    if (reports.length === 0) throw new NothingToPublish()
    return reports.map(({ file }) => basename(file))
  }
  try {
    await publishFileSet(folder, {
      pointer: SEQUENCES_POINTER,
      keep: KEPT,
      write,
      describe: () => ({ format: 'breakwater-sequence-files', version: 1 }),
    })
  } catch (error) {
    if (!(error instanceof NothingToPublish)) throw error
  }
  return { reports, empty }
}

class NothingToPublish extends Error {}

/**
 * Where the sequences of each path are: of a file that the folder's `sequences.json` lists, that version's, so that paths of one
 * call are of one run; else the path. Throws where a listed file is not what its hash says.
 */
export async function currentSequences(paths: readonly string[]): Promise<string[]> {
  const folders = new Map<string, Awaited<ReturnType<typeof publishedFiles>>>()
  const current: string[] = []
  for (const path of paths) {
    const folder = dirname(path)
    const listed = folders.get(folder) ?? (await publishedFiles(folder, SEQUENCES_POINTER))
    folders.set(folder, listed)
    const file = listed.get(basename(path))
    if (file !== undefined && (await hashFile(file.path)) !== file.sha256) {
      throw new Error(
        `models: ${file.path}: is not the file that ${SEQUENCES_POINTER} lists. Write the sequences again.`,
      )
    }
    current.push(file?.path ?? path)
  }
  return current
}
