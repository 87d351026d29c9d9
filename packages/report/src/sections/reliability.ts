import type { BinaryHead, Curve, CurveBin, EvaluationSet, SmoothCurve } from '@breakwater/evaluation'
import { PRIMARY_ANCHOR } from '@breakwater/features'
import { figure } from '../charts/chart.ts'
import { fixed, percent, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { READING_ORDER, anchorTitle, baseName, headTitle, reachOf, type Thresholds } from '../html/names.ts'
import { reliabilityChart } from '../charts/reliability-chart.ts'
import { numberCell, rowHeading, table } from '../html/table.ts'

/** Reliability of tradeable and direction at every anchor, then of the reach heads of the first anchor that has them. */
export function reliabilitySection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const binary = set.heads.filter((head): head is BinaryHead => head.status === 'scored' && head.task === 'binary')
  const ordered = READING_ORDER.flatMap((anchor) => binary.filter((head) => head.anchor === anchor))
  const main = ordered.filter((head) => reachOf(head.name) === null)
  const reach = ordered.filter((head) => reachOf(head.name) !== null && head.anchor === firstReach(ordered))
  return html`<h3>Reliability</h3>
    <p class="note">
      How often events happened, by forecast probability. Each point is about a tenth of the rows (fewer, and drawn
      smaller, where forecasts are tied), with the 95% Wilson interval of its rate for as many independent touches as
      the overlapping ones are worth. The curve is the smoothed observed rate, its band the 95% interval from resampled
      sessions. On the dashed line forecasts equal observed rates. Grey bars count rows by forecast and show how sharp
      the forecasts are.
    </p>
    <div class="charts">${main.map((head) => headFigure(head, id, thresholds))}</div>
    ${reach.length === 0 ? null : reachDetails(reach, id, thresholds)}
    ${binary.length === 0 ? html`<p>No probability head has scores.</p>` : null}`
}

const firstReach = (heads: readonly BinaryHead[]): string | undefined =>
  heads.find((head) => reachOf(head.name) !== null)?.anchor

function reachDetails(heads: readonly BinaryHead[], id: string, thresholds: Thresholds): Html {
  const anchor = heads[0]?.anchor ?? PRIMARY_ANCHOR
  return html`<details>
    <summary>
      <h4>Reach heads, ${anchorTitle(anchor)}</h4>
      <small>${heads.length} charts</small>
    </summary>
    <div class="charts">${heads.map((head) => headFigure(head, id, thresholds))}</div>
  </details>`
}

function headFigure(head: BinaryHead, id: string, thresholds: Thresholds): Html {
  const title = headTitle(head.name, thresholds)
  const [quantile, width] = (['quantile', 'width'] as const).map((binning) =>
    head.reliability.find((curve) => curve.binning === binning),
  )
  if (quantile === undefined) return html`<p>${title}: no reliability curve.</p>`
  const suffix = baseName(head.name) === head.name ? '' : `, at ${Number.parseInt(head.anchor, 10)} min`
  const chart = reliabilityChart(`${id}-rel-${head.name.replaceAll(/\W/g, '-')}`, title + suffix, {
    points: quantile,
    smooth: head.smooth,
    counts: (width ?? quantile).bins,
  })
  const note = html`${whole(head.rows)} rows, ECE ${percent(quantile.ece)}, MCE ${percent(quantile.mce)}`
  return html`<div class="chart">
    ${figure(title + suffix, chart, note)}
    <details class="values">
      <summary>Values</summary>
      ${head.reliability.map((curve) => curveTable(head.name, curve))} ${smoothTable(head.name, head.smooth)}
    </details>
  </div>`
}

/** The bins of a curve; `name` is the head's. */
export function curveTable(name: string, curve: Curve): Html {
  const columns = [
    { name: 'Bin' },
    ...['Rows', 'Mean forecast', 'Observed, Wilson 95%'].map((heading) => ({ name: heading, numeric: true })),
  ]
  const caption = `${name}, bins by ${curve.binning}: ECE ${percent(curve.ece)}, MCE ${percent(curve.mce)}`
  const rows = curve.bins.map((bin, index) => binCells(bin, index === curve.bins.length - 1))
  return table(caption, columns, rows)
}

/** Every fourth point of a smooth curve. */
export function smoothTable(name: string, { points, sigma }: SmoothCurve): Html {
  const columns = ['Forecast', 'Observed', 'Band, 95%'].map((heading) => ({ name: heading, numeric: true }))
  const rows = points
    .filter((_, index) => index % 4 === 0)
    .map(({ prediction, observedRate, low, high }) => [
      rowHeading(percent(prediction)),
      numberCell(percent(observedRate)),
      numberCell(low === null || high === null ? '–' : `${percent(low)} to ${percent(high)}`),
    ])
  return table(`${name}, smooth curve with a kernel of ${fixed(sigma, 3)}`, columns, rows)
}

/** The bin as an interval: closed below, open above, but closed for the last bin. */
function binCells(bin: CurveBin, last: boolean): Html[] {
  const range = bin.low === null ? null : html`<small>${percent(bin.low, 0)} to ${percent(bin.high, 0)}</small>`
  return [
    rowHeading(`[${fixed(bin.lower, 3)}, ${fixed(bin.upper, 3)}${last ? ']' : ')'}`),
    numberCell(whole(bin.count)),
    numberCell(percent(bin.meanPrediction)),
    numberCell(html`${percent(bin.observedRate)}${range}`),
  ]
}
