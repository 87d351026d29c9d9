import type { EvaluationSet, HeadScores, Importance, Score } from '@breakwater/evaluation'
import { barChart, type Bars } from '../charts/bar-chart.ts'
import { figure } from '../charts/chart.ts'
import { fixed, percent, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { anchorTitle, KEY_HEADS, keyHead, shortTitle, type Thresholds } from '../html/names.ts'
import { barScale, numberCell, rowHeading, scoreCell, table } from '../html/table.ts'

const SHOWN = 10

/** The columns that earned the most gain, and those that moved the forecasts most, for each key head. */
export function importanceSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const heads = KEY_HEADS.map((base) => keyHead(set, base))
    .filter((head) => head?.status === 'scored')
    .filter((head) => head.importance.length > 0)
  return html`${columnGains(set)}
    <h3>What the models use</h3>
    <p class="note">Share of each head's total gain. It shows what the trees split on, not what causes a break.</p>
    <div class="charts">${heads.map((head) => importanceFigure(head, id, thresholds))}</div>
    ${heads.length === 0 ? html`<p>No key head has importances.</p>` : null}
    <h3>What moves the forecasts</h3>
    <p class="note">
      Mean size of each column's contribution to the raw score (exact Shapley values by TreeSHAP), on rows that the last
      fold was scored
      on${set.final === null ? ', none of which the model trained on' : '; the served model has seen them too'}.
      Correlated columns share their contribution.
    </p>
    <div class="charts">${heads.map((head) => attributionFigure(head, id, thresholds))}</div>
    ${heads.length === 0 ? html`<p>No key head has a model.</p>` : null}`
}

/** What each column adds beyond the law through its tilt, by what is lost without it. */
function columnGains({ columnsBeyondLaw: found }: EvaluationSet): Html {
  const title = html`<h3>What each column adds beyond the law</h3>`
  if ('reason' in found)
    return html`${title}
      <p>Not computed: ${found.reason}.</p>`
  const { anchor, rows, sessions, heads, swaps, all, columns, others } = found
  const scale = barScale(
    columns.map(({ gain }) => gain),
    0,
  )
  const row = (name: Html, { gain, direction }: { readonly gain: Score; readonly direction: Score }): Html[] => [
    rowHeading(name),
    scoreCell(gain, fiveDigits, scale),
    scoreCell(direction, fourDigits),
  ]
  const told = columns.map(({ column, ...gains }) => row(html`<code>${column}</code>`, gains))
  const rest = others === null ? [] : [row(html`${whole(others.columns.length)} other columns together`, others)]
  return html`${title}
    <p class="note">
      The increase in log loss when the law's tilt sees a column from other sessions in place of its own (${swaps} for
      each session), ${anchorTitle(anchor)}, on ${whole(rows)} test rows in ${whole(sessions)} sessions of the last
      fold; the law itself does not change. Below each figure is its interval from resampled sessions: if that includes
      0, these sessions do not show that the column adds anything. Columns that carry the same information replace each
      other.
    </p>
    ${table('Columns, largest gain first', GAIN_COLUMNS(heads), [row(html`All columns together`, all), ...told, ...rest])}`
}

const GAIN_COLUMNS = (heads: number): { readonly name: string; readonly numeric?: boolean }[] => [
  { name: 'Column' },
  { name: `Gain, mean of ${heads} heads`, numeric: true },
  { name: 'Gain, direction', numeric: true },
]

const fourDigits = (value: number | null): string => fixed(value, 4)
const fiveDigits = (value: number | null): string => fixed(value, 5)

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
    ${figure(title, barChart(`${id}-gain-${head.name.replaceAll(/\W/g, '-')}`, title, gainBars(top)))}
    <details class="values">
      <summary>All ${head.importance.length} columns</summary>
      ${table(`${head.name}: gain by column`, columns, rows)}
    </details>
  </div>`
}

const gainBars = (top: readonly Importance[]): Bars => ({
  axis: 'Share of gain, %',
  format: (value) => percent(value, 0),
  bars: top.map(({ column, share }) => ({ name: column, value: share ?? 0 })),
})

function attributionFigure({ name, attributions }: HeadScores, id: string, thresholds: Thresholds): Html {
  const title = `${shortTitle(name, thresholds)}: mean contribution by column`
  if (attributions === null || 'reason' in attributions) {
    const reason = attributions?.reason ?? 'the bundle has no model of this head, or no row of the last fold was scored'
    return html`<div class="chart">
      <h4>${title}</h4>
      <p>Not computed: ${reason}.</p>
    </div>`
  }
  const { columns, rows, unit } = attributions
  const bars = columns.slice(0, SHOWN).map(({ column, meanAbsolute }) => ({ name: column, value: meanAbsolute }))
  const chart = { axis: `Mean contribution, ${unit}`, format: (value: number): string => fixed(value, 2), bars }
  const used = columns.filter(({ meanAbsolute }) => meanAbsolute > 0)
  const cells = used.map(({ column, meanAbsolute, mean }) => [
    rowHeading(html`<code>${column}</code>`),
    numberCell(fixed(meanAbsolute, 4)),
    numberCell(fixed(mean, 4)),
  ])
  return html`<div class="chart">
    ${figure(title, barChart(`${id}-shap-${name.replaceAll(/\W/g, '-')}`, title, chart), `${whole(rows)} rows`)}
    <details class="values">
      <summary>All ${used.length} columns that contribute</summary>
      ${table(
        `${name}: contribution by column, ${unit}`,
        [{ name: 'Column' }, { name: 'Mean size', numeric: true }, { name: 'Mean', numeric: true }],
        cells,
      )}
    </details>
  </div>`
}
