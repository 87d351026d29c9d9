import { newYorkCalendar } from '@breakwater/features'
import {
  checkSame,
  fitStatics,
  joinSequences,
  readSequences,
  type SequenceData,
  type StaticFill,
} from '@breakwater/patchtst'
import { currentSequences } from '../sequences/files.ts'
import { aboutFile } from './record.ts'

/** A sequence file with the sessions that its samples lie in. */
export interface SequenceFile {
  /** As its reader calls it. */
  readonly file: string
  readonly data: SequenceData
  readonly dates: readonly string[]
}

/** Reads sequence files; `nameOf` is what records and messages call them, their path by default. */
export async function readSequenceFiles(
  paths: readonly string[],
  { signal, nameOf }: { readonly signal?: AbortSignal; readonly nameOf?: (path: string) => string } = {},
): Promise<SequenceFile[]> {
  const calendar = newYorkCalendar()
  const files: SequenceFile[] = []
  const current = await currentSequences(paths)
  for (const [i, path] of paths.entries()) {
    signal?.throwIfAborted()
    const data = await readSequences(current[i] ?? path)
    const file = nameOf?.(path) ?? path
    const dates = [...new Set(Array.from(data.tsNs, (ns) => calendar.dateOf(ns)))].toSorted()
    files.push({ file, data: { ...data, source: file }, dates })
  }
  return files
}

/** The sessions of files, in order. */
export function sessionsOf(files: readonly SequenceFile[]): string[] {
  return [...new Set(files.flatMap(({ dates }) => dates))].toSorted()
}

/** Files to learn from, and later ones that choose when to stop. */
export interface SequenceSplit {
  readonly train: readonly SequenceFile[]
  readonly validation: readonly SequenceFile[]
}

/**
 * Checks that every validation session comes after every training session. Without validation files the last eighth of the
 * training files (at least one) is kept for it.
 */
export function splitFiles(
  train: readonly SequenceFile[],
  validation: readonly SequenceFile[] | undefined,
): SequenceSplit {
  if (validation === undefined) return keepLast(train)
  const trained = sessionsOf(train)
  const validated = sessionsOf(validation)
  const both = validated.filter((date) => trained.includes(date))
  const fix = 'Validation files must be of later sessions; without any the last eighth of the training files validates.'
  if (both.length > 0) {
    throw new Error(
      `models: validation files: walk-forward violation: ${list(both)} ${both.length === 1 ? 'is' : 'are'} in the training files too. ${fix}`,
    )
  }
  const last = trained.at(-1) ?? ''
  const early = validated.filter((date) => date < last)
  if (early.length > 0) {
    throw new Error(
      `models: validation files: walk-forward violation: ${list(early)} before ${last} of the training files. ${fix}`,
    )
  }
  return { train, validation }
}

const SHOWN = 5
const list = (dates: readonly string[]): string =>
  dates.length > SHOWN ? `${dates.slice(0, SHOWN).join(' ')} and ${dates.length - SHOWN} more` : dates.join(' ')

function keepLast(files: readonly SequenceFile[]): SequenceSplit {
  const ordered = files.toSorted((a, b) => ((a.dates[0] ?? '') < (b.dates[0] ?? '') ? -1 : 1))
  const count = Math.max(1, Math.floor(ordered.length / 8))
  if (ordered.length < 2) {
    throw new Error(
      `models: training files: ${ordered.length} ${ordered.length === 1 ? 'file' : 'files'}: one to train on and a later one to validate on are needed. Write more sessions, or give validation files.`,
    )
  }
  return splitFiles(ordered.slice(0, -count), ordered.slice(-count))
}

/** What PatchTST is trained on. */
export interface PatchTstInput {
  readonly split: SequenceSplit
  readonly train: SequenceData
  readonly validation: SequenceData
  readonly fill: StaticFill
}

/** Joins the files of a split, checked against one another, and learns how to fill their statics from the training ones. */
export function joinInput(split: SequenceSplit): PatchTstInput {
  const [first] = split.train
  for (const file of [...split.train, ...split.validation]) {
    if (first !== undefined) checkTogether(first, file)
  }
  const train = joinSequences(split.train.map(({ data }) => data))
  const validation = joinSequences(split.validation.map(({ data }) => data))
  return { split, train, validation, fill: fitStatics(train) }
}

/** Throws where two files differ in shape, or in what their labels mean. */
function checkTogether(first: SequenceFile, other: SequenceFile): void {
  checkSame(first.data, other.data)
  const [wanted, found] = [aboutFile(first.data.metadata), aboutFile(other.data.metadata)]
  const meaning = (about: typeof wanted): string =>
    about === null ? 'nothing' : `${about.anchor} and $${about.thresholds.join(' and $')}`
  if (meaning(wanted) === meaning(found)) return
  throw new Error(
    `models: ${other.file}: array metadata: its labels are at ${meaning(found)}, those of ${first.file} at ${meaning(wanted)}. Write both with the same options.`,
  )
}
