import type { BinaryHead, EvaluationSet } from '@breakwater/evaluation'
import { figure } from '../charts/chart.ts'
import { curveChart, type Curves } from '../charts/curve-chart.ts'
import { fixed, percent } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { reachOf, shortTitle, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, table } from '../html/table.ts'

/** What acting on the forecasts would have met: ROC, precision and recall, lift, and both by threshold. */
export function decisionsSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html | null {
  const heads = set.heads.filter(
    (head): head is BinaryHead =>
      head.status === 'scored' &&
      head.task === 'binary' &&
      head.anchor === set.summary.anchor &&
      reachOf(head.name) === null &&
      head.operating.length > 0,
  )
  if (heads.length === 0) return null
  return html`<h3>Acting on a forecast</h3>
    <p class="note">
      Every touch whose forecast is at or above a threshold is acted on. Precision: the share of these that came true.
      Recall: of all touches that came true, the share acted on. Lift: precision divided by the base rate. Dashed:
      forecasts without skill.
    </p>
    ${heads.map((head) => headCharts(head, id, thresholds))}`
}

function headCharts(head: BinaryHead, id: string, thresholds: Thresholds): Html {
  const { operating, base_rate: base, name } = head
  const title = shortTitle(name, thresholds)
  const most = Math.max(2, Math.ceil(Math.max(...operating.map(({ precision }) => precision / base))))
  const rising = operating.toReversed()
  const charts: readonly (readonly [string, Curves])[] = [
    [
      'ROC',
      {
        x: 'False positives, %',
        y: 'Recall, %',
        lines: [
          {
            name: 'no skill',
            isReference: true,
            points: [
              [0, 0],
              [1, 1],
            ],
          },
          { name: title, points: [[0, 0], ...operating.map((at) => [at.false_positive_rate, at.recall] as const)] },
        ],
      },
    ],
    [
      'precision and recall',
      {
        x: 'Recall, %',
        y: 'Precision, %',
        lines: [
          {
            name: 'no skill',
            isReference: true,
            points: [
              [0, base],
              [1, base],
            ],
          },
          { name: title, points: operating.map((at) => [at.recall, at.precision] as const) },
        ],
      },
    ],
    [
      'lift',
      {
        x: 'Touches acted on, %',
        y: 'Lift',
        top: most,
        format: (value) => fixed(value, 1),
        lines: [
          {
            name: 'no skill',
            isReference: true,
            points: [
              [0, 1],
              [1, 1],
            ],
          },
          { name: title, points: operating.map((at) => [at.share, at.precision / base] as const) },
        ],
      },
    ],
    [
      'by threshold',
      {
        x: 'Threshold of the forecast, %',
        y: 'Precision; dashed recall, %',
        lines: [
          { name: 'precision', points: rising.map((at) => [at.threshold, at.precision] as const) },
          { name: 'recall', isSecond: true, points: rising.map((at) => [at.threshold, at.recall] as const) },
        ],
      },
    ],
  ]
  const figures = charts.map(([kind, curves], place) => {
    const caption = `${title}: ${kind}`
    return html`<div class="chart">
      ${figure(caption, curveChart(`${id}-act-${place}-${name.replaceAll(/\W/g, '-')}`, caption, curves))}
    </div>`
  })
  return html`<div class="charts">${figures}</div>
    <details class="values">
      <summary>Values</summary>
      ${pointsTable(head)}
    </details>`
}

function pointsTable({ name, operating, base_rate: base }: BinaryHead): Html {
  const columns = ['Acted on', 'Precision', 'Recall', 'False positives', 'Lift'].map((each) => ({
    name: each,
    numeric: true,
  }))
  const rows = operating.map((at) => [
    rowHeading(percent(at.threshold)),
    ...[at.share, at.precision, at.recall, at.false_positive_rate].map((value) => numberCell(percent(value))),
    numberCell(fixed(at.precision / base, 2)),
  ])
  return table(`${name}, outcomes of acting at or above a threshold`, [{ name: 'Threshold' }, ...columns], rows)
}
