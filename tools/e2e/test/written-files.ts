import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/** A file that a reader could take for a result. */
interface WrittenFile {
  readonly sha256: string
  /** Folder of the version that it leads to, where it is the pointer of one; '' elsewhere. */
  readonly version: string
}

/** What readers find in a folder, by path with / on every system. */
export type Written = ReadonlyMap<string, WrittenFile>

const LOCK = '.breakwater.lock'
/** Work in progress: pieces, each under the hash of what it was computed from, and the epochs of a network so far. */
const WORK = new Set(['jobs', 'patchtst.checkpoint'])

/** A temporary file or folder, a lock, or what is left of one, or work that its command goes on with: no reader takes it for a result. */
const isHidden = (name: string): boolean => name.startsWith(LOCK) || WORK.has(name) || /^\..+\.tmp$/.test(name)

/** The files of a folder that a reader could take for results, and what else lies there. */
export function writtenIn(folder: string): { readonly written: Written; readonly leftovers: readonly string[] } {
  const written = new Map<string, WrittenFile>()
  const leftovers: string[] = []
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (path.split('/').some(isHidden)) leftovers.push(path)
    else if (entry.isFile()) written.set(path, fileAt(folder, path))
  }
  return { written, leftovers }
}

function fileAt(folder: string, path: string): WrittenFile {
  const bytes = readFileSync(join(folder, path))
  const isPointer = path.endsWith('.json') && !path.includes('versions/')
  const [found = ''] = isPointer ? (/(?<=")versions\/\w+\//.exec(bytes.toString()) ?? []) : []
  const version = found === '' ? '' : join(dirname(path), found).split(sep).join('/')
  return { sha256: createHash('sha256').update(bytes).digest('hex'), version }
}

/**
 * What is wrong with a folder in which a process was killed while it put the files of `next` in the place of those of `old`: every
 * file must hold what one of the two runs wrote, none that both wrote may be absent, and what a pointer leads to must be of the
 * pointer's own run, all of it.
 */
export function faultsOf(found: Written, old: Written, next: Written): string[] {
  const faults: string[] = []
  for (const [path, { sha256, version }] of found) {
    const run = [old, next].find((one) => one.get(path)?.sha256 === sha256)
    if (run === undefined) faults.push(`${path}: holds what neither run wrote there`)
    else if (version !== '') faults.push(...faultsOfVersion(found, run, version))
  }
  for (const path of old.keys()) {
    if (next.has(path) && !found.has(path)) faults.push(`${path}: is absent`)
  }
  return faults
}

const faultsOfVersion = (found: Written, run: Written, version: string): string[] =>
  [...run].flatMap(([path, { sha256 }]) =>
    !path.startsWith(version) || found.get(path)?.sha256 === sha256
      ? []
      : [`${path}: is not what its pointer leads to`],
  )
