import type { IndexOnDisk } from '@breakwater/models/node'
import type { IndexEvaluation } from './evaluate.ts'
import type { QuestionScore, Skill } from './score.ts'

const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(4))
const skill = ({ estimate, low, high }: Skill): string =>
  estimate === null
    ? '-'
    : `${estimate.toFixed(3)}${low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`}`

const HEADER = ['question', 'k', 'rows', 'sessions', 'Brier', 'base', 'trees', 'skill over base', 'skill over trees']

function cells({ question, k, rows, sessions, brier, skillOverBase, skillOverTrees }: QuestionScore): string[] {
  return [
    question,
    `${k}`,
    `${rows}`,
    `${sessions}`,
    figure(brier.neighbours),
    figure(brier.base),
    figure(brier.trees),
    skill(skillOverBase),
    skill(skillOverTrees),
  ]
}

/** What was written and how it answers out of sample, for a person. */
export function indexText({ index, json, record }: IndexOnDisk<IndexEvaluation>): string {
  const { evaluation, sessions, dropped, features } = record
  const questions = [...new Set(evaluation.scores.map(({ question }) => question))]
  const ordered = questions.flatMap((name) => evaluation.scores.filter(({ question }) => question === name))
  const table = [HEADER, ...ordered.map((score) => cells(score))]
  const widths = HEADER.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column > 6 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const ladder = evaluation.ladder.map(({ k, rungs }) => `k=${k}: ${rungs.join(', ')}`).join('; ')
  const without = dropped.length === 0 ? '' : `, without ${dropped.length} that say nothing (${reasons(dropped)})`
  return (
    `${record.stage} ${record.ablation} at ${record.anchor}: ${record.rows} touches of ${sessions.length} sessions ` +
    `(${sessions[0]}..${sessions.at(-1)}), ${features.length - dropped.length} columns${without}\n\n` +
    `neighbours alone on ${evaluation.rows} ${evaluation.role} rows of ${evaluation.folds} ${evaluation.folds === 1 ? 'fold' : 'folds'} that neither they nor the trees saw\n` +
    `${lines.join('\n')}\n\nrows answered with all filters, and with one, two and three given up: ${ladder}\n` +
    `index: ${index}\ndescription: ${json}\n`
  )
}

function reasons(dropped: IndexOnDisk['record']['dropped']): string {
  const counts = new Map<string, number>()
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')
}
