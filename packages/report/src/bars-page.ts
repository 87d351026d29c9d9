import type { Bars } from '@breakwater/features'
import { wideFigure } from './charts/chart.ts'
import { markName, priceChart } from './charts/price-chart.ts'
import { html, type Html } from './html/html.ts'
import { documentOf } from './html/document.ts'
import { rowHeading, table, textCell } from './html/table.ts'
import { type BarsFinding, barsLines, barsVerdict, type BarsSummary, countText } from './text/bars.ts'

/** What the page of bars shows. */
export interface CheckedBars extends Omit<BarsSummary, 'findings' | 'bars'> {
  readonly bars: Bars
  readonly findings: readonly (BarsFinding & { readonly times: readonly bigint[] })[]
}

/** The page of checked bars, as `renderBarsPage` describes it. This module loads the charting library. */
export function barsPageOf(checked: CheckedBars): string {
  const { bars, findings, files } = checked
  const summary: BarsSummary = { ...checked, bars: bars.rows }
  const first = files[0] ?? ''
  const name = files.length > 1 ? `${first} and ${files.length - 1} more` : first
  const body = html`<header>
      <p class="eyebrow">Breakwater: check of bars</p>
      <h1>${barsVerdict(summary)}</h1>
      <p class="lead">${name}: ${barsLines(summary).join('; ')}.</p>
    </header>
    ${bars.rows === 0 ? null : chartOf(checked)} ${findings.length === 0 ? null : findingsTable(findings)}`
  return documentOf(`Check of ${name}`, body)
}

function chartOf({ bars, findings }: CheckedBars): Html {
  const marks = findings.map(({ rule, times }) => ({ name: rule, times }))
  const key = findings.map(({ rule }, i) => `${rule}: ${markName(i)}`).join(', ')
  const note = key === '' ? 'Nothing is marked.' : `Marked, at most 200 bars of each: ${key}.`
  return wideFigure(
    'Lows and highs, bar by bar',
    priceChart(bars, marks, { id: 'prices', width: 1000 }),
    priceChart(bars, marks, { id: 'prices-narrow', width: 360 }),
    note,
  )
}

function findingsTable(findings: CheckedBars['findings']): Html {
  const headings = ['rule', 'verdict', 'how many', 'first', 'what', 'what to do'].map((name) => ({ name }))
  const rows = findings.map((finding) => [
    rowHeading(finding.rule),
    textCell(finding.verdict),
    textCell(countText(finding)),
    textCell(html`<code>${finding.place}</code>`),
    textCell(finding.reason),
    textCell(finding.verdict === 'refused' ? finding.fix : ''),
  ])
  return html`<h3>What was found</h3>
    ${table('Rules that the bars break', headings, rows)}`
}
