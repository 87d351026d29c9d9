import type { Comparison, HeadComparison, Score } from '@breakwater/evaluation'
import { aligned, interval } from './cells.ts'

const COLUMNS = {
  binary: [
    ['Brier', 'brier', 4],
    ['log loss', 'log_loss', 4],
    ['AUC', 'auc', 3],
    ['skill over base', 'brier_skill', 3],
    ['gain vs served (log loss)', 'gain_log_loss', 4],
    ['beyond law', 'beyond_law', 4],
  ],
  regression: [
    ['MAE $', 'mae', 4],
    ['correlation', 'correlation', 3],
    ['skill over base', 'mae_skill', 3],
    ['gain vs served ($)', 'gain_mae', 4],
    ['beyond law ($)', 'beyond_law', 4],
  ],
} as const

/** The comparison as text: one table for probabilities, one for dollars. */
export function comparisonTable({ anchor, dates, models, events, method, heads }: Comparison): string {
  const titles = new Map(models.map(({ id, title }) => [id, title]))
  const tables = (['binary', 'regression'] as const).flatMap((task) => {
    const own = heads.filter((head) => head.task === task)
    if (own.length === 0) return []
    const header = ['head', 'model', ...COLUMNS[task].map(([title]) => title)]
    return [...aligned([header, ...own.flatMap((head) => headRows(head, titles))]), '']
  })
  const counts = heads.map(({ name, rows, sessions, leftOut }) => [name, `${rows}`, `${sessions}`, `${leftOut}`])
  const seen = models.map(
    ({ title, trainSessions, lastTrainDate }) => `${title} ${trainSessions} (to ${lastTrainDate})`,
  )
  return [
    `PatchTST, the served forecasts and neighbours at ${anchor} on ${dates.length} sessions (${dates[0]} to ${dates.at(-1)}) that none of them has seen`,
    `test events: ${events.sequences} with a sequence, ${events.served} forecast by the set`,
    `training sessions: ${seen.join(', ')}`,
    `intervals: ${method.level * 100}%, ${method.samples} resamples of whole sessions`,
    '',
    ...tables,
    ...aligned([['events forecast by all', 'rows', 'sessions', 'left out'], ...counts]),
    'Next: breakwater replay --bars <file> --ui shows what is served live',
    '',
  ].join('\n')
}

function headRows({ name, task, models }: HeadComparison, titles: ReadonlyMap<string, string>): string[][] {
  return Object.entries(models).map(([id, scores], i) => [
    i === 0 ? name : '',
    titles.get(id) ?? id,
    ...COLUMNS[task].map(([, key, digits]) => cell(scores[key], digits)),
  ])
}

const cell = (score: Score | undefined, digits: number): string =>
  score === undefined || score.estimate === null ? '-' : interval(score, digits)
