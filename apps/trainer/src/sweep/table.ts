import { METRICS } from '@breakwater/calibration'
import type { OptionValue } from './config.ts'
import type { SweepResult } from './sweep.ts'

const cell = (value: OptionValue | undefined): string =>
  typeof value === 'object' ? value.join(' ') : String(value ?? '-')

/** The trials from best to worst, one per line, with the options that differ between them. */
export function sweepTable({ metric, results, planned, resumed }: SweepResult): string {
  const options = results.map(({ signals, train }): Readonly<Record<string, OptionValue>> => ({ ...signals, ...train }))
  const names = [...new Set(options.flatMap((each) => Object.keys(each)))].filter(
    (name) => new Set(options.map((each) => cell(each[name]))).size > 1,
  )
  const header = ['trial', ...names, `${metric.head} ${metric.name}`, 'by fold']
  const rows = results.map(({ number, value, folds, error }, at) => [
    String(number),
    ...names.map((name) => cell(options[at]?.[name])),
    value === null ? '-' : value.toFixed(4),
    error ?? folds.map((fold) => (fold === null ? '-' : fold.toFixed(4))).join(', '),
  ])
  const table = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const lines = table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const before = resumed === 0 ? '' : `, ${resumed} of them done earlier`
  return (
    `${planned} trials${before}; ${metric.name} of ${metric.head} on validation dates, mean over folds, ` +
    `${METRICS[metric.name].better} is better\n${lines.join('\n')}\n`
  )
}
