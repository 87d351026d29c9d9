import { aligned } from './cells.ts'

/** One thing that is wrong with bars, as the features package says it. */
export interface BarsFinding {
  readonly rule: string
  readonly place: string
  readonly count: number
  readonly counts: string
  readonly reason: string
  readonly fix: string
  readonly verdict: 'refused' | 'accepted' | 'note'
}

/** What is wrong with bars, as it is told. */
export interface BarsSummary {
  readonly accepted: boolean
  readonly files: readonly string[]
  readonly rows: number
  readonly bars: number
  readonly firstDate: string | null
  readonly lastDate: string | null
  readonly hasVolume: boolean
  /** Bars that each repair touches. */
  readonly repairs: Readonly<Record<string, number>>
  readonly findings: readonly BarsFinding[]
}

/** '3 bars', '1 session'. */
export const countText = ({ count, counts }: BarsFinding): string => `${count} ${counts}${count === 1 ? '' : 's'}`

/** The verdict in one sentence. */
export function barsVerdict({ accepted, bars, findings }: BarsSummary): string {
  if (bars === 0) return 'Refused: no bar is left'
  const refused = findings.filter(({ verdict }) => verdict === 'refused').length
  if (!accepted) return `Refused: ${refused} ${refused === 1 ? 'rule is' : 'rules are'} broken`
  return findings.length === 0 ? 'Accepted: nothing is wrong' : 'Accepted: no fault that must be refused'
}

/** Where bars reach, and what was done to them, in lines. */
export function barsLines({ bars, rows, firstDate, lastDate, hasVolume, repairs }: BarsSummary): string[] {
  const span = firstDate === null ? '' : `, ${firstDate} to ${lastDate}`
  const repaired = Object.entries(repairs).map(([name, count]) => `${name} ${count}`)
  return [
    `${bars} bars of ${rows} rows${span}`,
    ...(hasVolume ? [] : ['no volume: VWAP and its touches will be absent']),
    ...(repaired.length === 0 ? [] : [`repaired: ${repaired.join(', ')}`]),
  ]
}

/** What is wrong with bars, for a terminal: the verdict, a table, and what to do about each row of it. */
export function barsTable(check: BarsSummary & { readonly html: string }): string {
  const { findings } = check
  const rows = findings.map((finding) => [finding.rule, finding.verdict, countText(finding), finding.place])
  const table = rows.length === 0 ? [] : aligned([['rule', 'verdict', 'how many', 'first'], ...rows])
  const reasons = findings.flatMap(({ rule, reason, fix, verdict }) => [
    `${rule}: ${reason}.${verdict === 'refused' ? ` ${fix}.` : ''}`,
  ])
  const blocks = [
    [`${barsVerdict(check)}.`, ...barsLines(check).map((line) => `  ${line}`)],
    table,
    reasons,
    [
      `page: ${check.html}`,
      ...(check.accepted && check.bars > 0 ? ['Next: breakwater signals with the same --bars and flags'] : []),
    ],
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
