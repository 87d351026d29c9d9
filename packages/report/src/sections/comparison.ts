import type { EvaluationSet, HeadScores, Score } from '@breakwater/evaluation'
import { fixed, type Format, percent } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { keyHead, setTitle } from '../html/names.ts'
import { barScale, numberCell, rowHeading, scoreCell, table } from '../html/table.ts'

/** A score that sets are compared by. */
interface HeadlineScore {
  readonly name: string
  /** The key head whose score it is. */
  readonly base: string
  /** The value that means no skill. */
  readonly noSkill: number
  readonly format: Format
  readonly pick: (head: HeadScores) => Score | null
}

const three: Format = (value) => fixed(value, 3)
const share: Format = (value) => percent(value)
const auc = (head: HeadScores): Score | null => (head.task === 'binary' ? head.scores.auc : null)
const correlation = (head: HeadScores): Score | null => (head.task === 'regression' ? head.scores.correlation : null)
const skill = (head: HeadScores): Score => (head.task === 'binary' ? head.scores.brier_skill : head.scores.mae_skill)

const COMPARED: readonly HeadlineScore[] = [
  { name: 'Tradeable AUC', base: 'tradeable_2', noSkill: 0.5, format: three, pick: auc },
  { name: 'Tradeable skill', base: 'tradeable_2', noSkill: 0, format: share, pick: skill },
  { name: 'Direction AUC', base: 'direction', noSkill: 0.5, format: three, pick: auc },
  { name: 'Direction skill', base: 'direction', noSkill: 0, format: share, pick: skill },
  { name: 'Strength r', base: 'strength_signed', noSkill: 0, format: three, pick: correlation },
  { name: 'Strength skill', base: 'strength_signed', noSkill: 0, format: share, pick: skill },
]

const ABLATIONS = html`<p class="note">
  The same heads with different columns: mechanics sees the order book, ta technical analysis, full both; stage A sees
  core physics only, stage B everything. Each interval is that of one set. The sets are scored on the same touches, so
  overlapping intervals do not show that two sets are equally good: that takes the interval of their paired difference.
</p>`

/** The headline: key figures with intervals, one row per stage and ablation; nothing without sets. */
export function comparisonSection(sets: readonly EvaluationSet[]): Html | null {
  if (sets.length === 0) return null
  const cells = COMPARED.map((compared) => cellsOf(compared, sets))
  const rows = sets.map((set, i) => [rowHeading(setTitle(set)), ...cells.flatMap((column) => column[i] ?? [])])
  const columns = [{ name: 'Models' }, ...COMPARED.map(({ name }) => ({ name, numeric: true }))]
  return html`<section aria-labelledby="compare">
    <h2 id="compare">${sets.length === 1 ? 'Headline figures' : 'Models side by side'}</h2>
    ${sets.length === 1 ? null : ABLATIONS}
    ${table('Key heads with intervals; r is the correlation, skill the reduction of error against a constant forecast', columns, rows)}
  </section>`
}

/** One column of the table: a cell per set, on a scale of their own. */
function cellsOf({ base, noSkill, format, pick }: HeadlineScore, sets: readonly EvaluationSet[]): Html[] {
  const heads = sets.map((set) => keyHead(set, base))
  const scores = heads.map((head) => (head?.status === 'scored' ? pick(head) : null))
  const scale = barScale(
    scores.filter((score) => score !== null),
    noSkill,
  )
  return scores.map((score, i) =>
    score === null ? numberCell(heads[i]?.status ?? 'not trained') : scoreCell(score, format, scale),
  )
}
