import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { appendLine, createAppender, replaceFile, WriteError } from '@breakwater/formats/node'
import { z } from 'zod'
import type { ServerRun } from './api.ts'
import type { Operation } from './operations.ts'

const FORMAT = 'breakwater-mlflow-journal'
const VERSION = 1

/** How far a journal was sent. */
export interface Progress {
  /** How many operations the server has, from the first. */
  readonly sent: number
  /** The server, without credentials. */
  readonly uri?: string | undefined
  readonly run?: ServerRun | undefined
  /** What the server refused, and its words. */
  readonly refused: readonly { readonly operation: number; readonly message: string }[]
}

/**
 * The operations of one run for a server, on disk: `operations.jsonl`, one operation a line in order, appended and
 * synced before it counts as recorded; `progress.json`, how far it was sent; `files`, copies of artifacts; `lock`, the
 * process that sends.
 */
export interface Journal {
  readonly folder: string
  readonly operations: readonly Operation[]
  readonly progress: Progress
  readonly append: (operation: Operation) => Promise<void>
  readonly advance: (progress: Partial<Progress>) => Promise<void>
  /** Gives the journal up to others, where it is; `remove` deletes it. */
  readonly release: () => Promise<void>
  readonly remove: () => Promise<void>
}

const progressSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  sent: z.int().min(0),
  uri: z.string().optional(),
  run: z.object({ runId: z.string(), experimentId: z.string(), artifactUri: z.string() }).optional(),
  refused: z.array(z.object({ operation: z.int(), message: z.string() })),
})

const operationsPath = (folder: string): string => join(folder, 'operations.jsonl')

/** The folders of the journals below `spool`, in order of name. */
export async function journalFolders(spool: string): Promise<string[]> {
  if (!existsSync(spool)) return []
  const names = await readdir(spool)
  return names
    .toSorted()
    .map((name) => join(spool, name))
    .filter((folder) => existsSync(operationsPath(folder)))
}

/**
 * Opens a journal, or begins one in a folder that has none. Where another process that still runs has it, throws a
 * {@link JournalBusyError}.
 */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true })
  await lock(folder)
  const operations = await readOperations(folder)
  let progress = await readProgress(folder)
  const advance = async (change: Partial<Progress>): Promise<void> => {
    progress = { ...progress, ...change }
    await replaceFile(join(folder, 'progress.json'), JSON.stringify({ format: FORMAT, version: VERSION, ...progress }))
  }
  await advance({})
  return {
    folder,
    operations,
    get progress() {
      return progress
    },
    append: async (operation) => {
      await appendLine(operationsPath(folder), JSON.stringify(operation))
      operations.push(operation)
    },
    advance,
    release: () => unlink(join(folder, 'lock')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function readOperations(folder: string): Promise<Operation[]> {
  const path = operationsPath(folder)
  if (!existsSync(path)) return []
  const lines = (await readFile(path, 'utf8')).split('\n')
  // What follows the last line end was cut off by a crash: its recording never returned.
  const torn = lines.pop()
  if (torn !== undefined && torn !== '') await replaceFile(path, lines.map((line) => `${line}\n`).join(''))
  return lines.map((line) => JSON.parse(line) as Operation)
}

async function readProgress(folder: string): Promise<Progress> {
  const path = join(folder, 'progress.json')
  if (!existsSync(path)) return { sent: 0, refused: [] }
  const read = progressSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (read.success) return read.data
  throw new Error(
    `tracking: ${path}: is not a journal of version ${VERSION}: ${z.prettifyError(read.error)}. Replay it with the version that wrote it.`,
  )
}

/** Another process that still runs sends this journal. */
export class JournalBusyError extends Error {
  override readonly name = 'JournalBusyError'
}

async function lock(folder: string): Promise<void> {
  const path = join(folder, 'lock')
  for (;;) {
    try {
      const file = await createAppender(path, Buffer.from(String(process.pid)))
      await file.close()
      return
    } catch (error) {
      if (!(error instanceof WriteError) || !isExisting(error.cause)) throw error
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (owner > 0 && isRunning(owner)) {
      throw new JournalBusyError(
        `tracking: ${folder} is in use by process ${owner}. Wait until it ends; if it is none of ours, delete ${path}.`,
      )
    }
    await rm(path, { force: true })
  }
}

const isExisting = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
