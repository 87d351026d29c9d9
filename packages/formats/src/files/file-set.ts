import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { listedFile } from './versions.ts'
import { pathInVersion } from '../listed-file.ts'
import { codeOf } from './failure.ts'
import { hashFile } from './hash.ts'
import { publishVersion } from './publish-version.ts'
import type { VersionOptions } from './versions.ts'

/** One file of a set, as its pointer lists it. */
export interface SetFile {
  /** Path from the pointer's folder, parted by /. */
  readonly file: string
  readonly sha256: string
}

/** Files that one run writes and that are published at once. */
export interface NewFileSet extends VersionOptions {
  /** Name of the JSON that lists the files; it ends in `.json`, and no file of the set does. */
  readonly pointer: string
  /** Writes the files into the folder that it is given; resolves to their names. */
  readonly write: (staging: string) => Promise<readonly string[]>
  /** What the pointer says beside `files`, once they are written. */
  readonly describe: () => object
  /** Versions that stay, the new one included; default 3. */
  readonly keep?: number | undefined
}

/** Hex digits of a version's id. */
const ID_LENGTH = 16

/**
 * Publishes files as one version, see `publishVersion`: their pointer lists each with its hash, so that a reader that begins with
 * the pointer sees the files of one run. The same content has the same id. The caller holds the folder's lock. Resolves to
 * the pointer's text.
 */
export async function publishFileSet(
  folder: string,
  { pointer, write, describe, keep, ...machine }: NewFileSet,
): Promise<string> {
  let text = ''
  await publishVersion(folder, {
    ...machine,
    pointer,
    keep,
    write: async (staging) => {
      const names = await write(staging)
      const files: SetFile[] = []
      for (const file of names) files.push({ file, sha256: await hashFile(join(staging, file)) })
      const id = createHash('sha256').update(textOf(describe(), files)).digest('hex').slice(0, ID_LENGTH)
      const listed = files.map(({ file, sha256 }) => ({ file: pathInVersion(id, file), sha256 }))
      text = textOf(describe(), listed)
      return { id, files: names, pointer: text }
    },
  })
  return text
}

const textOf = (about: object, files: readonly SetFile[]): string => `${JSON.stringify({ ...about, files }, null, 2)}\n`

/**
 * The files that a pointer in `folder` lists now, by name: the path of each in its version. Empty where there is no pointer, as
 * in a folder that an older program wrote. Throws where the pointer is none of a set of files.
 */
export async function publishedFiles(
  folder: string,
  pointer: string,
): Promise<ReadonlyMap<string, SetFile & { readonly path: string }>> {
  const listed = await readPointer(folder, pointer)
  return new Map(listed.map((one) => [basename(one.file), { ...one, path: listedFile(folder, one.file) }]))
}

/** Throws naming the first file of a version that is absent or not what its pointer says. */
export async function checkFileSet(version: string, pointer: string): Promise<void> {
  for (const { file, sha256 } of await readPointer(version, pointer)) {
    const path = join(version, basename(file))
    if ((await hashFile(path)) !== sha256) {
      throw new Error(`formats: ${path}: is not the file that ${pointer} lists. Choose another version.`)
    }
  }
}

async function readPointer(folder: string, pointer: string): Promise<readonly SetFile[]> {
  const path = join(folder, pointer)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  const files = filesOf(text)
  if (files === null) throw new Error(`formats: ${path}: does not list the files of a set. Write the set again.`)
  return files
}

function filesOf(text: string): readonly SetFile[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const files: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'files') : null
  return Array.isArray(files) && files.every(isSetFile) ? files : null
}

function isSetFile(value: unknown): value is SetFile {
  if (typeof value !== 'object' || value === null) return false
  const { file, sha256 } = value as Partial<Record<keyof SetFile, unknown>>
  return typeof file === 'string' && /^(?:versions\/\w+\/)?[^/\\]+$/.test(file) && /^[\da-f]{64}$/.test(String(sha256))
}
