import { basename, join } from 'node:path'
import { checkFileSet, listVersions, type Version } from '@breakwater/formats/node'
import { readIndex, readIndexRecord } from '../index/files.ts'
import { FILE_SETS, setName, setOfMetadataFile } from '../names.ts'
import { loadSet } from '../set/load.ts'

/** Which version is meant. */
export interface VersionRequest {
  readonly folder: string
  /** What errors call the folder. */
  readonly place: string
  /** Name of the set; undefined where the folder has one. */
  readonly set: string | undefined
  /** Id of the version, or how it begins; undefined is the one before the current one. */
  readonly to: string | undefined
}

/** The version that a request means. Throws where there is none, or more than one. */
export async function findVersion({ folder, place, set, to }: VersionRequest): Promise<Version> {
  const all = await listVersions(folder)
  if (all.length === 0)
    throw new Error(`models: ${place}: has no versions. Name a folder that versions were written into.`)
  const names = [...new Set(all.map(({ pointer }) => setName(pointer)))].toSorted()
  const name = set ?? (names.length === 1 ? names[0] : undefined)
  if (name === undefined || !names.includes(name)) {
    throw new Error(`models: set ${set ?? '(none given)'}: ${place} has ${names.join(', ')}. Name one of them.`)
  }
  const own = all.filter(({ pointer }) => setName(pointer) === name)
  const chosen = to === undefined ? beforeCurrent(own) : own.filter(({ id }) => id.startsWith(to))
  const [version] = chosen
  if (version !== undefined && chosen.length === 1) return version
  const what = to === undefined ? 'no version is older than the current one' : `to=${to}: is not one version`
  throw new Error(`models: ${place}: ${name}: ${what}. It has ${own.map(({ id }) => id).join(', ')}, the newest first.`)
}

/** The version written before the current one; the newest where none is current. */
function beforeCurrent(own: readonly Version[]): Version[] {
  const at = own.findIndex(({ isCurrent }) => isCurrent)
  return own.slice(at + 1, at + 2)
}

/** Reads every file of a version as its readers do, each checked against its hash. Throws on the first that does not fit. */
export async function checkVersion({ pointer, folder }: Version): Promise<void> {
  const set = setOfMetadataFile(pointer)
  const path = join(folder, pointer)
  if (set !== null) await loadSet(folder, set)
  else if (FILE_SETS.has(pointer)) await checkFileSet(folder, pointer)
  else if (pointer.startsWith('retrieval_index_')) await readIndex(path, await readIndexRecord(path))
  else {
    // Put off, so that a program without PatchTST models does not load what reads them.
    const { loadTrainedModel } = await import('../patchtst/load.ts')
    await loadTrainedModel(path.replace(/\.json$/, '.onnx'), `${basename(folder)}/${setName(pointer)}.onnx`)
  }
}
