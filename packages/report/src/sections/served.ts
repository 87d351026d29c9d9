import type { PublishedGroup, PublishedHead, PublishedRanking, ServedEvaluation } from '@breakwater/evaluation'
import { type Chart, wideFigure } from '../charts/chart.ts'
import { surfaceChart } from '../charts/surface-chart.ts'
import { fixed, percent, plural, shortTime, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { headTitle, placeName, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, scoreCell, table, textCell } from '../html/table.ts'
import { agreementText, groupsInOrder, inSampleText, judgedCells, rankingText } from '../text/served.ts'

/** What was published, against what happened; nothing where it was not evaluated. */
export function servedSection(served: ServedEvaluation | null): Html | null {
  if (served === null) return null
  const { payloads, targets, sessions, source, thresholds, heads } = served
  const versions = Object.entries(payloads.versions).map(([version, count]) => `${whole(count)} of version ${version}`)
  return html`<section aria-labelledby="published">
    <h2 id="published">What was published</h2>
    <p class="note">
      ${source}: ${whole(payloads.scored)} of ${plural(payloads.read, 'payload')} (${versions.join(', ')}), the first of
      each minute, with ${plural(targets, 'target')} in ${plural(sessions.length, 'session')};
      ${whole(payloads.refused)} refused. Every number is compared with what the bars show in its window, by the
      definitions of the labels. A band is the range that calibrated numbers of the same rows would show by chance,
      given how far outcomes of overlapping rows agree. Payloads of version 1 have no time for their numbers: their
      windows begin at the payload.
    </p>
    ${inSampleText(served) === null ? null : html`<p class="warning" role="note">${inSampleText(served)}.</p>`}
    <p><b>${agreementText(served)}.</b></p>
    <p>${rankingText(served)}.</p>
    ${rankingTable(served.ranking)} ${touchFigures(served)} ${cellTable(served)} ${headTable(heads, thresholds)}
    ${heads.flatMap((head) => headDetails(head, thresholds) ?? [])}
  </section>`
}

/** The surfaces of a touch as they evolved, break and bounce. */
function touchFigures({ touch, thresholds }: ServedEvaluation): Html | null {
  if (touch === null) return null
  const { kind, price, direction, touched, moments } = touch
  const from = direction === 'UP' ? 'below' : 'above'
  const figures = (['break', 'bounce'] as const).map((side) => {
    const title = `${kind} ${fixed(price, 2)} from ${from}: chance of ${side} as it evolved`
    const chart = (id: string, width: number): Chart =>
      surfaceChart(`published-${side}-${id}`, title, { touch, side, thresholds, width })
    return wideFigure(
      title,
      chart('wide', 1040),
      chart('narrow', 340),
      'Percent by threshold and horizon, from each minute on. Below: how far price was beyond the level, in dollars.',
    )
  })
  return html`<h3>A touch, minute by minute</h3>
    <p class="note">
      Touched ${shortTime(touched)}; of all touches in the file, this one had the most left to forecast,
      ${plural(moments.length, 'minute')}.
    </p>
    ${figures}`
}

const three = (value: number | null): string => fixed(value, 3)

function rankingTable(ranking: readonly PublishedRanking[]): Html | null {
  if (ranking.length === 0) return null
  const rows = ranking.map(({ order, agreement, gain, lead, sessions }) => [
    rowHeading(html`<code>${order}</code>`),
    scoreCell(agreement, three),
    gain === null ? numberCell('–') : scoreCell(gain, three),
    scoreCell(lead, three),
    numberCell(whole(sessions)),
  ])
  const columns = ['Agreement', 'More than utility_score', 'First moved more, $', 'Sessions']
  return table(
    'Orders of targets: Spearman’s correlation with how far price moved from the level, and how many dollars more the first target of a payload moved than the mean of its targets',
    [{ name: 'Ordered by' }, ...columns.map((name) => ({ name, numeric: true }))],
    rows,
  )
}

const RATES = ['Rows', 'Effective rows', 'Published', 'Observed', 'By chance'].map((name) => ({ name, numeric: true }))

type Rates = Omit<PublishedGroup, 'name'>

const rates = ({ rows, effective_rows, mean_prediction, observed_rate, band }: Rates): Html[] => [
  numberCell(whole(rows)),
  numberCell(whole(Math.round(effective_rows))),
  numberCell(percent(mean_prediction)),
  numberCell(percent(observed_rate)),
  numberCell(`${percent(band.low)} to ${percent(band.high)}`),
]

/** A longer table of cells is closed at first. */
const MOST_OPEN = 20

function cellTable(served: ServedEvaluation): Html | null {
  const { off } = judgedCells(served)
  if (off.length === 0) return null
  const rows = off.map(({ head, cell }) => [
    rowHeading(html`${headTitle(head.name, served.thresholds)}<code>${head.name}</code>`),
    textCell(cell.state),
    numberCell(placeName(cell)),
    ...rates(cell),
  ])
  return html`<details${off.length > MOST_OPEN ? null : html` open`}>
    <summary>${plural(off.length, 'cell')} outside the band</summary>
    ${table('Cells in which published forecasts and outcomes disagree', [{ name: 'Question' }, { name: 'State' }, { name: 'Price beyond the level', numeric: true }, ...RATES], rows)}
  </details>`
}

function headTable(heads: readonly PublishedHead[], thresholds: Thresholds): Html {
  const columns = ['Rows', 'Effective rows', 'Published', 'Observed', 'Loss', 'ECE', 'By chance'].map((name) => ({
    name,
    numeric: true,
  }))
  const rows = heads.map((head) => {
    const isRate = head.task === 'binary'
    const mean = (value: number): string => (isRate ? percent(value) : fixed(value, 3))
    return [
      rowHeading(html`${headTitle(head.name, thresholds)}<code>${head.name}</code>`),
      numberCell(whole(head.rows)),
      numberCell(isRate ? whole(Math.round(head.effective_rows)) : '–'),
      numberCell(mean(head.mean_prediction)),
      numberCell(mean(head.mean_outcome)),
      scoreCell(head.loss, (value) => fixed(value, 4)),
      numberCell(percent(head.ece)),
      numberCell(head.null_ece === null ? '–' : `${percent(head.null_ece.low)} to ${percent(head.null_ece.high)}`),
    ]
  })
  return table(
    'Every question that payloads answer: log loss, and absolute error in dollars for strength',
    [{ name: 'Question' }, ...columns],
    rows,
  )
}

function headDetails(head: PublishedHead, thresholds: Thresholds): Html | null {
  const { name, groups, cells, masked } = head
  if (groups === null) return null
  const grouped = groupsInOrder(groups).map(({ by, group }) => [
    rowHeading(by),
    textCell(group.name),
    ...rates(group),
    numberCell(fixed(group.log_loss, 4)),
  ])
  const placed = cells.map((cell) => [
    rowHeading(cell.state),
    numberCell(placeName(cell)),
    ...rates(cell),
    numberCell(fixed(cell.log_loss, 4)),
  ])
  const left = Object.entries(masked).map(([reason, rows]) => `${reason} ${whole(rows)}`)
  const loss = { name: 'Log loss', numeric: true }
  return html`<details class="values">
    <summary>${headTitle(name, thresholds)} <code>${name}</code></summary>
    ${table(`${name} by state, basis, stage, age and distance`, [{ name: 'By' }, { name: 'Group' }, ...RATES, loss], grouped)}
    ${table(`${name} by state and by where price stands`, [{ name: 'State' }, { name: 'Price beyond the level', numeric: true }, ...RATES, loss], placed)}
    ${left.length === 0 ? null : html`<p class="note">Not compared: ${left.join(', ')}.</p>`}
  </details>`
}
