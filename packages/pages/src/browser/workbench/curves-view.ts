import { parseHeadName, PRIMARY_ANCHOR, priceText } from '@breakwater/features/vocabulary'
import type { HeadCurves, ScoreTriple, ThresholdRow, ThresholdRule, WorkbenchCurves } from '../../workbench/data.ts'
import { linePlot, type Plot, type PlotLine } from '../charts/line-plot.ts'
import { byId, headings, optionOf, row, say } from '../dom.ts'
import { percent, signed } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
import { fine, range, ruleText, unresolvedText, warningText } from './rule-text.ts'
import type { WorkbenchSection, WorkbenchState } from './state.ts'

/** What the forecasts of a head are worth: reliability, ROC, precision and recall, lift, and what acting on each threshold comes to. */
export function curvesView(loader: Loader): WorkbenchSection {
  const head = byId('curves-head') as HTMLSelectElement
  const cost = byId('curves-cost') as HTMLSelectElement
  let [listed, drawn] = ['', '']
  const section = lazySection<WorkbenchCurves>(loader, {
    id: 'curves',
    draw({ sets, acting }, { set, index }) {
      const own = sets[set ?? ''] ?? {}
      const rule = acting[set ?? '']
      if (listed !== String(set)) {
        listed = String(set)
        choose(
          head,
          Object.keys(own).map((name) => [name, name]),
          Object.keys(own)[0],
        )
        choose(
          cost,
          (rule?.costs ?? []).map((one) => [String(one), `$${priceText(one)}`]),
          String(rule?.cost),
        )
      }
      const key = `${listed} ${head.value} ${cost.value}`
      if (key === drawn) return
      drawn = key
      const curves = own[head.value]
      drawCurves(curves)
      drawThresholds({ name: head.value, curves, rule, cost: Number(cost.value) }, index)
    },
  })
  head.addEventListener('change', section.again)
  cost.addEventListener('change', section.again)
  return section
}

/** Fills a choice anew; what was chosen stays where it is offered still. */
function choose(select: HTMLSelectElement, options: readonly (readonly [string, string])[], first = ''): void {
  const before = select.value
  select.replaceChildren(...options.map(([value, text]) => optionOf(value, text)))
  select.value = options.some(([value]) => value === before) ? before : first
}

function drawCurves(curves: HeadCurves | undefined): void {
  const plots = byId('curves-plots')
  if (curves === undefined) {
    say(byId('curves-text'), 'No forecast of this set has an outcome.')
    return plots.replaceChildren()
  }
  const { rows, positives, sessions } = curves
  say(
    byId('curves-text'),
    `${rows} touches of ${sessions} sessions that the models had not seen, ${percent(positives / rows)} of them positive. Touches of one session overlap, so the curves are less certain than that number suggests.`,
  )
  plots.replaceChildren(...plotsOf(curves).map(linePlot))
}

interface ShownThresholds {
  readonly name: string
  readonly curves: HeadCurves | undefined
  readonly rule: ThresholdRule | undefined
  readonly cost: number
}

const RANKED = ['at least', 'touches', 'a session', 'positive', 'of all positives', 'lift']
const acted = (level: string): string[] => ['trades', 'a trade, $', level, 'in all, $', level]

function drawThresholds({ name, curves, rule, cost }: ShownThresholds, index: WorkbenchState['index']): void {
  const rows = curves?.thresholds ?? []
  // The lowest threshold has the most trades.
  const most = rows.at(-1)?.acting ?? null
  byId('curves-acting').hidden = most === null
  if (rule !== undefined && most !== null) {
    const { holdSeconds, level } = rule
    const [, far] = index.thresholds
    const anchor = parseHeadName(name)?.anchor ?? PRIMARY_ANCHOR
    const where = 'where this forecast is at least the threshold'
    say(
      byId('curves-rule'),
      `Acting on a threshold: ${ruleText({ anchor, where, far, holdSeconds })} It acts on every touch with a forecast, whether or not the head has an outcome for it. Intervals of ${percent(level)} resample whole sessions.${unresolvedText(most.unresolved, holdSeconds)}`,
    )
    say(byId('curves-warning'), `${warningText(most)} The counts are those of the lowest threshold.`)
  }
  const at = rule?.costs.indexOf(cost) ?? -1
  byId('curves-thresholds').replaceChildren(
    ...(curves === undefined ? [] : [headings(most === null ? RANKED : [...RANKED, ...acted(percent(rule?.level))])]),
    ...rows.map((one) => row([...rankedCells(one, curves), ...(most === null ? [] : actedCells(one, at))])),
  )
}

function rankedCells({ point }: ThresholdRow, { rows = 0, sessions = 1 }: Partial<HeadCurves> = {}): string[] {
  const { threshold, selected, precision, recall, lift } = point
  return [
    threshold.toFixed(3),
    String(Math.round(selected * rows)),
    ((selected * rows) / sessions).toFixed(1),
    percent(precision),
    percent(recall),
    lift === null ? '–' : lift.toFixed(2),
  ]
}

function actedCells({ acting }: ThresholdRow, at: number): string[] {
  return [
    String(acting?.trades ?? 0),
    ...scoreCells(acting?.perTrade[at], fine),
    ...scoreCells(acting?.total[at], signed),
  ]
}

function scoreCells([estimate, low, high]: ScoreTriple = [null, null, null], format: typeof fine): string[] {
  return [format(estimate), range({ low, high }, format)]
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
      y: 'share of taken touches that are positive',
      lines: [flat(base), { kind: 'main', points: along((point) => [point.recall, point.precision]) }],
      text: `The base rate is ${percent(base)}.`,
    },
    {
      title: 'Lift',
      x: 'share of touches taken',
      y: 'positives relative to chance',
      top: Math.max(2, Math.ceil(Math.max(...lift.map(([, y]) => y), 1))),
      lines: [flat(1), { kind: 'main', points: lift }],
      text: `The first tenth has ${(lift.findLast(([x]) => x <= 0.1)?.[1] ?? 1).toFixed(2)} times as many positives as chance would.`,
    },
  ]
}
