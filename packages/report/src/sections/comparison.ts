import type { EvaluationSet, HeadScores, Score } from '@breakwater/evaluation'
import { fixed, type Format } from '../html/format.ts'
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
const four: Format = (value) => fixed(value, 4)
const auc = (head: HeadScores): Score | null => (head.task === 'binary' ? head.scores.auc : null)
const correlation = (head: HeadScores): Score | null => (head.task === 'regression' ? head.scores.correlation : null)
const beyondLaw = (head: HeadScores): Score => head.scores.beyond_law

const COMPARED: readonly HeadlineScore[] = [
  { name: 'Tradeable beyond law', base: 'tradeable_2', noSkill: 0, format: four, pick: beyondLaw },
  { name: 'Tradeable AUC', base: 'tradeable_2', noSkill: 0.5, format: three, pick: auc },
  { name: 'Direction beyond law', base: 'direction', noSkill: 0, format: four, pick: beyondLaw },
  { name: 'Direction AUC', base: 'direction', noSkill: 0.5, format: three, pick: auc },
  { name: 'Strength beyond law, $', base: 'strength_signed', noSkill: 0, format: four, pick: beyondLaw },
  { name: 'Strength r', base: 'strength_signed', noSkill: 0, format: three, pick: correlation },
]

const ABLATIONS = html`<p class="note">
  The same heads with different columns: mechanics sees the order book, ta technical analysis, full both; stage A sees
  core physics only, stage B everything. Each interval belongs to one set. All sets are scored against the law on the
  same touches, so compare two of them by their paired difference, not by whether their intervals overlap.
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
    ${table('Key heads with intervals. Beyond law: log loss (for strength, absolute error) saved compared with the law; r: correlation', columns, rows)}
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
