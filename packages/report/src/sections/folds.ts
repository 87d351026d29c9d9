import type { EvaluationSet, FoldScores, HeadScores, PlanSummary, Score } from '@breakwater/evaluation'
import { axis, type Chart, COLOURS, figure } from '../charts/chart.ts'
import { fixed, type Format, percent, shortDate, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { KEY_HEADS, keyHead, shortTitle, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, table } from '../html/table.ts'

/** One score of a head, by fold and over all folds. */
interface FoldLine {
  /** Of the axis. */
  readonly name: string
  /** Inside the figure's title. */
  readonly title: string
  readonly noSkill: number
  readonly format: Format
  readonly overall: Score
  /** Folds in order of time; `from` is the first date that the fold was scored on. */
  readonly folds: readonly { readonly fold: number; readonly from: string; readonly value: number | null }[]
}

/** Whether skill holds from fold to fold: a chart for each key head, and every figure in a table. */
export function foldsSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const heads = KEY_HEADS.map((base) => keyHead(set, base)).filter((head) => head?.status === 'scored')
  return html`<h3>Score by fold</h3>
    <p class="note">
      The shaded band is the interval over all folds; the dashed line marks no skill. Do not trust skill that appears in
      only one fold.
    </p>
    <div class="charts">${heads.map((head) => foldFigure(head, set, id, thresholds))}</div>
    ${heads.length === 0 ? html`<p>No key head has scores.</p>` : null}`
}

function foldFigure(head: HeadScores, { plan }: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const line = mainLine(head, plan)
  const title = `${shortTitle(head.name, thresholds)}: ${line.title} by fold`
  return html`<div class="chart">
    ${figure(title, foldChart(`${id}-fold-${head.name.replaceAll(/\W/g, '-')}`, title, line))}
    <details class="values">
      <summary>Values</summary>
      ${head.task === 'binary' ? binaryFolds(head.name, head.folds) : regressionFolds(head.name, head.folds)}
    </details>
  </div>`
}

const twoDecimals: Format = (value) => fixed(value, 2)

function mainLine(head: HeadScores, plan: PlanSummary): FoldLine {
  const format = twoDecimals
  if (head.task === 'binary') {
    const folds = head.folds.map(({ fold, scores }) => ({ fold, from: firstScored(plan, fold), value: scores.auc }))
    return { name: 'AUC', title: 'AUC', noSkill: 0.5, format, overall: head.scores.auc, folds }
  }
  const folds = head.folds.map(({ fold, scores }) => ({
    fold,
    from: firstScored(plan, fold),
    value: scores.correlation,
  }))
  return { name: 'Correlation', title: 'correlation', noSkill: 0, format, overall: head.scores.correlation, folds }
}

/** The first test date of a fold, or where it has none the first validation date. */
function firstScored({ folds }: PlanSummary, fold: number): string {
  const found = folds.find(({ index }) => index === fold)
  return found?.test[0] ?? found?.validation[0] ?? ''
}

function foldChart(id: string, title: string, { name, noSkill, format, overall, folds }: FoldLine): Chart {
  const values = [overall.low, overall.high, ...folds.map(({ value }) => value)].filter((value) => value !== null)
  const [least, most] = [Math.min(noSkill, ...values) - 0.02, Math.max(noSkill, ...values) + 0.02]
  const tick = most - least > 0.6 ? 0.2 : 0.1
  const across = (value: number | null): (number | null)[] => folds.map(() => value)
  const line = { type: 'line', silent: true, symbol: 'none' }
  const band = { ...line, stack: 'band', lineStyle: { opacity: 0 } }
  const width = overall.low === null || overall.high === null ? null : overall.high - overall.low
  return {
    id,
    width: 340,
    height: 234,
    label: `${title}: ${folds.map(({ fold, value }) => `fold ${fold + 1} ${format(value)}`).join(', ')}; all folds ${format(overall.estimate)}.`,
    option: {
      grid: { left: 52, right: 12, top: 8, bottom: 58, outerBoundsMode: 'none' },
      xAxis: axis('Fold, scored from', {
        type: 'category',
        data: folds.map(({ fold, from }) => `${fold + 1}\n${shortDate(from)}`),
        nameGap: 38,
      }),
      yAxis: axis(name, {
        type: 'value',
        min: Math.floor(least / tick) * tick,
        max: Math.ceil(most / tick) * tick,
        interval: tick,
        nameGap: 34,
        axisLabel: { color: COLOURS.muted, fontSize: 11, formatter: (value: number): string => fixed(value, 1) },
      }),
      series: [
        { ...band, data: across(overall.low) },
        { ...band, data: across(width), areaStyle: { color: COLOURS.accent, opacity: 0.15 } },
        { ...line, data: across(noSkill), lineStyle: { color: COLOURS.muted, type: [4, 4], width: 1 } },
        { ...line, data: across(overall.estimate), lineStyle: { color: COLOURS.accent, width: 1, opacity: 0.7 } },
        {
          ...line,
          symbol: 'circle',
          symbolSize: 8,
          showAllSymbol: true,
          lineStyle: { opacity: 0 },
          itemStyle: { color: COLOURS.accent, borderWidth: 0 },
          data: folds.map(({ value }) => value),
        },
      ],
    },
  }
}

const numeric = (names: readonly string[]): { name: string; numeric: boolean }[] =>
  names.map((name) => ({ name, numeric: true }))

type BinaryFolds = Extract<HeadScores, { task: 'binary' }>['folds']
type RegressionFolds = Extract<HeadScores, { task: 'regression' }>['folds']

function binaryFolds(name: string, folds: BinaryFolds): Html {
  const rows = folds.map((fold) => {
    const { auc, brier_skill, brier, log_loss, beyond_law } = fold.scores
    const figures = [fixed(beyond_law, 4), fixed(auc, 3), percent(brier_skill), fixed(brier, 4), fixed(log_loss, 4)]
    return [...foldCells(fold), ...figures.map((text) => numberCell(text))]
  })
  return table(
    `${name} by fold`,
    [{ name: 'Fold' }, ...numeric(['Rows', 'Sessions', 'Beyond law', 'AUC', 'Brier skill', 'Brier', 'Log loss'])],
    rows,
  )
}

function regressionFolds(name: string, folds: RegressionFolds): Html {
  const rows = folds.map((fold) => {
    const { correlation, mae_skill, mae, rmse, beyond_law } = fold.scores
    const figures = [fixed(beyond_law, 3), fixed(correlation, 3), percent(mae_skill), fixed(mae, 3), fixed(rmse, 3)]
    return [...foldCells(fold), ...figures.map((text) => numberCell(text))]
  })
  return table(
    `${name} by fold, errors in dollars`,
    [{ name: 'Fold' }, ...numeric(['Rows', 'Sessions', 'Beyond law', 'Correlation', 'MAE skill', 'MAE', 'RMSE'])],
    rows,
  )
}

const foldCells = ({ fold, rows, sessions }: FoldScores<unknown>): Html[] => [
  rowHeading(`Fold\u00A0${fold + 1}`),
  numberCell(whole(rows)),
  numberCell(whole(sessions)),
]
