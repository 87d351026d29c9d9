import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { WriteError, writeFailure } from './failure.ts'
import type { FileKind, FileStatus, FileSystem, WritingProcess } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { thisProcess } from './this-process.ts'

/** How the writers work; the defaults are this machine's. */
export interface WriteOptions {
  /**
   * Whether the content is on the disk when the promise resolves, so that a loss of power does not undo it, and whether
   * leftovers of killed processes are removed. Default true; false suits thousands of small files.
   */
  readonly durable?: boolean | undefined
  /** Aborting ends the write; the promise rejects with the signal's reason, and the old file stays. */
  readonly signal?: AbortSignal | undefined
  readonly files?: FileSystem | undefined
  readonly writer?: WritingProcess | undefined
}

/** A path that is about to be replaced, and the temporary path beside it. */
export interface Target {
  readonly path: string
  readonly temporary: string
  /** What the path holds now; null where nothing does. */
  readonly previous: FileStatus | null
  readonly files: FileSystem
  readonly durable: boolean
  readonly signal: AbortSignal | undefined
}

const REFUSALS: Readonly<Record<Exclude<FileKind, 'file'>, string>> = {
  link: 'is a symbolic link, which is neither followed nor replaced. Pass the path that it points to, or remove the link.',
  folder: 'is a folder. Pass the path of a file.',
  other: 'is not a regular file. Pass the path of a file.',
}

/** Names are at most 255 bytes in most file systems; what stands around the target's name takes about 55. */
const MAX_NAME_BYTES = 200
/** Three bytes at most each in UTF-8. */
const SHORTENED = 60

const TEMPORARY = /^\..+\.(?<host>\w+)-(?<pid>\d+)-(?:(?<start>\w+)-)?\w+\.tmp$/

/**
 * Gets a path ready to be replaced: its folder is made where there is none, leftovers are removed, and what cannot succeed
 * is refused: a link, a folder or a device at the path, and fewer free bytes than `bytes`, where that is known.
 */
export async function prepareTarget(path: string, bytes: number | null, options: WriteOptions): Promise<Target> {
  const { durable = true, signal, files = nodeFileSystem, writer = thisProcess } = options
  signal?.throwIfAborted()
  const temporary = temporaryPath(path, writer)
  try {
    await makeFolder(dirname(path), files, durable)
    const previous = await files.status(path)
    const target: Target = { path, temporary, previous, files, durable, signal }
    if (durable) await removeLeftovers(dirname(path), files, writer)
    if (bytes !== null) await checkSpace(target, bytes)
    checkKind(path, previous)
    return target
  } catch (cause) {
    throw writeFailure({ path, deed: 'written', state: 'nothing was changed' }, cause)
  }
}

/** The path of a new temporary file or folder beside `path`: hidden, with the writing process in its name. */
export function temporaryPath(path: string, writer: WritingProcess): string {
  const { host, pid, random } = writer
  const start = startMark(writer, pid)
  const name = basename(path)
  const shown = Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : name.slice(0, SHORTENED)
  return join(dirname(path), `.${shown}.${host}-${pid}-${start === null ? '' : `${start}-`}${random()}.tmp`)
}

/** Marks of the starts of processes that write, each asked for once. */
const ownMarks = new WeakMap<WritingProcess, string | null>()

/** A few letters for when a process started; null where the system does not tell. */
function startMark(writer: WritingProcess, pid: number): string | null {
  const known = pid === writer.pid ? ownMarks.get(writer) : undefined
  if (known !== undefined) return known
  const start = writer.startOf(pid)
  const mark = start === null ? null : createHash('sha256').update(start).digest('hex').slice(0, 8)
  if (pid === writer.pid) ownMarks.set(writer, mark)
  return mark
}

/**
 * Removes the temporary files in `folder` that processes of this host left when they were killed. Those of running
 * processes and of other hosts stay, and so does what this user may not list or remove: that harms no later write.
 */
async function removeLeftovers(folder: string, files: FileSystem, writer: WritingProcess): Promise<void> {
  const names = await files.list(folder).catch(() => [])
  for (const name of names) {
    if (!isLeftover(name, writer)) continue
    await files.remove(join(folder, name)).catch(() => undefined)
  }
}

/**
 * Whether a name is a temporary one of a process of this host that has ended: none has its number, or one that started at another time, as
 * numbers come round again.
 */
export function isLeftover(name: string, writer: WritingProcess): boolean {
  const { host, pid, start } = TEMPORARY.exec(name)?.groups ?? {}
  if (host !== writer.host) return false
  if (!writer.isRunning(Number(pid))) return true
  const now = start === undefined ? null : startMark(writer, Number(pid))
  return now !== null && now !== start
}

/** Throws where something other than a regular file lies at the path. */
export function checkKind(path: string, status: FileStatus | null): void {
  if (status === null || status.kind === 'file') return
  throw new WriteError(`formats: ${path}: ${REFUSALS[status.kind]}`)
}

async function checkSpace({ path, previous, files }: Target, bytes: number): Promise<void> {
  const free = await files.freeBytes(dirname(path))
  if (free === null || bytes <= free) return
  throw new WriteError(
    `formats: ${path}: needs ${bytes} bytes, and its disk has ${free} free; ${stateOf(previous)}. ` +
      'Free space there, or write to another disk.',
  )
}

/** Makes a folder, and brings the entries of new ones to the disk. */
async function makeFolder(folder: string, files: FileSystem, durable: boolean): Promise<void> {
  const first = await files.makeFolder(folder)
  if (first === null || !durable) return
  const top = dirname(first)
  for (let each = dirname(folder); each.length >= top.length; each = dirname(each)) {
    await files.syncFolder(each)
    if (each === dirname(each)) break
  }
}

/** A clause on what a path holds while nothing has been renamed over it. */
const stateOf = (previous: FileStatus | null): string =>
  previous === null ? 'no file was written' : 'the old file is unchanged'

/** Renames the temporary file, whole and on the disk, over the path, unless a link has come to lie there. */
export async function publish(target: Target): Promise<void> {
  const { path, temporary, files, durable } = target
  checkKind(path, await files.status(path))
  await files.rename(temporary, path)
  if (!durable) return
  try {
    await files.syncFolder(dirname(path))
  } catch (cause) {
    const state = 'the new file is in place and whole, but a loss of power could bring the old one back'
    throw writeFailure({ path, deed: 'brought to the disk', state }, cause)
  }
}

/** Removes the temporary file, and gives the error to throw. */
export async function discard(target: Target, cause: unknown): Promise<unknown> {
  const { path, temporary, previous, files, signal } = target
  let state = stateOf(previous)
  try {
    await files.remove(temporary)
  } catch {
    state += `, and its temporary file ${temporary} could not be removed`
  }
  if (signal?.aborted === true) return signal.reason
  return writeFailure({ path, deed: 'written', state }, cause)
}
