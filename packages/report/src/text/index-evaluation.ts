import type { IndexSummary, QuestionScore } from '@breakwater/evaluation'
import { aligned, interval, number } from './cells.ts'

const HEADER = [
  'question',
  'k',
  'rows',
  'sessions',
  'Brier',
  'base',
  'served',
  'skill over base',
  'over served',
  'over law',
]
const SKILL = HEADER.indexOf('skill over base')

function cells({ question, k, rows, sessions, brier, brier_skill }: QuestionScore): string[] {
  return [
    question,
    `${k}`,
    `${rows}`,
    `${sessions}`,
    number(brier.neighbours, 4),
    number(brier.base, 4),
    number(brier.served, 4),
    ...[brier_skill.base, brier_skill.served, brier_skill.law].map((skill) =>
      skill.estimate === null ? '-' : interval(skill),
    ),
  ]
}

/** What was indexed and how it answers out of sample, for a person. */
export function indexTable(record: IndexSummary): string {
  const { evaluation, sessions, dropped, features } = record
  const questions = [...new Set(evaluation.scores.map(({ question }) => question))]
  const ordered = questions.flatMap((name) => evaluation.scores.filter(({ question }) => question === name))
  const lines = aligned([HEADER, ...ordered.map((score) => cells(score))], {
    right: (column) => column > 0 && column < SKILL,
  })
  const ladder = evaluation.ladder.map(({ k, rungs }) => `k=${k}: ${rungs.join(', ')}`).join('; ')
  const without = dropped.length === 0 ? '' : `, ${dropped.length} dropped as uninformative (${reasons(dropped)})`
  return (
    `${record.stage} ${record.ablation} at ${record.anchor}: ${record.rows} touches of ${sessions.length} sessions ` +
    `(${sessions[0]}..${sessions.at(-1)}), ${features.length - dropped.length} columns${without}\n\n` +
    `neighbours alone on ${evaluation.rows} ${evaluation.role} rows of ${evaluation.folds} ${evaluation.folds === 1 ? 'fold' : 'folds'} that neither they nor the set has seen\n` +
    `${lines.join('\n')}\n\nrows answered with all filters, and with one, two and three dropped: ${ladder}\n` +
    'Next: breakwater calibrate scores neighbours beside trees and law; replay and serve take --retrieval-index\n'
  )
}

function reasons(dropped: IndexSummary['dropped']): string {
  const counts = new Map<string, number>()
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')
}
