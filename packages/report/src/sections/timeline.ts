import type { EvaluationSet, PlanFold } from '@breakwater/evaluation'
import { wideFigure } from '../charts/chart.ts'
import { plural, shortDate, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { numberCell, rowHeading, table, textCell } from '../html/table.ts'
import { TIMELINE_ROLES, timelineChart } from '../charts/timeline-chart.ts'

/** When each fold trained, stopped early, calibrated and was tested, as a picture and as a table. */
export function timelineSection({ plan }: EvaluationSet, id: string): Html {
  const legend = TIMELINE_ROLES.filter(({ role }) => plan.folds.some((fold) => fold[role].length > 0)).map(
    ({ role, name }) => html`<span><i class="swatch" style="background:var(--${role})"></i>${name}</span>`,
  )
  const title = html`Walk-forward plan (${plan.kind}, ${plural(plan.folds.length, 'fold')})<span class="legend"
      >${legend}</span
    >`
  return html`<h3>Walk-forward timeline</h3>
    ${wideFigure(
      title,
      timelineChart(`${id}-timeline`, plan, 1040),
      timelineChart(`${id}-timeline-narrow`, plan, 344),
      'One row per fold, sessions from left to right. Numbers count sessions. No model is fitted on sessions later than those it forecasts.',
    )}
    <details class="values">
      <summary>Dates and rows of each fold</summary>
      ${foldTable(plan.folds)}
    </details>`
}

function foldTable(folds: readonly PlanFold[]): Html {
  const roles = TIMELINE_ROLES.filter(({ role }) => role !== 'embargoed' && folds.some((fold) => fold[role].length > 0))
  const columns = [
    { name: 'Fold' },
    ...roles.map(({ name }) => ({ name: `${name} dates` })),
    ...roles.map(({ name }) => ({ name: `${name} rows`, numeric: true })),
    { name: 'Purged rows', numeric: true },
    { name: 'Embargoed sessions', numeric: true },
  ]
  const rows = folds.map((fold) => [
    rowHeading(`Fold\u00A0${fold.index + 1}`),
    ...roles.map(({ role }) => textCell(dateRange(fold[role]))),
    ...roles.map(({ role }) => numberCell(role === 'embargoed' ? '' : whole(fold.counts[role]))),
    numberCell(whole(fold.counts.purged)),
    numberCell(whole(fold.embargoed.length)),
  ])
  return table(
    'Dates and rows of each fold; the label windows of purged rows end after a later part begins',
    columns,
    rows,
  )
}

function dateRange(dates: readonly string[]): Html {
  const [first] = dates
  if (first === undefined) return html`–`
  const last = dates.at(-1) ?? first
  return html`${shortDate(first, true)}${last === first ? null : html` to ${shortDate(last, true)}`}`
}
