import type {
  BinaryHead,
  Curve,
  EvaluationSet,
  HeadEvaluation,
  RegressionHead,
  SkippedHead,
} from '@breakwater/evaluation'
import type { Anchor } from '@breakwater/features'
import { fixed, percent, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { READING_ORDER, anchorTitle, headsAt, headTitle, type Thresholds } from '../html/names.ts'
import { barScale, numberCell, rowHeading, scoreCell, table, textCell } from '../html/table.ts'

/** Every head's scores with their intervals, grouped by anchor; the first anchor stands open. */
export function scoresSection(set: EvaluationSet, thresholds: Thresholds): Html {
  const anchors = READING_ORDER.filter((anchor) => headsAt(set, anchor).length > 0)
  return html`<h3>Scores by head</h3>
    <p class="note">
      Below each figure is its interval from resampled sessions. The bars show it too; their vertical mark is no skill.
    </p>
    ${anchors.map((anchor, index) => anchorScores(set, anchor, thresholds, index === 0))}`
}

function anchorScores(set: EvaluationSet, anchor: Anchor, thresholds: Thresholds, open: boolean): Html {
  const heads = headsAt(set, anchor)
  const scored = heads.filter((head) => head.status === 'scored')
  const binary = scored.filter((head) => head.task === 'binary')
  const regression = scored.filter((head) => head.task === 'regression')
  const skipped = heads.filter((head) => head.status === 'skipped')
  return html`<details${open ? html` open` : null}><summary><h4>${anchorTitle(anchor)}</h4>
<small>${scored.length} of ${heads.length} heads scored</small></summary>
${binaryTable(binary, thresholds)} ${regressionTable(regression, thresholds)} ${skippedTable(skipped, thresholds)}</details>`
}

/** The head in words, with its name beneath. */
const headName = (head: HeadEvaluation, thresholds: Thresholds): Html =>
  html`${headTitle(head.name, thresholds)}<code>${head.name}</code>`

/** The curve by quantile, which ECE and MCE are quoted from. */
const quantileCurve = (head: BinaryHead): Curve | undefined =>
  head.reliability.find(({ binning }) => binning === 'quantile')

function binaryTable(heads: readonly BinaryHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const aucScale = barScale(
    heads.map(({ scores }) => scores.auc),
    0.5,
  )
  const skillScale = barScale(
    heads.map(({ scores }) => scores.brier_skill),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['AUC', 'Brier skill', 'Base rate', 'Brier', 'Log loss', 'ECE', 'MCE', 'Rows'].map((name) => ({
      name,
      numeric: true,
    })),
  ]
  const rows = heads.map((head) => {
    const { auc, brier_skill, brier, log_loss } = head.scores
    const curve = quantileCurve(head)
    return [
      rowHeading(headName(head, thresholds)),
      scoreCell(auc, (value) => fixed(value, 3), aucScale),
      scoreCell(brier_skill, (value) => percent(value), skillScale),
      numberCell(percent(head.base_rate)),
      scoreCell(brier, (value) => fixed(value, 4)),
      scoreCell(log_loss, (value) => fixed(value, 4)),
      numberCell(percent(curve?.ece ?? null)),
      numberCell(percent(curve?.mce ?? null)),
      numberCell(whole(head.rows)),
    ]
  })
  return table('Probability heads', columns, rows)
}

function regressionTable(heads: readonly RegressionHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const scale = barScale(
    heads.flatMap(({ scores }) => [scores.correlation]),
    0,
  )
  const skillScale = barScale(
    heads.flatMap(({ scores }) => [scores.mae_skill]),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['Correlation', 'MAE skill', 'Mean, $', 'MAE, $', 'RMSE, $', 'Rows'].map((name) => ({ name, numeric: true })),
  ]
  const rows = heads.map((head) => {
    const { correlation, mae_skill, mae, rmse } = head.scores
    return [
      rowHeading(headName(head, thresholds)),
      scoreCell(correlation, (value) => fixed(value, 3), scale),
      scoreCell(mae_skill, (value) => percent(value), skillScale),
      numberCell(`${fixed(head.mean_target, 2)} ± ${fixed(head.target_deviation, 2)}`),
      scoreCell(mae, (value) => fixed(value, 3)),
      scoreCell(rmse, (value) => fixed(value, 3)),
      numberCell(whole(head.rows)),
    ]
  })
  return table('Strength heads', columns, rows)
}

function skippedTable(heads: readonly SkippedHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const rows = heads.map((head) => [rowHeading(headName(head, thresholds)), textCell(head.reason)])
  return table('Skipped heads', [{ name: 'Head' }, { name: 'Reason' }], rows)
}
