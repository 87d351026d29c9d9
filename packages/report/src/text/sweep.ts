import { aligned } from './cells.ts'

type OptionValue = string | number | readonly [number, number]
type Options = Readonly<Record<string, OptionValue>>

/** The trials of a sweep, as they are told. */
export interface SweepSummary {
  readonly metric: { readonly head: string; readonly name: string }
  /** Which way the metric is better; null where neither is. */
  readonly better: 'higher' | 'lower' | null
  readonly planned: number
  /** Trials that an earlier process had done. */
  readonly resumed: number
  /** From best to worst; value null where a trial has none, and error why. */
  readonly results: readonly {
    readonly number: number
    readonly signals: Options
    readonly train: Options
    readonly value: number | null
    readonly folds: readonly (number | null)[]
    readonly error: string | null
  }[]
}

const cell = (value: OptionValue | undefined): string =>
  typeof value === 'object' ? value.join(' ') : String(value ?? '-')

/** The trials from best to worst, one per line, with the options that differ between them. */
export function sweepTable({ metric, better, results, planned, resumed }: SweepSummary): string {
  const options = results.map(({ signals, train }): Options => ({ ...signals, ...train }))
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
  const lines = aligned([header, ...rows])
  const before = resumed === 0 ? '' : `, ${resumed} of them done earlier`
  return (
    `${planned} trials${before}; ${metric.name} of ${metric.head} on validation dates, mean over folds` +
    `${better === null ? '' : `, ${better} is better`}\n${lines.join('\n')}\n`
  )
}
