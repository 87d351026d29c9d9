import { ABLATIONS, STAGES } from '@breakwater/features'
import type { EvaluationSet } from '../documents/evaluation.ts'
import type { Score } from '../documents/figures.ts'
import { setFigures } from '../set-figures.ts'
import type { FigureTable, Metrics } from './training.ts'

/** Where a word stands among those known; an unknown one last. */
const place = (words: readonly string[], word: string): number => (words.includes(word) ? words.indexOf(word) : 99)

/** Sets of the last stage first, and of a stage the ablation that comes first in the vocabulary. */
export const judgedFirst = <T extends Pick<EvaluationSet, 'stage' | 'ablation'>>(sets: readonly T[]): T[] =>
  sets.toSorted(
    (a, b) =>
      place(STAGES, b.stage) - place(STAGES, a.stage) || place(ABLATIONS, a.ablation) - place(ABLATIONS, b.ablation),
  )

const nameOf = ({ stage, ablation }: Pick<EvaluationSet, 'stage' | 'ablation'>): string => `${stage}_${ablation}`

/**
 * The headline metrics of an evaluation, by `{set}/{group}/{metric}`, at most 20: of the judged set each group of heads with its
 * loss and what it saves beyond the law, with the interval; of the others what reach heads save. What does not exist is left out.
 */
export function setHeadlines(sets: readonly Pick<EvaluationSet, 'stage' | 'ablation' | 'summary'>[]): Metrics {
  const [first, ...others] = judgedFirst(sets)
  if (first === undefined) return {}
  const { reach, tradeable, direction, strength } = first.summary
  const entries = [
    ...groupEntries(`${nameOf(first)}/reach`, 'log_loss', reach && { ...reach, loss: reach.mean_log_loss }),
    ...groupEntries(
      `${nameOf(first)}/tradeable`,
      'log_loss',
      tradeable && { ...tradeable, loss: tradeable.mean_log_loss },
    ),
    ...groupEntries(
      `${nameOf(first)}/direction`,
      'log_loss',
      direction && { ...direction, loss: direction.mean_log_loss },
    ),
    [`${nameOf(first)}/strength/mae`, strength?.mae.estimate ?? null] as const,
    [`${nameOf(first)}/rows`, reach?.rows ?? tradeable?.rows ?? null] as const,
    [`${nameOf(first)}/sessions`, reach?.sessions ?? tradeable?.sessions ?? null] as const,
    ...others
      .slice(0, MOST_OTHERS)
      .map((set) => [`${nameOf(set)}/reach/beyond_law`, set.summary.reach?.beyond_law.estimate ?? null] as const),
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== null))
}

/** Five sets beside the judged one make 20 metrics. */
const MOST_OTHERS = 5

function groupEntries(
  prefix: string,
  metric: string,
  group: { readonly loss: Score; readonly beyond_law: Score } | null,
): (readonly [string, number | null])[] {
  if (group === null) return []
  const { loss, beyond_law: saved } = group
  return [
    [`${prefix}/${metric}`, loss.estimate],
    [`${prefix}/beyond_law`, saved.estimate],
    [`${prefix}/beyond_law_low`, saved.low],
    [`${prefix}/beyond_law_high`, saved.high],
  ]
}

/** Every figure of `setFigures`, one a row: set, head (or `summary`), figure with `/` between its parts, value. */
export function setsTable(sets: readonly EvaluationSet[]): FigureTable {
  const rows = sets.flatMap((set) =>
    Object.entries(setFigures(set)).flatMap(([head, tree]) =>
      leaves(tree).map(([figure, value]) => [nameOf(set), head, figure, value]),
    ),
  )
  return { columns: ['set', 'head', 'figure', 'value'], rows }
}

function leaves(value: unknown, path = ''): [string, number | null][] {
  if (typeof value === 'number') return [[path, Number.isFinite(value) ? value : null]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}/${key}`))
}
