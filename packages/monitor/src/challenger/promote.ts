import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listVersions, publishVersion, replaceFileByCopy, type Version } from '@breakwater/formats/node'
import { setName } from '@breakwater/models'
import { checkVersion } from '@breakwater/models/node'

/** What is promoted, and to where. */
export interface Promotion {
  /** Folder of the challenger's sets, and of the champion's. */
  readonly from: string
  readonly to: string
  /** Name of the set, such as metadata_stage_b_full. */
  readonly set: string
}

/**
 * Publishes the current version of a set in one folder as a version in another, see `publishVersion`: its files are copied and
 * checked, then one pointer is replaced, so readers see the old set or the new one. The version before stays, and a
 * rollback returns to it. The caller holds the lock of `to`. Resolves to the version. Throws where there is none.
 */
export async function promoteSet({ from, to, set }: Promotion): Promise<Version> {
  const version = (await listVersions(from)).find(({ pointer, isCurrent }) => isCurrent && setName(pointer) === set)
  if (version === undefined) {
    throw new Error(`monitor: ${from}: ${set}: has no current version. Train it there, or name another folder.`)
  }
  await checkVersion(version)
  const files = (await readdir(version.folder)).filter((name) => name !== version.pointer)
  const write = async (staging: string): Promise<{ id: string; files: string[]; pointer: string }> => {
    for (const name of files) await replaceFileByCopy(join(staging, name), join(version.folder, name))
    return { id: version.id, files, pointer: await readFile(join(version.folder, version.pointer), 'utf8') }
  }
  const folder = await publishVersion(to, { pointer: version.pointer, write })
  return { ...version, folder }
}
