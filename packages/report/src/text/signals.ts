import type { SignalsReport } from '@breakwater/features'

/** What signals were made, as it is told. */
export interface SignalsSummary {
  /** Where they were written. */
  readonly output: string
  readonly rows: number
  readonly sessions: number
  readonly firstDate: string | null
  readonly lastDate: string | null
  /** Bars that each repair touched. */
  readonly repairs: object
  /** false where the bars had no volume; else absent. */
  readonly hasVolume?: boolean
  readonly report: SignalsReport
}

const list = (counts: object): string =>
  Object.entries(counts)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

/** What `signals` found, for a person. */
export function signalsText({
  output,
  rows,
  sessions,
  firstDate,
  lastDate,
  report,
  repairs,
  hasVolume,
}: SignalsSummary): string {
  const lines = [
    `${rows} touches in ${sessions} sessions, ${firstDate} to ${lastDate}`,
    `  by level: ${list(report.touchesByKind)}`,
    `  bars: ${report.bars.regular} regular, ${report.bars.preMarket} pre-market; left out: ${list(report.bars.ignored) || 'none'}`,
    `  without a direction, left out: ${report.noDirection}`,
  ]
  for (const [anchor, outcomes] of Object.entries(report.outcomes))
    lines.push(`  outcomes at ${anchor}: ${list(outcomes)}`)
  if (report.physics.rows > 0) {
    lines.push(`  physics: ${report.physics.touchesMatched} of ${rows} touches have a row of the source`)
  } else lines.push('  physics: no source, so its columns are missing')
  if (hasVolume === false) lines.push('  volume: none, so VWAP and its touches are absent')
  const repaired = list(repairs)
  if (repaired !== '') lines.push(`  repaired: ${repaired}`)
  lines.push(`  written: ${output}`, 'Next: breakwater train --stage stage_b')
  return `${lines.join('\n')}\n`
}
