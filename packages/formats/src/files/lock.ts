import { basename, join } from 'node:path'
import { codeOf, writeFailure } from './failure.ts'
import type { FileSystem, WritingProcess } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { thisProcess } from './this-process.ts'
import type { WriteOptions } from './target.ts'
import { isLeftover, temporaryPath } from './target.ts'
import { writeAll } from './write-all.ts'

/** Who writes into a folder. */
export interface LockOwner {
  readonly pid: number
  /** Name of the machine and of its process numbers, see {@link WritingProcess}. */
  readonly host: string
  /** What the user ran, such as `breakwater train`. */
  readonly command: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** Tells two locks of one process apart. */
  readonly id: string
  /** When the process started, in the system's words; null where it does not tell. */
  readonly start: string | null
}

/** Options of {@link withFolderLock}. */
export interface LockOptions extends Pick<WriteOptions, 'files' | 'writer'> {
  /** What the user ran, told to whoever comes second. */
  readonly command: string
  /** Milliseconds since 1970; default the system's clock. */
  readonly clock?: (() => number) | undefined
}

/** A folder has another writer; the message says who and since when. */
export class LockError extends Error {
  override readonly name = 'LockError'
}

/** Name of the lock in the folder that it locks. */
const LOCK = '.breakwater.lock'
/** File systems without hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'])
/** Locks that others gave back or took over while we looked. */
const ATTEMPTS = 20

/**
 * Runs `work` while this process alone writes into `folder`, which is made where there is none. Throws {@link LockError} where
 * another process holds it. The lock of a process of this host that has ended is taken over, by one process only; that
 * of another host never is, since its process numbers mean nothing here. Readers need no lock.
 */
export async function withFolderLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { files = nodeFileSystem, writer = thisProcess, command, clock = Date.now } = options
  const owner: LockOwner = {
    pid: writer.pid,
    host: writer.host,
    command,
    since: clock(),
    id: writer.random(),
    start: writer.startOf(writer.pid),
  }
  const place: Place = { path: join(folder, LOCK), folder, files, writer, owner }
  try {
    await files.makeFolder(folder)
    await take(place)
    await removeRemains(place)
  } catch (cause) {
    if (cause instanceof LockError) throw cause
    throw writeFailure({ path: place.path, deed: 'written', state: 'nothing was changed' }, cause)
  }
  try {
    return await work()
  } finally {
    await release(place)
  }
}

interface Place {
  readonly path: string
  readonly folder: string
  readonly files: FileSystem
  readonly writer: WritingProcess
  readonly owner: LockOwner
}

async function take(place: Place): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(place)) return
    const held = await read(place)
    if (held === 'gone') continue
    if (held === null) throw unreadable(place)
    if (held.host !== place.writer.host || isAlive(held, place.writer)) throw refusal(place, held)
    if (await takeOver(place, held)) return
  }
  throw new LockError(`formats: ${place.folder}: its lock changes hands all the time. Try again.`)
}

/** What clocks may differ by between a start of the machine and a lock taken right after it. */
const BOOT_SLACK_MS = 60_000

/**
 * Whether the owner runs, and not another process that got its number since. Where the system tells no start, a lock from
 * before the machine's own start is of a dead process; a younger one counts as held.
 */
function isAlive({ pid, start, since }: LockOwner, writer: WritingProcess): boolean {
  if (!writer.isRunning(pid)) return false
  const now = writer.startOf(pid)
  if (start !== null && now !== null) return start === now
  return since >= writer.bootedAt() - BOOT_SLACK_MS
}

/** Puts the lock in place, whole at once; false where there is one. */
async function create(place: Place): Promise<boolean> {
  const temporary = await writeTemporary(place)
  try {
    await place.files.link(temporary, place.path)
    return true
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (code === 'EEXIST') return false
    if (!NO_LINKS.has(code)) throw error
    return await createInPlace(place)
  } finally {
    await place.files.remove(temporary)
  }
}

