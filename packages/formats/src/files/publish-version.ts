import { join } from 'node:path'
import { VERSIONS } from '../listed-file.ts'
import { writeFailure } from './failure.ts'
import { hashFile } from './hash.ts'
import { replaceFile } from './replace-file.ts'
import { checkKind, temporaryPath } from './target.ts'
import { discardFolder, linkFiles, type Machine, machineOf, namesIn, removeLeftoverFolders } from './version-folder.ts'
import { pruneVersions, type VersionOptions } from './versions.ts'

/** What {@link publishVersion} is to publish. */
export interface NewVersion extends VersionOptions {
  /** Name of the JSON that readers begin with. */
  readonly pointer: string
  /** Writes every file but the pointer into the folder that it is given; resolves to their names and the version's id. */
  readonly write: (staging: string) => Promise<VersionContent>
  /** Versions of this pointer that stay, the new one included; default 3. */
  readonly keep?: number | undefined
}

/** What was written into a version. */
export interface VersionContent {
  /** Letters and digits that tell this content from any other. */
  readonly id: string
  /** Files of the version, without the pointer. */
  readonly files: readonly string[]
  /** The pointer's text: it lists the files as `pathInVersion` gives them. */
  readonly pointer: string
}

/**
 * Publishes a set of files at once: they are written into a folder of their own, whole and on the disk, which becomes
 * `versions/{id}`; then the pointer is replaced. A reader that begins with the pointer sees the old set or the new one,
 * whenever this process ends. Afterwards each file also gets its name in `folder` itself, as a hard link where the file
 * system has them, for programs that do not read the pointer: those may see a mixture while this goes on. Then old versions
 * are removed. The caller holds the folder's lock. Resolves to the version's folder.
 */
export async function publishVersion(folder: string, set: NewVersion): Promise<string> {
  const machine = machineOf(set)
  const { files, writer } = machine
  const versions = join(folder, VERSIONS)
  await removeLeftoverFolders(versions, machine)
  const staging = temporaryPath(join(versions, 'version'), writer)
  let version: string
  let content: VersionContent
  try {
    content = await set.write(staging)
    for (const name of [...content.files, set.pointer]) {
      checkKind(join(folder, name), await files.status(join(folder, name)))
    }
    await replaceFile(join(staging, set.pointer), content.pointer, machine)
    version = join(versions, content.id)
    await put(staging, version, machine)
  } catch (error) {
    await files.removeFolder(staging).catch(() => undefined)
    throw error
  }
  await replaceFile(join(folder, set.pointer), content.pointer, machine)
  await linkFiles(folder, version, content.files, machine)
  await pruneVersions(folder, { ...machine, keep: set.keep, pointers: [set.pointer] })
  return version
}

/**
 * Gives the staged folder its name. Where a version of the same content lies there it stays, since readers may be in it,
 * unless it was damaged.
 */
async function put(staging: string, version: string, machine: Machine): Promise<void> {
  const { files } = machine
  try {
    if (await holdsSame(version, staging, files)) {
      await files.removeFolder(staging)
      return
    }
    if ((await files.status(version)) !== null) await discardFolder(version, machine)
    await files.rename(staging, version)
    await files.syncFolder(join(version, '..'))
  } catch (cause) {
    throw writeFailure({ path: version, deed: 'written', state: 'the old set is unchanged' }, cause)
  }
}

async function holdsSame(folder: string, other: string, files: Machine['files']): Promise<boolean> {
  for (const name of await namesIn(other, files)) {
    if ((await files.status(join(folder, name))) === null) return false
    if ((await hashFile(join(folder, name))) !== (await hashFile(join(other, name)))) return false
  }
  return true
}
