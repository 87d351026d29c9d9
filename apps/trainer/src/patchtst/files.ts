import { globSync } from 'node:fs'
import { join } from 'node:path'
import {
  joinInput,
  type PatchTstInput,
  readSequenceFiles,
  type SequenceFile,
  splitFiles,
} from '@breakwater/models/patchtst'
import type { Context } from '../context.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'

/**
 * The files that names and globs stand for, sorted, each once. A name without a folder is looked for in the working folder
 * and then where `sequences` writes. Throws where one stands for nothing.
 */
export function findFiles({ cwd }: Context, flag: string, patterns: readonly string[]): string[] {
  const found = patterns.flatMap((pattern) => {
    const places = [absolute(cwd, pattern)]
    if (!/[\\/]/.test(pattern)) places.push(join(absolute(cwd, DEFAULTS.sequences), pattern))
    const matches = places.map((place) => globSync(toGlob(place))).find((files) => files.length > 0)
    if (matches === undefined) {
      throw new Error(
        `trainer: ${flag} ${pattern}: no such file, here or in ${DEFAULTS.sequences}. Write sequence files with \`breakwater sequences\`.`,
      )
    }
    return matches
  })
  return [...new Set(found)].toSorted()
}

/** Globs use / on every system. */
const toGlob = (path: string): string => path.replaceAll('\\', '/')

/** Reads sequence files, named as a person in the working folder would write them. */
export function readFiles({ cwd, signal }: Context, paths: readonly string[]): Promise<SequenceFile[]> {
  return readSequenceFiles(paths, { signal, nameOf: (path) => shown(cwd, path) })
}

/** Which files to read: names or globs. */
export interface InputFiles {
  readonly trainFiles: readonly string[]
  /** Undefined keeps the last eighth of the training files. */
  readonly valFiles: readonly string[] | undefined
}

/** Reads and checks the files of a training. */
export async function readInput(context: Context, { trainFiles, valFiles }: InputFiles): Promise<PatchTstInput> {
  const trainPaths = findFiles(context, '--train-files', trainFiles)
  const valPaths = valFiles === undefined ? undefined : findFiles(context, '--val-files', valFiles)
  // In one call, so that all are of one run of `sequences`.
  const read = await readFiles(context, [...trainPaths, ...(valPaths ?? [])])
  const count = trainPaths.length
  return joinInput(splitFiles(read.slice(0, count), valPaths === undefined ? undefined : read.slice(count)))
}
