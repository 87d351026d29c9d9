import { axis, type Chart, COLOURS, figure } from './chart.ts'
import type { EvaluationSet, HeadScores, Importance } from './evaluation.ts'
import { fixed, percent } from './format.ts'
import { html, type Html } from './html.ts'
import { KEY_HEADS, keyHead, shortTitle, type Thresholds } from './names.ts'
import { numberCell, rowHeading, table } from './table.ts'

const SHOWN = 10
const ROW_HEIGHT = 20

/** The columns that earned the most gain, for each key head. */
export function importanceSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const heads = KEY_HEADS.map((base) => keyHead(set, base))
    .filter((head) => head?.status === 'scored')
    .filter((head) => head.importance.length > 0)
  return html`<h3>What the models use</h3>
    <p class="note">Share of each head's total gain. It says what the trees split on, not what causes a break.</p>
    <div class="charts">${heads.map((head) => importanceFigure(head, id, thresholds))}</div>
    ${heads.length === 0 ? html`<p>No key head has importances.</p>` : null}`
}

function importanceFigure(head: HeadScores, id: string, thresholds: Thresholds): Html {
  const title = `${shortTitle(head.name, thresholds)}: gain by column`
  const top = head.importance.slice(0, SHOWN)
  const rows = head.importance.map(({ column, gain, share }) => [
    rowHeading(html`<code>${column}</code>`),
    numberCell(percent(share)),
    numberCell(fixed(gain, 2)),
  ])
  const columns = [{ name: 'Column' }, { name: 'Share of gain', numeric: true }, { name: 'Gain', numeric: true }]
  return html`<div class="chart">
    ${figure(title, importanceChart(`${id}-gain-${head.name.replaceAll(/\W/g, '-')}`, title, top))}
    <details class="values">
      <summary>All ${head.importance.length} columns</summary>
      ${table(`${head.name}: gain by column`, columns, rows)}
    </details>
  </div>`
}

function importanceChart(id: string, title: string, top: readonly Importance[]): Chart {
  return {
    id,
    width: 340,
    height: top.length * ROW_HEIGHT + 48,
    label: `${title}: ${top.map(({ column, share }) => `${column} ${percent(share, 0)}`).join(', ')}.`,
    option: {
      grid: { left: 178, right: 40, top: 4, height: top.length * ROW_HEIGHT, outerBoundsMode: 'none' },
      xAxis: axis('Share of gain, %', {
        type: 'value',
        nameGap: 26,
        splitNumber: 3,
        axisLabel: { color: COLOURS.muted, fontSize: 11, formatter: (value: number): string => percent(value, 0) },
      }),
      yAxis: axis('', {
        type: 'category',
        inverse: true,
        data: top.map(({ column }) => column),
        axisLabel: { color: COLOURS.ink, fontSize: 11, width: 166, overflow: 'truncate', interval: 0 },
        splitLine: { show: false },
      }),
      series: [
        {
          type: 'bar',
          silent: true,
          barWidth: 11,
          itemStyle: { color: COLOURS.accent, borderRadius: [0, 2, 2, 0] },
          label: {
            show: true,
            position: 'right',
            color: COLOURS.muted,
            fontSize: 11,
            formatter: ({ dataIndex }: { dataIndex: number }): string => percent(top[dataIndex]?.share ?? null, 0),
          },
          data: top.map(({ share }) => share ?? 0),
        },
      ],
    },
  }
}
