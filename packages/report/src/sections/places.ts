import type { BinaryHead, EvaluationSet, PlaceCell } from '@breakwater/evaluation'
import { figure } from '../charts/chart.ts'
import { placeChart } from '../charts/place-chart.ts'
import { percent, plural, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { headTitle, placeName, reachOf, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, table } from '../html/table.ts'

/** Cells with fewer rows are shown and not judged. */
const JUDGED_ROWS = 200

/** Reliability by where price stood, at the anchor of the summary: cells that are off by name, charts, and every cell in a table. */
export function placesSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html | null {
  const heads = set.heads.filter(
    (head): head is BinaryHead =>
      head.status === 'scored' &&
      head.task === 'binary' &&
      head.anchor === set.summary.anchor &&
      head.places.length > 0,
  )
  if (heads.length === 0) return null
  const judged = heads.flatMap((head) => head.places.filter(isJudged).map((cell) => ({ head, cell })))
  const off = judged.filter(({ cell }) => isOff(cell))
  const main = heads.filter(({ name }) => reachOf(name) === null)
  const reach = heads.filter(({ name }) => reachOf(name) !== null)
  const chart = (head: BinaryHead): Html => placeFigure(head, id, thresholds)
  return html`<h3>Reliability by where price stands</h3>
    <p class="note">
      Mean forecast (dashed) and observed rate (points) by the distance of the price from the level when the forecast
      was made, positive beyond it. Grey: rates that calibrated forecasts of the same touches would show by chance in 95
      of 100 cases; outcomes of touches that overlap are drawn together as often as they agree in these data.
    </p>
    <p>
      ${off.length === 0 ? 'Every' : html`${whole(judged.length - off.length)} of ${whole(judged.length)}`} cells of
      ${whole(JUDGED_ROWS)} rows or more agree within the
      band${off.length === 0 ? html` (${whole(judged.length)} cells).` : html`; by chance ${whole(judged.length * 0.05)} would not.`}
    </p>
    ${off.length === 0 ? null : offTable(off, thresholds)}
    <div class="charts">${main.map((head) => chart(head))}</div>
    ${
      reach.length === 0
        ? null
        : html`<details>
            <summary>
              <h4>Reach heads by where price stands</h4>
              <small>${plural(reach.length, 'chart')}</small>
            </summary>
            <div class="charts">${reach.map((head) => chart(head))}</div>
          </details>`
    }`
}

const isJudged = ({ rows }: PlaceCell): boolean => rows >= JUDGED_ROWS

const isOff = ({ observed_rate, band }: PlaceCell): boolean => observed_rate < band.low || observed_rate > band.high

function offTable(off: readonly { head: BinaryHead; cell: PlaceCell }[], thresholds: Thresholds): Html {
  const rows = off.map(({ head, cell }) => [
    rowHeading(html`${headTitle(head.name, thresholds)}<code>${head.name}</code>`),
    numberCell(placeName(cell)),
    ...cellNumbers(cell),
  ])
  return html`<details>
    <summary>${plural(off.length, 'cell')} outside the band</summary>
    ${table('Cells in which forecast and observed rate disagree', [{ name: 'Head' }, ...CELL_COLUMNS], rows)}
  </details>`
}

const CELL_COLUMNS = [
  'Price beyond the level',
  'Rows',
  'Effective rows',
  'Forecast',
  'Observed',
  'By chance',
  'ECE',
  'ECE by chance',
].map((name) => ({ name, numeric: true }))

function cellNumbers({ rows, effective_rows, mean_prediction, observed_rate, band, ece, null_ece }: PlaceCell): Html[] {
  return [
    numberCell(whole(rows)),
    numberCell(whole(Math.round(effective_rows))),
    numberCell(percent(mean_prediction)),
    numberCell(percent(observed_rate)),
    numberCell(`${percent(band.low)} to ${percent(band.high)}`),
    numberCell(percent(ece)),
    numberCell(`${percent(null_ece.low)} to ${percent(null_ece.high)}`),
  ]
}

function placeFigure({ name, places, rows, effective_rows }: BinaryHead, id: string, thresholds: Thresholds): Html {
  const title = `${headTitle(name, thresholds)} by where price stands`
  const note = `${whole(rows)} touches, worth ${whole(Math.round(effective_rows))} that do not overlap`
  const cells = places.map((cell) => [rowHeading(placeName(cell)), ...cellNumbers(cell)])
  const columns = [{ name: 'Price beyond the level' }, ...CELL_COLUMNS.slice(1)]
  return html`<div class="chart">
    ${figure(title, placeChart(`${id}-place-${name.replaceAll(/\W/g, '-')}`, title, places), note)}
    <details class="values">
      <summary>Values</summary>
      ${table(`${name} by where price stands`, columns, cells)}
    </details>
  </div>`
}
