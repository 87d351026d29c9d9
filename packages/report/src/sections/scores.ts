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
import { READING_ORDER, aheadAt, anchorTitle, headsAt, headTitle, type Thresholds } from '../html/names.ts'
import { barScale, numberCell, rowHeading, scoreCell, table, textCell } from '../html/table.ts'

/** Every head's scores with their intervals, grouped by anchor; the first anchor stands open. */
export function scoresSection(set: EvaluationSet, thresholds: Thresholds): Html {
  const anchors = READING_ORDER.filter((anchor) => headsAt(set, anchor).length > 0)
  return html`<h3>Scores by head</h3>
    <p class="note">
      Beyond law and beyond base: log loss of the law, and of the base rate, minus that of the head, paired by row
      (nats; for strength, absolute errors in dollars). What is still to come is counted from the price at the anchor.
      Only the law forecasts it, by its means, although the best constant by absolute error is the median. Below each
      figure is its interval from resampled sessions. The bars show it too; their vertical line marks no gain.
    </p>
    ${anchors.map((anchor, index) => anchorScores(set, anchor, thresholds, index === 0))}`
}

function anchorScores(set: EvaluationSet, anchor: Anchor, thresholds: Thresholds, open: boolean): Html {
  const heads = headsAt(set, anchor)
  const scored = heads.filter((head) => head.status === 'scored')
  const binary = scored.filter((head) => head.task === 'binary')
  const regression = scored.filter((head) => head.task === 'regression')
  const ahead = aheadAt(set, anchor)
  const dollars = ahead.filter((head): head is RegressionHead => head.status === 'scored' && head.task === 'regression')
  const skipped = [...heads, ...ahead].filter((head) => head.status === 'skipped')
  return html`<details${open ? html` open` : null}><summary><h4>${anchorTitle(anchor)}</h4>
<small>${scored.length} of ${heads.length} heads scored</small></summary>
${binaryTable(binary, thresholds)} ${regressionTable('Strength heads', regression, thresholds)}
${regressionTable('Still to come from the anchor', dollars, thresholds)} ${skippedTable(skipped, thresholds)}</details>`
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
  const lawScale = barScale(
    heads.map(({ scores }) => scores.beyond_law),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['Beyond law', 'Beyond base', 'Log loss', 'AUC', 'Brier skill', 'over law', 'Base rate', 'ECE', 'Rows'].map(
      (name) => ({
        name,
        numeric: true,
      }),
    ),
  ]
  const rows = heads.map((head) => {
    const { auc, brier_skill, brier_skill_law, log_loss, beyond_law, beyond_base } = head.scores
    return [
      rowHeading(headName(head, thresholds)),
      scoreCell(beyond_law, fourDigits, lawScale),
      scoreCell(beyond_base, fourDigits),
      scoreCell(log_loss, fourDigits),
      scoreCell(auc, threeDigits, aucScale),
      numberCell(percent(brier_skill.estimate)),
      numberCell(percent(brier_skill_law.estimate)),
      numberCell(percent(head.base_rate)),
      numberCell(percent(quantileCurve(head)?.ece ?? null)),
      numberCell(whole(head.rows)),
    ]
  })
  return table('Probability heads', columns, rows)
}

function regressionTable(title: string, heads: readonly RegressionHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const scale = barScale(
    heads.flatMap(({ scores }) => [scores.correlation]),
    0,
  )
  const lawScale = barScale(
    heads.map(({ scores }) => scores.beyond_law),
    0,
  )
  const columns = [
    { name: 'Head' },
    ...['Beyond law, $', 'Beyond base, $', 'MAE, $', 'Correlation', 'MAE skill', 'over law', 'Mean, $', 'Rows'].map(
      (name) => ({ name, numeric: true }),
    ),
  ]
  const rows = heads.map((head) => {
    const { correlation, mae_skill, mae_skill_law, mae, beyond_law, beyond_base } = head.scores
    return [
      rowHeading(headName(head, thresholds)),
      scoreCell(beyond_law, threeDigits, lawScale),
      scoreCell(beyond_base, threeDigits),
      scoreCell(mae, threeDigits),
      scoreCell(correlation, threeDigits, scale),
      numberCell(percent(mae_skill.estimate)),
      numberCell(percent(mae_skill_law.estimate)),
      numberCell(`${fixed(head.mean_target, 2)} ± ${fixed(head.target_deviation, 2)}`),
      numberCell(whole(head.rows)),
    ]
  })
  return table(title, columns, rows)
}

const threeDigits = (value: number | null): string => fixed(value, 3)
const fourDigits = (value: number | null): string => fixed(value, 4)

function skippedTable(heads: readonly SkippedHead[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const rows = heads.map((head) => [rowHeading(headName(head, thresholds)), textCell(head.reason)])
  return table('Skipped heads', [{ name: 'Head' }, { name: 'Reason' }], rows)
}
