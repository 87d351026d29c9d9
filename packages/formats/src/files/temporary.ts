import { basename, dirname, join } from 'node:path'
import type { FileSystem, WritingProcess } from './file-system.ts'

/** Names are at most 255 bytes in most file systems; what stands around the target's name takes about 45. */
const MAX_NAME_BYTES = 200
/** Three bytes at most each in UTF-8. */
const SHORTENED = 60

const TEMPORARY = /^\..+\.(?<host>\w+)-(?<pid>\d+)-\w+\.tmp$/

/** The path of a new temporary file beside `path`: hidden, with the writing process in its name. */
export function temporaryPath(path: string, { host, pid, random }: WritingProcess): string {
  const name = basename(path)
  const shown = Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : name.slice(0, SHORTENED)
  return join(dirname(path), `.${shown}.${host}-${pid}-${random()}.tmp`)
}

/**
 * Removes the temporary files in `folder` that processes of this host left when they were killed. Those of running
 * processes and of other hosts stay, and so does what this user may not list or remove: that harms no later write.
 */
export async function removeLeftovers(folder: string, files: FileSystem, writer: WritingProcess): Promise<void> {
  const names = await files.list(folder).catch(() => [])
  for (const name of names) {
    const { host, pid } = TEMPORARY.exec(name)?.groups ?? {}
    if (host !== writer.host || writer.isRunning(Number(pid))) continue
    await files.remove(join(folder, name)).catch(() => undefined)
  }
}
