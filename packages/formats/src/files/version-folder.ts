import { basename, join } from 'node:path'
import { codeOf, writeFailure } from './failure.ts'
import type { FileSystem, WritingProcess } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { thisProcess } from './this-process.ts'
import { replaceFileByCopy } from './replace-file-by.ts'
import type { WriteOptions } from './target.ts'
import { checkKind, isLeftover, temporaryPath } from './target.ts'

/** What versions are written with. */
export interface Machine {
  readonly files: FileSystem
  readonly writer: WritingProcess
}

/** The file system and process that options name; this machine's by default. */
export const machineOf = ({
  files = nodeFileSystem,
  writer = thisProcess,
}: Pick<WriteOptions, 'files' | 'writer'>): Machine => ({ files, writer })

/** Names in a folder; none where there is no folder. */
export async function namesIn(folder: string, files: FileSystem): Promise<readonly string[]> {
  try {
    return await files.list(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Takes the folder's name away, then removes it: what is left of a kill in between is no version. */
export async function discardFolder(folder: string, { files, writer }: Machine): Promise<void> {
  const nameless = temporaryPath(folder, writer)
  await files.rename(folder, nameless)
  await files.removeFolder(nameless)
}

/** Removes folders of versions that killed processes were writing or removing. */
export async function removeLeftoverFolders(versions: string, { files, writer }: Machine): Promise<void> {
  for (const name of await namesIn(versions, files)) {
    if (isLeftover(name, writer)) await files.removeFolder(join(versions, name)).catch(() => undefined)
  }
}

/** Gives files of a version their names in the folder above, each replaced at once. */
export async function linkFiles(
  folder: string,
  version: string,
  names: readonly string[],
  machine: Machine,
): Promise<void> {
  const { files, writer } = machine
  for (const name of names) {
    const [source, path] = [join(version, name), join(folder, name)]
    const temporary = temporaryPath(path, writer)
    try {
      checkKind(path, await files.status(path))
      await files.link(source, temporary)
      await files.rename(temporary, path)
    } catch (cause) {
      const code = codeOf(cause)
      if (code === undefined || !NO_LINKS.has(code)) throw linkFailure(path, cause)
      await replaceFileByCopy(path, source, machine)
    } finally {
      // Two names of one file are not renamed onto each other: the temporary one stays.
      await files.remove(temporary).catch(() => undefined)
    }
  }
  await files.syncFolder(folder)
}

/** File systems without hard links, and files that have too many. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK', 'EXDEV'])

const linkFailure = (path: string, cause: unknown): Error =>
  writeFailure(
    { path, deed: 'written', state: `the new version is in place, and ${basename(path)} is that of the old one` },
    cause,
  )