async function createInPlace(place: Place): Promise<boolean> {
  try {
    await writeNew(place, place.path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function writeTemporary(place: Place): Promise<string> {
  const temporary = temporaryPath(place.path, place.writer)
  try {
    await writeNew(place, temporary)
    return temporary
  } catch (error) {
    await place.files.remove(temporary)
    throw error
  }
}

async function writeNew({ files, owner }: Place, path: string): Promise<void> {
  const file = await files.open(path, 'create')
  try {
    await writeAll(file, new TextEncoder().encode(`${JSON.stringify(owner)}\n`))
  } finally {
    await file.close()
  }
}

/**
 * Replaces the lock of a dead process by ours; false where somebody else did. Only who holds the lock on that very lock may
 * do so, and looks once more whether it is still there: else two processes could each remove it, and the second would
 * remove the lock of the first.
 */
async function takeOver(place: Place, dead: LockOwner): Promise<boolean> {
  const second: Place = { ...place, path: `${place.path}.${dead.id}` }
  await take(second)
  try {
    const held = await read(place)
    if (held === 'gone' || held?.id !== dead.id) return false
    await place.files.rename(await writeTemporary(place), place.path)
    return true
  } finally {
    await release(second)
  }
}

/**
 * Removes what processes left that died while they took the lock or took it over. Locks on locks that are no more serve nobody:
 * whoever holds one sees that the lock below it has gone.
 */
async function removeRemains({ folder, path, files, writer }: Place): Promise<void> {
  const name = basename(path)
  for (const each of await files.list(folder)) {
    const isRemains = each.startsWith(`${name}.`) || (each.startsWith(`.${name}`) && isLeftover(each, writer))
    if (isRemains) await files.remove(join(folder, each))
  }
}

/** Gives the lock back, where it is still ours. */
async function release(place: Place): Promise<void> {
  const held = await read(place)
  if (held !== 'gone' && held?.id === place.owner.id) await place.files.remove(place.path)
}

/** What the lock says; null where it says nothing that can be read. */
async function read({ path, files }: Place): Promise<LockOwner | null | 'gone'> {
  try {
    const file = await files.open(path, 'update')
    try {
      return ownerOf(new TextDecoder().decode(await file.read(0, await file.size())))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone'
    throw error
  }
}

function ownerOf(text: string): LockOwner | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { pid, host, command, since, id, start = null } = value as Partial<Record<keyof LockOwner, unknown>>
  const isWhole = Number.isSafeInteger(pid) && typeof since === 'number' && Number.isFinite(since)
  if (!isWhole || typeof host !== 'string' || typeof command !== 'string') return null
  if (typeof id !== 'string' || !/^\w+$/.test(id) || (start !== null && typeof start !== 'string')) return null
  return { pid: pid as number, host, command, since, id, start }
}

function refusal({ folder, path, writer, owner }: Place, held: LockOwner): LockError {
  const { pid, host, command, since } = held
  const where = host === writer.host ? '' : ' of another host'
  const fix = host === writer.host ? `if that process is none of ours` : 'if it has ended'
  return new LockError(
    `formats: ${folder}: is being written by \`${command}\` (process ${pid}${where}) since ${timeOf(since)}, ${ageOf(owner.since - since)}. ` +
      `Wait until it ends, or write to another folder; ${fix}, delete ${basename(path)} there.`,
  )
}

const unreadable = ({ folder, path }: Place): LockError =>
  new LockError(
    `formats: ${folder}: its lock ${basename(path)} cannot be read, so it is not known who is writing there. Delete it if nobody is.`,
  )

const MAX_TIME = 8.64e15
const timeOf = (ms: number): string => (Math.abs(ms) <= MAX_TIME ? new Date(ms).toISOString() : 'an unknown time')

function ageOf(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  return `${Math.floor(minutes / 60)} hours`
}
