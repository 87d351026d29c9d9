import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { listVersions } from '@breakwater/formats/node'
import { loadMetadata } from '@breakwater/trees/node'
import { type SetName, setName, setOfMetadataFile } from '../names.ts'
import { parseDetails, type TrainingDetails } from '../set/details.ts'

/** One training of a set, as it was published. */
export interface Run {
  /** Id of its version; null for a set that lies in the folder without one. */
  readonly id: string | null
  /** What `versions` calls the set: metadata_{stage}_{ablation}. */
  readonly name: string
  readonly set: SetName
  /** Folder that the set is loaded from. */
  readonly folder: string
  /** When it was trained: ISO 8601, UTC. */
  readonly trained: string
  /** Whether readers of the folder see this one. */
  readonly isCurrent: boolean
  readonly details: TrainingDetails
}

/** Runs of a folder, and what of it could not be read. */
export interface FoundRuns {
  /** The newest first. */
  readonly runs: readonly Run[]
  /** Why a set could not be read, such as one of an older layout. */
  readonly unread: readonly string[]
}

/**
 * Every training in a folder: the versions of its sets, and sets that lie there without a version. Reads metadata alone, no
 * models. A folder that is not there has none.
 */
export async function findRuns(folder: string): Promise<FoundRuns> {
  const versions = await listVersions(folder)
  const current = new Set(versions.filter(({ isCurrent }) => isCurrent).map(({ pointer }) => pointer))
  const loose = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => !current.has(file))
  const places = [
    ...versions.map(({ id, pointer, folder: place, isCurrent }) => ({ id, pointer, folder: place, isCurrent })),
    ...loose.map((pointer) => ({ id: null, pointer, folder, isCurrent: true })),
  ]
  const runs: Run[] = []
  const unread: string[] = []
  for (const { id, pointer, folder: place, isCurrent } of places) {
    const set = setOfMetadataFile(pointer)
    if (set === null) continue
    try {
      const { metadata } = await loadMetadata(place, set.stage, set.ablation)
      const details = parseDetails(metadata.details, join(place, pointer))
      runs.push({ id, name: setName(pointer), set, folder: place, trained: metadata.timestamp, isCurrent, details })
    } catch (error) {
      unread.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { runs: runs.toSorted((one, other) => compare(other.trained, one.trained)), unread }
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

/**
 * The run that `asked` means: an id or how it begins, or a set's name for its current run, as in stage_b_full, with or without
 * `metadata_`. `place` is what errors call the folder. Throws where it means none or more than one.
 */
export function chooseRun(runs: readonly Run[], asked: string, place: string): Run {
  if (runs.length === 0)
    throw new Error(`models: ${place}: has no trained set. Run \`breakwater train\`, or name another folder.`)
  const named = runs.filter(({ name, isCurrent }) => isCurrent && (name === asked || name === `metadata_${asked}`))
  const chosen = named.length > 0 || asked === '' ? named : runs.filter(({ id }) => id?.startsWith(asked) === true)
  const [run] = chosen
  if (run !== undefined && chosen.length === 1) return run
  const known = (chosen.length === 0 ? runs : chosen).map(({ id, name }) => (id === null ? name : `${id} (${name})`))
  throw new Error(
    `models: run ${asked}: is ${chosen.length === 0 ? 'no run' : 'not one run'} of ${place}. It has ${known.join(', ')}, the newest first. ` +
      'Name one by its id, or how that begins.',
  )
}
