import type { PatchTstFiles } from '@breakwater/models/patchtst'

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toFixed(4)

const span = (dates: readonly string[]): string =>
  `${dates.length} ${dates.length === 1 ? 'session' : 'sessions'}, ${dates[0]} to ${dates.at(-1)}`

/** What was trained and how it did on the validation files, for a person. */
export function patchTstText({ model, weights, json, details }: PatchTstFiles): string {
  const { record, history, bestEpoch, validation, device, threads } = details
  const best = history[bestEpoch - 1]
  const heads = Object.entries(validation).map(([head, { rows, ...scores }]) => {
    const figures = Object.entries(scores).map(([name, value]) => `${name} ${figure(value)}`)
    return `  ${head}: ${[`${rows} rows`, ...figures].join(', ')}`
  })
  return [
    `trained on ${record.trainSamples} sequences (${span(record.trainDates)})`,
    `validated on ${record.validationSamples} (${span(record.validationDates)})`,
    `${history.length} epochs on ${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}; the best is ${bestEpoch}: training loss ${figure(best?.trainLoss)}, validation loss ${figure(best?.validationLoss)}`,
    'on the validation files, which decided which epoch is kept:',
    ...heads,
    `model: ${model}`,
    `weights: ${weights}`,
    `description: ${json}`,
    'Next: breakwater compare --test-files <sequences of later sessions>',
    '',
  ].join('\n')
}
