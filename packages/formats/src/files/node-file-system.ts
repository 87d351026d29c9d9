import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { copyFile, link, lstat, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import process from 'node:process'
import { codeOf } from './failure.ts'
import type { FileKind, FileStatus, FileSystem, OpenFile, OpenMode } from './file-system.ts'

/** One write or read: below every platform's limit of 2 GiB. */
const MAX_CHUNK = 2 ** 28
/** Errors that mean that this file system, or this user, cannot do it at all. */
const UNSUPPORTED_SYNC = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EISDIR'])
const UNSUPPORTED_OWNER = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EPERM'])

// O_NOFOLLOW is absent on Windows.
const NO_FOLLOW = (constants as { readonly O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0
const FLAGS: Readonly<Record<OpenMode, number>> = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
  append: constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW,
  update: constants.O_RDWR | NO_FOLLOW,
}

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  open: openPath,
  status: statusAt,
  makeFolder,
  list: listFolder,
  freeBytes,
  copy,
  rename,
  link,
  remove,
  removeFolder,
  syncFolder,
}

async function openPath(path: string, mode: OpenMode, permissions?: number): Promise<OpenFile> {
  return openFile(await open(path, FLAGS[mode], permissions))
}

async function statusAt(path: string): Promise<FileStatus | null> {
  try {
    return statusOf(await lstat(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

async function makeFolder(path: string): Promise<string | null> {
  return (await mkdir(path, { recursive: true })) ?? null
}

function listFolder(folder: string): Promise<string[]> {
  return readdir(folder)
}

async function freeBytes(folder: string): Promise<number | null> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return blocks === 0 ? null : bavail * bsize
}

function copy(from: string, to: string): Promise<void> {
  // A copy shares its blocks with the original where the file system can.
  return copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
}

function remove(path: string): Promise<void> {
  return rm(path, { force: true })
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true })
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and syncs their entries with the file.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await unless(UNSUPPORTED_SYNC, handle.sync())
  } finally {
    await handle.close()
  }
}

function openFile(handle: FileHandle): OpenFile {
  return {
    write: async (bytes) => (await handle.write(bytes, 0, Math.min(bytes.length, MAX_CHUNK))).bytesWritten,
    read: async (position, length) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    },
    size: async () => (await handle.stat()).size,
    truncate: (length) => handle.truncate(length),
    inherit: async ({ mode, uid, gid }) => {
      const own = await handle.stat()
      if (own.uid !== uid || own.gid !== gid) await unless(UNSUPPORTED_OWNER, handle.chown(uid, gid))
      if ((own.mode & 0o7777) !== mode) await unless(UNSUPPORTED_OWNER, handle.chmod(mode))
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

function statusOf(stats: Stats): FileStatus {
  const { size, mode, uid, gid } = stats
  return { kind: kindOf(stats), size, mode: mode & 0o7777, uid, gid }
}

function kindOf(stats: Stats): FileKind {
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isDirectory()) return 'folder'
  return stats.isFile() ? 'file' : 'other'
}

async function unless(codes: ReadonlySet<string>, call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!codes.has(codeOf(error) ?? '')) throw error
  }
}
