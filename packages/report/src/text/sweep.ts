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
  readonly rows: { readonly scored: number; readonly unshared: number }
  readonly sessions: { readonly scored: readonly string[]; readonly outer: readonly string[] }
  readonly choice: {
    readonly number: number
    readonly value: number
    readonly trials: number
    readonly gain: number
    readonly gainByChance: number | null
    readonly corrected: number | null
    readonly pValue: number | null
    readonly reason?: string
  } | null
  /** From best to worst; value null where a trial has none, and error why. */
  readonly results: readonly {
    readonly number: number
    readonly signals: Options
    readonly train: Options
    readonly value: number | null
    readonly folds: readonly (number | null)[]
    readonly error: string | null
    /** Inner folds after which successive halving stopped it. */
    readonly stopped?: number | null
  }[]
}

const cell = (value: OptionValue | undefined): string =>
  typeof value === 'object' ? value.join(' ') : String(value ?? '-')

/** The trials from best to worst, one per line, with the options that differ between them, and what the choice is worth. */
export function sweepTable({ metric, better, results, planned, resumed, ...scored }: SweepSummary): string {
  const options = results.map(({ signals, train }): Options => ({ ...signals, ...train }))
  const names = [...new Set(options.flatMap((each) => Object.keys(each)))].filter(
    (name) => new Set(options.map((each) => cell(each[name]))).size > 1,
  )
  const header = ['trial', ...names, `${metric.head} ${metric.name}`, 'by fold']
  const rows = results.map(({ number, value, folds, error, stopped = null }, at) => [
    String(number),
    ...names.map((name) => cell(options[at]?.[name])),
    value === null ? '-' : figure(value),
    (error ?? folds.map((fold) => (fold === null ? '-' : figure(fold))).join(', ')) +
      (stopped === null ? '' : ', stopped'),
  ])
  const lines = aligned([header, ...rows])
  const before = resumed === 0 ? '' : `, ${resumed} of them done earlier`
  return (
    `${planned} trials${before}; ${metric.name} of ${metric.head}${better === null ? '' : `, ${better} is better`}\n` +
    `${scoredText(scored)}\n${lines.join('\n')}\n${choiceText(scored.choice)}${stoppedText(results)}${nextText(scored.choice)}`
  )
}

const figure = (value: number): string => value.toFixed(4)

/** At most the first and the last of some sessions. */
const range = (dates: readonly string[]): string =>
  `${dates.length} ${dates.length === 1 ? 'session' : 'sessions'}, ${dates[0]} to ${dates.at(-1)}`

function scoredText({ rows, sessions }: Pick<SweepSummary, 'rows' | 'sessions'>): string {
  const unshared = rows.unshared === 0 ? '' : `; ${rows.unshared} rows that not all trials have are left out`
  const outer =
    sessions.outer.length === 0
      ? 'no outer block: score the choice on sessions after all of these'
      : `outer block (${range(sessions.outer)}): read by no trial`
  return `scored on ${rows.scored} rows of inner folds (${range(sessions.scored)})${unshared}\n${outer}`
}

function stoppedText(results: SweepSummary['results']): string {
  const stopped = results.filter((result) => (result.stopped ?? null) !== null).length
  if (stopped === 0) return ''
  return `${stopped} trials were stopped by successive halving; the correction does not count them, so its p is too small\n`
}

function nextText(choice: SweepSummary['choice']): string {
  return choice === null
    ? ''
    : `Next: breakwater train with the options of trial ${choice.number}, then breakwater evaluate\n`
}

function choiceText(choice: SweepSummary['choice']): string {
  if (choice === null) return ''
  const { number, trials, gain, gainByChance, corrected, pValue } = choice
  if (gainByChance === null || corrected === null || pValue === null) {
    return `trial ${number} is best; not corrected for the choice: ${choice.reason ?? ''}\n`
  }
  return (
    `trial ${number} is ${figure(gain)} better than the mean of ${trials} trials; the best of ${trials} equally good trials would be ` +
    `${figure(gainByChance)} better (p = ${pValue.toFixed(3)})\n` +
    `its value corrected for the choice: ${figure(corrected)}\n`
  )
}
