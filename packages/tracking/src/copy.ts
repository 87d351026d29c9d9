import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { ArtifactFile } from './tracker.ts'

/** The files at `path`: itself, or all inside where it is a folder, in order of path. Throws where there is nothing. */
export async function artifactFiles(path: string): Promise<ArtifactFile[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    throw new Error(`tracking: artifact: ${path} does not exist. Give the path of a file or folder.`)
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
    await mkdir(dirname(localPath), { recursive: true })
    if ('text' in file) await writeFileAtomic(localPath, file.text)
    else await copyWhole(file.file, localPath)
    copies.push({ path: file.path, localPath })
  }
  return copies
}

async function copyWhole(from: string, to: string): Promise<void> {
  const temporary = `${to}.part`
  // A copy shares its blocks with the original where the file system can.
  await copyFile(from, temporary, constants.COPYFILE_FICLONE)
  const handle = await open(temporary, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, to)
}
