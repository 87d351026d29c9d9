import { sessionsOf } from './files.ts'
import type { SequenceFile } from './files.ts'

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
  const fix =
    'Validation files must be of later sessions; without --val-files the last eighth of the training files validates.'
  if (both.length > 0) {
    throw new Error(
      `trainer: --val-files: walk-forward violation: ${list(both)} ${both.length === 1 ? 'is' : 'are'} in --train-files too. ${fix}`,
    )
  }
  const last = trained.at(-1) ?? ''
  const early = validated.filter((date) => date < last)
  if (early.length > 0) {
    throw new Error(
      `trainer: --val-files: walk-forward violation: ${list(early)} before ${last} of --train-files. ${fix}`,
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
      `trainer: --train-files: ${ordered.length} ${ordered.length === 1 ? 'file' : 'files'}: one to train on and a later one to validate on are needed. Write more sessions, or give --val-files.`,
    )
  }
  return splitFiles(ordered.slice(0, -count), ordered.slice(-count))
}
