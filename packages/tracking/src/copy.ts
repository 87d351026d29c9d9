import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { replaceFile, replaceFileByCopy } from '@breakwater/formats/node'
import type { ArtifactFile } from './tracker.ts'

/** The files at `path`: itself, or all inside where it is a folder, in order of path. Throws where there is nothing. */
export async function artifactFiles(path: string): Promise<ArtifactFile[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    throw new Error(`tracking: artifact: ${path} does not exist. Pass the path of a file or folder.`)
  }
  if (found.isFile()) return [{ path: basename(path), file: path }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => ({ path: relative(path, file).split(sep).join('/'), file }))
}

/** Copies the files of an artifact into `folder`, each whole or not at all. Resolves to where each lies now. */
export async function copyInto(
  folder: string,
  files: readonly ArtifactFile[],
): Promise<{ readonly path: string; readonly localPath: string }[]> {
  const copies: { path: string; localPath: string }[] = []
  for (const file of files) {
    const localPath = join(folder, ...file.path.split('/'))
    if ('text' in file) await replaceFile(localPath, file.text)
    else if ('bytes' in file) await replaceFile(localPath, file.bytes)
    else await replaceFileByCopy(localPath, file.file)
    copies.push({ path: file.path, localPath })
  }
  return copies
}
