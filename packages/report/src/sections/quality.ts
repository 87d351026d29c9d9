import type { DataQuality, EvaluationSet, HeadEvaluation } from '@breakwater/evaluation'
import { percent, plural, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { headTitle, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, table, textCell } from '../html/table.ts'

/** What the data lacks and which rows and heads were left out, each with its reason. */
export function qualitySection(set: EvaluationSet, thresholds: Thresholds): Html {
  const { dataQuality, heads, plan } = set
  const empty = dataQuality.allMissing.length
  const purged = plan.folds.reduce((sum, fold) => sum + fold.counts.purged, 0)
  return html`<h3>Data quality</h3>
    <ul class="findings">
      <li>
        ${plural(dataQuality.missing.length, 'column')} of ${whole(dataQuality.columns)} have missing values;
        ${empty === 0 ? 'none is entirely empty' : `${whole(empty)} of them have no values`}.
      </li>
      <li>${unseen(dataQuality)}</li>
      <li>
        ${purged === 0 ? 'No row was purged: no label window ends after a later part of the plan begins.' : `${plural(purged, 'row')} purged over all folds, because their label windows end after a later part of the plan begins.`}
      </li>
      <li>${skipped(heads)}</li>
    </ul>
    ${emptyColumns(dataQuality)} ${missingTable(dataQuality)} ${unseenTable(dataQuality)}
    ${maskedTables(heads, thresholds)}`
}

const unseen = ({ unseenCategories }: DataQuality): string => {
  const rows = unseenCategories.reduce((sum, category) => sum + category.rows, 0)
  if (rows === 0) return 'Every category occurred in training.'
  return `${plural(rows, 'value')} of ${plural(unseenCategories.length, 'category').replace('categorys', 'categories')} that never occurred in training.`
}

const skipped = (heads: readonly HeadEvaluation[]): string => {
  const count = heads.filter(({ status }) => status === 'skipped').length
  return count === 0
    ? 'No head was skipped.'
    : `${whole(count)} of ${plural(heads.length, 'head')} skipped; the reasons are listed with the scores.`
}

function emptyColumns({ allMissing }: DataQuality): Html | null {
  if (allMissing.length === 0) return null
  const names = allMissing.map((column) => html`<li><code>${column}</code></li>`)
  return html`<details class="values">
    <summary>Columns without any value</summary>
    <ul class="names">
      ${names}
    </ul>
  </details>`
}

function missingTable({ missing, allMissing }: DataQuality): Html | null {
  const some = missing.filter(({ column }) => !allMissing.includes(column))
  if (some.length === 0) return null
  const rows = some.map(({ column, rows: count, rate }) => [
    rowHeading(html`<code>${column}</code>`),
    numberCell(whole(count)),
    numberCell(
      html`${percent(rate)}<span class="bar fill" aria-hidden="true"
          ><i style="left:0;right:${((1 - rate) * 100).toFixed(1)}%"></i
        ></span>`,
    ),
  ])
  const columns = [{ name: 'Column' }, { name: 'Rows missing', numeric: true }, { name: 'Rate', numeric: true }]
  return html`<details class="values">
    <summary>Missing values by column</summary>
    ${table('Columns with missing values', columns, rows)}
  </details>`
}

function unseenTable({ unseenCategories }: DataQuality): Html | null {
  if (unseenCategories.length === 0) return null
  const rows = unseenCategories.map(({ column, category, rows: count }) => [
    rowHeading(html`<code>${column}</code>`),
    textCell(category),
    numberCell(whole(count)),
  ])
  const columns = [{ name: 'Column' }, { name: 'Category' }, { name: 'Rows', numeric: true }]
  return html`<details class="values">
    <summary>Categories never seen in training</summary>
    ${table('Categories that never occurred in training', columns, rows)}
  </details>`
}

/** Masked rows by reason over all heads, then every head's own. */
function maskedTables(heads: readonly HeadEvaluation[], thresholds: Thresholds): Html | null {
  const reasons = [...new Set(heads.flatMap(({ masked }) => masked.map(({ reason }) => reason)))]
  if (reasons.length === 0) return null
  const byReason = reasons.map((reason) => {
    const counts = heads
      .flatMap(({ masked }) => masked.filter((mask) => mask.reason === reason))
      .map(({ rows }) => rows)
    const [least, most] = [Math.min(...counts), Math.max(...counts)]
    const range = least === most ? whole(least) : `${whole(least)} to ${whole(most)}`
    return [rowHeading(reason), numberCell(whole(counts.length)), numberCell(range)]
  })
  const byHead = heads.map((head) => [
    rowHeading(html`${headTitle(head.name, thresholds)}<code>${head.name}</code>`),
    numberCell(head.status === 'scored' ? whole(head.rows) : '–'),
    ...reasons.map((reason) => numberCell(whole(head.masked.find((mask) => mask.reason === reason)?.rows ?? 0))),
  ])
  const numeric = reasons.map((name) => ({ name, numeric: true }))
  return html`${table('Rows without a valid target for a head: masked, not negatives', [{ name: 'Reason' }, { name: 'Heads', numeric: true }, { name: 'Rows masked in each', numeric: true }], byReason)}
    <details class="values">
      <summary>Masked rows by head</summary>
      ${table('Masked rows by head', [{ name: 'Head' }, { name: 'Scored', numeric: true }, ...numeric], byHead)}
    </details>`
}
