import type {
  Anchor,
  BinaryHead,
  Curve,
  EvaluationSet,
  HeadEvaluation,
  RegressionHead,
  SkippedHead,
} from './evaluation.ts'
import { fixed, percent, whole } from './format.ts'
import { html, type Html } from './html.ts'
import { ANCHORS, anchorTitle, headsAt, headTitle, type Thresholds } from './names.ts'
import { barScale, numberCell, rowHeading, scoreCell, table, textCell } from './table.ts'

/** Every head's scores with their intervals, grouped by anchor; the first anchor stands open. */
export function scoresSection(set: EvaluationSet, thresholds: Thresholds): Html {
  const anchors = ANCHORS.filter((anchor) => headsAt(set, anchor).length > 0)
  return html`<h3>Scores by head</h3>
    <p class="note">
      Brackets of every figure: 95% intervals from resampling whole sessions, unless a table says otherwise. Bars show
      the interval; the mark in them is no skill.
    </p>
    ${anchors.map((anchor, index) => anchorScores(set, anchor, thresholds, index === 0))}`
}

function anchorScores(set: EvaluationSet, anchor: Anchor, thresholds: Thresholds, open: boolean): Html {
  const heads = headsAt(set, anchor)
  const scored = heads.filter((head) => head.status === 'scored')
  const content = html`${binaryTable(
    anchor,
    scored.filter((head) => head.task === 'binary'),
    thresholds,
  )}
  ${regressionTable(
    anchor,
    scored.filter((head) => head.task === 'regression'),
    thresholds,
  )}
  ${skippedTable(
    anchor,
    heads.filter((head) => head.status === 'skipped'),
    thresholds,
  )}`
  return html`<details${open ? html` open` : null}><summary><h4>${anchorTitle(anchor)}</h4>
<small>${scored.length} of ${heads.length} heads scored</small></summary>${content}</details>`
}

/** The head in words, with its name beneath. */
export const headName = (head: HeadEvaluation, thresholds: Thresholds): Html =>
  html`${headTitle(head.name, thresholds)}<code>${head.name}</code>`

/** The curve by quantile, of whose bins every one holds rows. */
export const quantileCurve = (head: BinaryHead): Curve | undefined =>
  head.reliability.find(({ binning }) => binning === 'quantile')

function binaryTable(anchor: Anchor, heads: readonly BinaryHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const aucScale = barScale(
    heads.map(({ scores }) => scores.auc),
    0.5,
  )
  const skillScale = barScale(
    heads.map(({ scores }) => scores.brierSkill),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['Rows', 'Base rate', 'AUC', 'Brier skill', 'Brier', 'Log loss', 'ECE', 'MCE'].map((name) => ({
      name,
      numeric: true,
    })),
  ]
  const rows = heads.map((head) => {
    const { auc, brierSkill, brier, logLoss } = head.scores
    const curve = quantileCurve(head)
    return [
      rowHeading(headName(head, thresholds)),
      numberCell(whole(head.rows)),
      numberCell(percent(head.baseRate)),
      scoreCell(auc, (value) => fixed(value, 3), aucScale),
      scoreCell(brierSkill, (value) => percent(value), skillScale),
      scoreCell(brier, (value) => fixed(value, 4)),
      scoreCell(logLoss, (value) => fixed(value, 4)),
      numberCell(percent(curve?.ece ?? null)),
      numberCell(percent(curve?.mce ?? null)),
    ]
  })
  return table(`Probability heads ${anchorTitle(anchor)}`, columns, rows)
}

function regressionTable(anchor: Anchor, heads: readonly RegressionHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const scale = barScale(
    heads.flatMap(({ scores }) => [scores.correlation]),
    0,
  )
  const skillScale = barScale(
    heads.flatMap(({ scores }) => [scores.maeSkill]),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['Rows', 'Mean, $', 'Correlation', 'MAE skill', 'MAE, $', 'RMSE, $'].map((name) => ({ name, numeric: true })),
  ]
  const rows = heads.map((head) => {
    const { correlation, maeSkill, mae, rmse } = head.scores
    return [
      rowHeading(headName(head, thresholds)),
      numberCell(whole(head.rows)),
      numberCell(`${fixed(head.targetMean, 2)} ± ${fixed(head.targetDeviation, 2)}`),
      scoreCell(correlation, (value) => fixed(value, 3), scale),
      scoreCell(maeSkill, (value) => percent(value), skillScale),
      scoreCell(mae, (value) => fixed(value, 3)),
      scoreCell(rmse, (value) => fixed(value, 3)),
    ]
  })
  return table(`Strength heads ${anchorTitle(anchor)}`, columns, rows)
}

function skippedTable(anchor: Anchor, heads: readonly SkippedHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const rows = heads.map((head) => [rowHeading(headName(head, thresholds)), textCell(head.reason)])
  return table(`Skipped heads ${anchorTitle(anchor)}`, [{ name: 'Head' }, { name: 'Why it has no scores' }], rows)
}
