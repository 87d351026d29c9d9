import type {
  BinaryCalibration,
  EvaluationSet,
  HeadCalibrationScores,
  SetCalibration,
  SkippedCalibration,
} from '@breakwater/evaluation'
import type { Anchor } from '@breakwater/features'
import { figure } from '../charts/chart.ts'
import { colourOf, compareChart } from '../charts/compare-chart.ts'
import { percent, plural, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { READING_ORDER, anchorTitle, headTitle, reachOf, type Thresholds } from '../html/names.ts'
import { reliabilityChart } from '../charts/reliability-chart.ts'
import { curveTable, smoothTable } from './reliability.ts'
import {
  binaryTable,
  calibratorTable,
  censoredTable,
  kindTable,
  skippedTable,
  strengthTable,
} from './side-by-side-tables.ts'

/** Every forecast on the same rows; nothing where only an evaluation was asked for. */
export function sideBySideSection({ calibration }: EvaluationSet, id: string, thresholds: Thresholds): Html | null {
  if (calibration === null) return null
  const { columns, method } = calibration
  const anchors = READING_ORDER.filter((anchor) => calibration.heads.some((head) => head.anchor === anchor))
  return html`<h3>Forecasts side by side</h3>
    <p class="note">
      All columns forecast the same rows, which neither trees nor calibrators nor neighbours had seen. Intervals are
      ${percent(method.level, 0)}, from ${whole(method.samples)} resamples of whole sessions. ECE is over
      ${whole(method.bins)} bins of equal count; below it is the range that calibrated forecasts of the same rows would
      show by chance. Brier gain is the reduction of the Brier score relative to the first forecast, paired by row:
      compare two forecasts by it, not by whether their intervals overlap. If no calibrator was chosen, raw and
      calibrated trees coincide.
    </p>
    <dl class="terms">
      ${columns.map(
        ({ title, note }, place) =>
          html`<div>
            <dt><i class="swatch" style="background:${colourOf(place)}"></i>${title}</dt>
            <dd>${note}</dd>
          </div>`,
      )}
    </dl>
    ${anchors.map((anchor, i) => anchorDetails(calibration, anchor, `${id}-ways-${anchor}`, { thresholds, open: i === 0 }))}`
}

interface SectionOptions {
  readonly thresholds: Thresholds
  readonly open: boolean
}

function anchorDetails(
  calibration: SetCalibration,
  anchor: Anchor,
  id: string,
  { thresholds, open }: SectionOptions,
): Html {
  const heads = calibration.heads.filter((head) => head.anchor === anchor)
  const scored = heads.filter((head): head is HeadCalibrationScores => head.status === 'scored')
  const skipped = heads.filter((head): head is SkippedCalibration => head.status === 'skipped')
  const binary = scored.filter(({ task }) => task === 'binary')
  const main = binary.filter(({ name }) => reachOf(name) === null)
  const reach = binary.filter(({ name }) => reachOf(name) !== null)
  const strength = scored.filter(({ task }) => task === 'regression')
  const { columns } = calibration
  return html`<details${open ? html` open` : null}><summary><h4>${anchorTitle(anchor)}</h4>
<small>${plural(scored.length, 'head')}, ${plural(columns.length, 'forecast')}</small></summary>
${binaryTable('Probabilities: tradeable, direction, break, bounce', main, columns, thresholds)}
<div class="charts">${main.map((head) => headChart(head, calibration, id, thresholds))}</div>
${strengthTable(strength, columns, thresholds)}
${kindDetails(main, calibration, thresholds)}
${reachDetails(reach, calibration, id, thresholds)}
${open ? alone(main, calibration, id, thresholds) : null}
${calibratorTable(scored, thresholds)}
${skippedTable(skipped, thresholds)}</details>`
}

/** The ways that forecast a head, with their places among all. */
function waysOf(
  { columns }: HeadCalibrationScores,
  calibration: SetCalibration,
): { title: string; place: number; scores: BinaryCalibration }[] {
  return calibration.columns.flatMap(({ id, title }, place) => {
    const scores = columns[id]
    return scores?.task === 'binary' ? [{ title, place, scores }] : []
  })
}

const slug = (name: string): string => name.replaceAll(/\W/g, '-')

function headChart(head: HeadCalibrationScores, calibration: SetCalibration, id: string, thresholds: Thresholds): Html {
  const title = headTitle(head.name, thresholds)
  const ways = waysOf(head, calibration)
  const legend = ways.map(
    (way) => html`<span><i class="swatch" style="background:${colourOf(way.place)}"></i>${way.title}</span>`,
  )
  const leftOut =
    head.leftOut === 0 ? '' : `; ${plural(head.leftOut, 'row')} omitted, because some column does not forecast them`
  return html`<div class="chart">
    ${figure(
      html`${title}<span class="legend">${legend}</span>`,
      compareChart(`${id}-${slug(head.name)}`, title, ways),
      `${whole(head.rows)} rows in ${plural(head.sessions, 'session')}${leftOut}`,
    )}
    <details class="values">
      <summary>Values</summary>
      ${ways.map((way) => smoothTable(`${head.name}, ${way.title}`, way.scores.smooth))}
    </details>
  </div>`
}

function kindDetails(
  heads: readonly HeadCalibrationScores[],
  calibration: SetCalibration,
  thresholds: Thresholds,
): Html {
  return html`<details class="values">
    <summary>By kind of level</summary>
    ${heads.map((head) => kindTable(head, calibration.columns, thresholds))}
  </details>`
}

function reachDetails(
  heads: readonly HeadCalibrationScores[],
  calibration: SetCalibration,
  id: string,
  thresholds: Thresholds,
): Html | null {
  if (heads.length === 0) return null
  return html`<details class="values">
    <summary>Reach heads (${heads.length})</summary>
    ${binaryTable('Probabilities of reaching a threshold in time', heads, calibration.columns, thresholds)}
    <div class="charts">${heads.map((head) => headChart(head, calibration, id, thresholds))}</div>
    ${censoredTable(heads, calibration.columns, thresholds)}
    ${heads.map((head) => kindTable(head, calibration.columns, thresholds))}
  </details>`
}

/** The reliability diagram of each forecast with bins, counts and bands. */
function alone(
  heads: readonly HeadCalibrationScores[],
  calibration: SetCalibration,
  id: string,
  thresholds: Thresholds,
): Html {
  const charts = heads.flatMap((head) =>
    waysOf(head, calibration).map((way) => {
      const title = `${headTitle(head.name, thresholds)}: ${way.title}`
      const { curve, smooth, sharpness } = way.scores
      const chart = reliabilityChart(`${id}-one-${slug(head.name)}-${way.place}`, title, {
        points: curve,
        smooth,
        counts: sharpness.counts.map((count, cell, { length }) => ({
          lower: cell / length,
          upper: (cell + 1) / length,
          count,
        })),
      })
      return html`<div class="chart">
        ${figure(title, chart, `ECE ${percent(curve.ece)}, MCE ${percent(curve.mce)}`)}
        <details class="values">
          <summary>Values</summary>
          ${curveTable(`${head.name}, ${way.title}`, curve)}
        </details>
      </div>`
    }),
  )
  return html`<details class="values">
    <summary>Each forecast alone, with counts and bands</summary>
    <div class="charts">${charts}</div>
  </details>`
}
