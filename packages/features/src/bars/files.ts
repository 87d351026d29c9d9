import { createReadStream } from 'node:fs'
import { glob, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

async function expand(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => null,
  )
  if (isFolder === false) return [path]
  const files: string[] = []
  for await (const file of glob(isFolder === true ? join(path, '**', '*.{csv,csv.gz,parquet}') : path)) files.push(file)
  return files
}

/**
 * The files behind files, folders (every *.csv, *.csv.gz and *.parquet below) and globs: absolute paths, sorted by code
 * unit, each once. Throws when a path leads to no file.
 */
export async function listBarFiles(paths: string | readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const files = await expand(path)
    if (files.length === 0) {
      throw new Error(
        `features: paths=${JSON.stringify(path)}: no bars there. Name a CSV or Parquet file, a folder that contains some, or a glob.`,
      )
    }
    for (const file of files) found.add(resolve(file))
  }
  if (found.size === 0) throw new Error('features: paths=[]: no bars to read. Name at least one file.')
  return [...found].toSorted()
}

/** The line of data row `row` (from 0) in a CSV file, whose empty lines are not rows; the header is line 1. */
async function lineOf(path: string, row: number): Promise<number> {
  let line = 0
  let records = -1
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1
    if (text !== '') records += 1
    if (records > row) return line
  }
  return row + 2
}

/** Where row `row` (from 0) of a file stands: `path:line` in plain text, `path, row n` (n from 1) elsewhere. */
export async function placeInFile(path: string, row: number): Promise<string> {
  const plain = !/\.(parquet|gz)$/i.test(path)
  return plain ? `${path}:${await lineOf(path, row)}` : `${path}, row ${row + 1}`
}
