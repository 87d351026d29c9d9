import { checkSame, fitStatics, joinSequences } from '@breakwater/patchtst'
import type { SequenceData, StaticFill } from '@breakwater/patchtst'
import type { Context } from '../context.ts'
import { findFiles, readFiles } from './files.ts'
import type { SequenceFile } from './files.ts'
import { aboutFile } from './record.ts'
import { splitFiles } from './split.ts'
import type { SequenceSplit } from './split.ts'

/** What is read for a training, before it begins. */
export interface PatchTstInput {
  readonly split: SequenceSplit
  readonly train: SequenceData
  readonly validation: SequenceData
  readonly fill: StaticFill
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
  const read = await readFiles(context, trainPaths)
  const split = splitFiles(read, valPaths === undefined ? undefined : await readFiles(context, valPaths))
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
    `trainer: ${other.file}: array metadata: its labels are at ${meaning(found)}, those of ${first.file} at ${meaning(wanted)}. Write both with the same options.`,
  )
}
