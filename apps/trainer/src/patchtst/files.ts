import { globSync } from 'node:fs'
import { join } from 'node:path'
import { newYorkCalendar } from '@breakwater/features'
import { readSequences } from '@breakwater/patchtst'
import type { SequenceData } from '@breakwater/patchtst'
import type { Context } from '../context.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'

/** A sequence file with the sessions that its samples lie in. */
export interface SequenceFile {
  /** As a person in the working folder would write it. */
  readonly file: string
  readonly data: SequenceData
  readonly dates: readonly string[]
}

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
        `trainer: ${flag} ${pattern}: no such file, here or in ${DEFAULTS.sequences}. Write sequence files with \`trainer sequences\`.`,
      )
    }
    return matches
  })
  return [...new Set(found)].toSorted()
}

/** Globs use / on every system. */
const toGlob = (path: string): string => path.replaceAll('\\', '/')

/** Reads sequence files. */
export async function readFiles(context: Context, paths: readonly string[]): Promise<SequenceFile[]> {
  const calendar = newYorkCalendar()
  const files: SequenceFile[] = []
  for (const path of paths) {
    context.signal.throwIfAborted()
    const data = await readSequences(path)
    const file = shown(context.cwd, path)
    const dates = [...new Set(Array.from(data.tsNs, (ns) => calendar.dateOf(ns)))].toSorted()
    files.push({ file, data: { ...data, source: file }, dates })
  }
  return files
}

/** The sessions of files, in order. */
export function sessionsOf(files: readonly SequenceFile[]): string[] {
  return [...new Set(files.flatMap(({ dates }) => dates))].toSorted()
}
