import type { SequenceOptions, SequenceReport } from '@breakwater/models/sequences'

/** Which sequence files were written, as it is told. */
export interface SequencesSummary extends Pick<SequenceOptions, 'length' | 'channels' | 'anchor'> {
  readonly files: readonly SequenceReport[]
  /** Names of the columns known at the touch. */
  readonly statics: readonly string[]
}

/** What was written, for a person. */
export function sequencesText({ files, length, channels, statics, anchor }: SequencesSummary): string {
  const sum = (pick: (file: SequenceReport) => number): number => files.reduce((total, file) => total + pick(file), 0)
  const [first, last] = [files[0], files.at(-1)]
  const left = sum(({ leftOut }) => leftOut)
  const lines = [
    `${sum(({ samples }) => samples)} sequences of ${length} bars in ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${first?.date} to ${last?.date}`,
    `  channels: ${channels.join(', ')}`,
    `  statics: ${statics.length === 0 ? 'none' : `${statics.length} columns known at the touch`}`,
    `  labels at ${anchor}: ${sum(({ breaks }) => breaks)} breaks, ${sum(({ bounces }) => bounces)} bounces, the rest neither`,
    ...(left === 0 ? [] : [`  left out: ${left} touches without a bar on which every channel is known`]),
    `  written: ${first?.file}${files.length > 1 ? ` .. ${last?.file}` : ''}`,
    'Next: breakwater patchtst --train-files <earlier> --val-files <later>',
  ]
  return `${lines.join('\n')}\n`
}
