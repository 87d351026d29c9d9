import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { VERSIONS } from '../listed-file.ts'
import { replaceFile } from './replace-file.ts'
import type { WriteOptions } from './target.ts'
import { discardFolder, linkFiles, machineOf, namesIn, removeLeftoverFolders } from './version-folder.ts'

/** Versions of a pointer that stay unless told otherwise. */
export const KEPT_VERSIONS = 3

/** One written version of a set of files. */
export interface Version {
  /** 16 hex digits of the SHA-256 of what the pointer says, and the version's folder below `versions`. */
  readonly id: string
  /** Name of the JSON that lists the set's files; it lies in the version too. */
  readonly pointer: string
  /** Path of the version's folder. */
  readonly folder: string
  /** Milliseconds since 1970, when its pointer was written. */
  readonly writtenAt: number
  /** Whether the folder's pointer says what this version's does: readers read this one. */
  readonly isCurrent: boolean
}

/** How the functions of versions work; the defaults are this machine's. */
export type VersionOptions = Pick<WriteOptions, 'files' | 'writer'>

/**
 * Path of a file that a pointer in `folder` lists. Where its version is not there, as in a copy of the files alone, it is the
 * file of that name beside the pointer; whoever reads it compares its hash.
 */
export function listedFile(folder: string, file: string): string {
  const path = join(folder, file)
  return existsSync(path) ? path : join(folder, basename(file))
}

/** Versions below `folder`, the newest first; those of other pointers too: a version's pointer is the JSON
 * that no other JSON of it lists. What is no version is passed over. */
export async function listVersions(folder: string, options: VersionOptions = {}): Promise<Version[]> {
  const { files } = machineOf(options)
  const versions: Version[] = []
  for (const id of await namesIn(join(folder, VERSIONS), files)) {
    if (!/^\w+$/.test(id)) continue
    const place = join(folder, VERSIONS, id)
    for (const pointer of await pointersIn(place, await namesIn(place, files))) {
      const { mtimeMs: writtenAt } = await stat(join(place, pointer))
      const isCurrent = await isSame(join(place, pointer), join(folder, pointer))
      versions.push({ id, pointer, folder: place, writtenAt, isCurrent })
    }
  }
  return versions.toSorted((a, b) => b.writtenAt - a.writtenAt || (a.id < b.id ? -1 : 1))
}

/** The JSON files among `names` that no other one lists. */
async function pointersIn(place: string, names: readonly string[]): Promise<string[]> {
  const listing = names.filter((name) => name.endsWith('.json'))
  if (listing.length < 2) return listing
  const texts = await Promise.all(listing.map((name) => readFile(join(place, name), 'utf8')))
  const isListed = (name: string, own: number): boolean =>
    texts.some(
      (text, i) => i !== own && new RegExp(String.raw`["/]${name.replaceAll('.', String.raw`\.`)}"`).test(text),
    )
  return listing.filter((name, i) => !isListed(name, i))
}

/**
 * Makes a version the current one: its pointer takes the place of the folder's, then its files those of the folder. The
 * caller has checked the version's files, and holds the folder's lock.
 */
export async function selectVersion(folder: string, version: Version, options: VersionOptions = {}): Promise<void> {
  const machine = machineOf(options)
  const names = (await namesIn(version.folder, machine.files)).filter((name) => name !== version.pointer)
  await replaceFile(join(folder, version.pointer), await readFile(join(version.folder, version.pointer)), machine)
  await linkFiles(
    folder,
    version.folder,
    names.filter((name) => !name.startsWith('.')),
    machine,
  )
}

/** Which versions {@link pruneVersions} leaves. */
export interface PruneOptions extends VersionOptions {
  /** Versions of each pointer that stay; default {@link KEPT_VERSIONS}, at least 1. */
  readonly keep?: number | undefined
  /** Only versions of these; default all. */
  readonly pointers?: readonly string[] | undefined
}

/**
 * Removes old versions: of each pointer the current one stays, and the newest others up to `keep` in all. Resolves to those
 * that were removed. A version goes as a whole: it loses its name first. What killed processes left of versions goes too.
 */
export async function pruneVersions(
  folder: string,
  { keep = KEPT_VERSIONS, pointers, ...options }: PruneOptions = {},
): Promise<Version[]> {
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(
      `formats: keep=${keep}: must be a whole number of at least 1. The current version always stays.`,
    )
  }
  const machine = machineOf(options)
  const versions = await listVersions(folder, options)
  const removed: Version[] = []
  for (const pointer of new Set(versions.map((version) => version.pointer))) {
    if (pointers?.includes(pointer) === false) continue
    const own = versions.filter((version) => version.pointer === pointer)
    const first = own.filter(({ isCurrent }) => isCurrent)
    const kept = new Set([...first, ...own.filter(({ isCurrent }) => !isCurrent)].slice(0, Math.max(keep, 1)))
    removed.push(...own.filter((version) => !kept.has(version)))
  }
  await removeLeftoverFolders(join(folder, VERSIONS), machine)
  for (const version of removed) await discardFolder(version.folder, machine)
  return removed
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => readFile(path).catch(() => null)))
  return a instanceof Buffer && b instanceof Buffer && a.equals(b)
}
