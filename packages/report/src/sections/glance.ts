import {
  type BinaryHead,
  EPISODE_MINUTES,
  type EvaluationSet,
  type GroupSummary,
  type HeadEvaluation,
  type HeadScores,
  type RegressionHead,
  type SetSummary,
  type StrengthSummary,
} from '@breakwater/evaluation'
import { fixed, interval, percent, plural, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { anchorTitle, headTitle, KEY_HEADS, keyHead, type Thresholds } from '../html/names.ts'
import { numberCell, rowHeading, scoreCell, table } from '../html/table.ts'
import { SIGNS, type Verdict, verdict } from '../html/verdict.ts'
import { servedOf } from '../verdict/verdict-lines.ts'

/** One card for each of the three heads that a set is first judged by, and the log loss of its heads together. */
export function glanceSection(set: EvaluationSet, thresholds: Thresholds): Html {
  return html`<h3>At a glance</h3>
    <div class="cards">${KEY_HEADS.map((base) => card(base, keyHead(set, base), thresholds))}</div>
    ${summaryTables(set.summary)}
    <p class="note">Served: ${servedOf(set)}.</p>`
}

const SUMMARY_COLUMNS = [
  { name: 'Heads' },
  { name: 'Saved beyond the law', numeric: true },
  { name: 'Saved beyond base rates', numeric: true },
  { name: 'Mean loss', numeric: true },
  { name: 'Number', numeric: true },
  { name: 'Rows', numeric: true },
  { name: 'Sessions', numeric: true },
]

function summaryTables(summary: SetSummary): Html {
  const { anchor, episodes } = summary
  const every = episodes === undefined ? '' : ', every touch minute'
  const told = `What is served, ${anchorTitle(anchor)}${every}: mean log loss, and MAE in dollars for strength; savings are paired by session`
  if (episodes === undefined) return summaryTable(told, summary)
  const once = `The same for only the touches that begin an episode: their level was not touched in the ${EPISODE_MINUTES} minutes before`
  return html`${summaryTable(told, summary)}${summaryTable(once, episodes)}`
}

function summaryTable(title: string, figures: Omit<SetSummary, 'anchor' | 'episodes'>): Html {
  const { reach, tradeable, direction, strength, strength_ahead, extremes_ahead } = figures
  const groups: readonly (readonly [string, GroupSummary | StrengthSummary | null])[] = [
    ['Reach', reach],
    ['Tradeable', tradeable],
    ['Direction', direction],
    ['Strength, $', strength],
    ['Strength ahead, $', strength_ahead],
    ['Furthest ahead, $', extremes_ahead],
  ]
  const rows = groups.flatMap(([name, group]) => (group === null ? [] : [summaryRow(name, group)]))
  return rows.length === 0 ? html`` : table(title, SUMMARY_COLUMNS, rows)
}

const fourDigits = (value: number | null): string => fixed(value, 4)

function summaryRow(name: string, group: GroupSummary | StrengthSummary): Html[] {
  const { heads, rows, sessions, beyond_law, beyond_base } = group
  return [
    rowHeading(name),
    scoreCell(beyond_law, fourDigits),
    scoreCell(beyond_base, fourDigits),
    scoreCell('mae' in group ? group.mae : group.mean_log_loss, fourDigits),
    ...[heads, rows, sessions].map((count) => numberCell(whole(count))),
  ]
}

function card(base: string, head: HeadEvaluation | undefined, thresholds: Thresholds): Html {
  const title = html`<h4>${headTitle(base, thresholds)}</h4>`
  if (head === undefined)
    return html`<article class="card">
      ${title}
      <p class="verdict absent">Not trained</p>
    </article>`
  const when = html`<p class="when">${anchorTitle(head.anchor)}</p>`
  if (head.status === 'skipped') {
    return html`<article class="card">
      ${title}${when}
      <p class="verdict absent">Skipped</p>
      <p>${head.reason}</p>
    </article>`
  }
  return html`<article class="card">
    ${title}${when}${head.task === 'binary' ? binaryFacts(head) : regressionFacts(head)}
    <p class="rows">${plural(head.rows, 'row')} in ${plural(head.sessions, 'session')}</p>
  </article>`
}

function binaryFacts(head: BinaryHead): Html {
  const { auc, brier_skill } = head.scores
  return html`${judged(verdictOf(head, 'the base rate'))}
    ${big(
      'AUC',
      fixed(auc.estimate, 3),
      interval(auc, (value) => fixed(value, 3)),
    )}
    <dl>
      ${small(
        'Brier skill',
        percent(brier_skill.estimate),
        interval(brier_skill, (value) => percent(value)),
      )}
      ${small('Base rate', percent(head.base_rate), null)}
    </dl>`
}

function regressionFacts(head: RegressionHead): Html {
  const { correlation, mae_skill, mae } = head.scores
  return html`${judged(verdictOf(head, 'the median'))}
    ${big(
      'Correlation',
      fixed(correlation.estimate, 3),
      interval(correlation, (value) => fixed(value, 3)),
    )}
    <dl>
      ${small(
        'MAE skill',
        percent(mae_skill.estimate),
        interval(mae_skill, (value) => percent(value)),
      )}
      ${small('MAE', `$${fixed(mae.estimate, 2)}`, null)}
    </dl>`
}

/** Whether a head is better than the law, or where there is none, than a constant. */
function verdictOf({ scores: { beyond_law, beyond_base } }: HeadScores, constant: string): Verdict {
  return beyond_law.estimate === null ? verdict(beyond_base, 0, constant) : verdict(beyond_law, 0, 'the law')
}

const judged = ({ kind, words }: Verdict): Html =>
  html`<p class="verdict ${kind}"><span aria-hidden="true">${SIGNS[kind]}</span> ${words}</p>`

const big = (name: string, value: string, range: string | null): Html =>
  html`<p class="big"><span>${name}</span> <b>${value}</b> <small>${range}</small></p>`

const small = (name: string, value: string, range: string | null): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}${range === null ? null : html` <small>${range}</small>`}</dd>
  </div>`
