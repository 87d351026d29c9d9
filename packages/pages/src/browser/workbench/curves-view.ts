import type { HeadCurves, WorkbenchCurves } from '../../workbench/data.ts'
import { linePlot, type Plot, type PlotLine } from '../charts/line-plot.ts'
import { byId, headings, optionOf, row, say } from '../dom.ts'
import { percent } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
import type { WorkbenchSection } from './state.ts'

/** Rows of the table of thresholds. */
const THRESHOLDS = 12

/** What the forecasts of a head are worth: reliability, ROC, precision and recall, lift, and a table of thresholds. */
export function curvesView(loader: Loader): WorkbenchSection {
  const head = byId('curves-head') as HTMLSelectElement
  let [listed, drawn] = ['', '']
  const section = lazySection<WorkbenchCurves>(loader, {
    id: 'curves',
    draw(curves, { set }) {
      const own = curves.sets[set ?? ''] ?? {}
      if (listed !== String(set)) {
        const before = head.value
        listed = String(set)
        head.replaceChildren(...Object.keys(own).map((name) => optionOf(name, name)))
        head.value = before in own ? before : (Object.keys(own)[0] ?? '')
      }
      const key = `${listed} ${head.value}`
      if (key === drawn) return
      drawn = key
      draw(own[head.value])
    },
  })
  head.addEventListener('change', section.again)
  return section
}

function draw(curves: HeadCurves | undefined): void {
  const plots = byId('curves-plots')
  const table = byId('curves-thresholds')
  if (curves === undefined) {
    say(byId('curves-text'), 'No forecast of this set has an outcome.')
    plots.replaceChildren()
    return table.replaceChildren()
  }
  const { rows, positives, sessions, ranking } = curves
  say(
    byId('curves-text'),
    `${rows} touches of ${sessions} sessions that the models had not seen, ${percent(positives / rows)} of them positive. Touches of one session overlap, so the curves are less sure than their number suggests.`,
  )
  plots.replaceChildren(...plotsOf(curves).map(linePlot))
  const step = Math.max(1, Math.ceil(ranking.length / THRESHOLDS))
  const shown = ranking.filter((_, i) => i % step === 0)
  table.replaceChildren(
    headings(['at least', 'touches', 'a session', 'positive', 'of all positives', 'lift']),
    ...shown.map(({ threshold, selected, precision, recall, lift }) =>
      row([
        threshold.toFixed(3),
        String(Math.round(selected * rows)),
        ((selected * rows) / sessions).toFixed(1),
        percent(precision),
        percent(recall),
        lift === null ? '–' : lift.toFixed(2),
      ]),
    ),
  )
}

/** The line of forecasts that come true as often as they say, and of an order by chance. */
const DIAGONAL: PlotLine = {
  kind: 'reference',
  points: [
    [0, 0],
    [1, 1],
  ],
}

function flat(y: number): PlotLine {
  return {
    kind: 'reference',
    points: [
      [0, y],
      [1, y],
    ],
  }
}

function plotsOf({ rows, positives, ranking, reliability }: HeadCurves): Plot[] {
  const base = positives / rows
  const along = (of: (point: HeadCurves['ranking'][number]) => readonly [number | null, number | null]) =>
    ranking.flatMap((point) => {
      const [x, y] = of(point)
      return x === null || y === null ? [] : [[x, y] as const]
    })
  const lift = along((point) => [point.selected, point.lift])
  const bins = reliability.flatMap(({ meanPrediction: x, observedRate: y }) =>
    x === null || y === null ? [] : [[x, y] as const],
  )
  const roc = along((point) => [point.falsePositiveRate, point.recall])
  return [
    {
      title: 'Reliability',
      x: 'forecast',
      y: 'share that was positive',
      lines: [DIAGONAL, { kind: 'main', points: bins }],
      dots: bins,
      text: bins.map(([x, y]) => `${percent(x)} forecast, ${percent(y)} seen`).join('; '),
    },
    {
      title: 'ROC',
      x: 'share of negatives taken',
      y: 'share of positives taken',
      lines: [DIAGONAL, { kind: 'main', points: [[0, 0], ...roc] }],
      text: `With a tenth of the negatives, ${percent(roc.findLast(([x]) => x <= 0.1)?.[1] ?? 0)} of the positives.`,
    },
    {
      title: 'Precision and recall',
      x: 'share of positives taken',
      y: 'share of the taken that is positive',
      lines: [flat(base), { kind: 'main', points: along((point) => [point.recall, point.precision]) }],
      text: `The base rate is ${percent(base)}.`,
    },
    {
      title: 'Lift',
      x: 'share of touches taken',
      y: 'positives over those of chance',
      top: Math.max(2, Math.ceil(Math.max(...lift.map(([, y]) => y), 1))),
      lines: [flat(1), { kind: 'main', points: lift }],
      text: `The first tenth has ${(lift.findLast(([x]) => x <= 0.1)?.[1] ?? 1).toFixed(2)} times the positives of chance.`,
    },
  ]
}
