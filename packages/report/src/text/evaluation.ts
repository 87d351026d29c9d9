import type { Evaluation, HeadEvaluation } from '@breakwater/evaluation'
import { aligned, interval, number } from './cells.ts'

const HEADER = ['head', 'rows', 'sessions', 'base', 'score', 'skill', 'AUC or r', 'ECE']
const SCORE = HEADER.indexOf('score')

/**
 * The evaluation as text: one table a stage and ablation, one line per head, anchors one after another, each score with its
 * interval in brackets.
 */
export function evaluationTable({ sets }: Evaluation): string {
  return sets
    .map(({ stage, ablation, source, heads }) => {
      const rows = [HEADER, ...heads.map((head) => cells(head))]
      const lines = aligned(rows, { right: (column) => column > 0 && column < SCORE })
      return `${stage} ${ablation} (${source})\n${lines.join('\n')}\n`
    })
    .join('\n')
}

function cells(head: HeadEvaluation): string[] {
  if (head.status === 'skipped') return [head.name, '0', '-', '-', `skipped: ${head.reason}`]
  const counts = [head.name, String(head.rows), String(head.sessions)]
  if (head.task === 'regression') {
    const { mae, mae_skill, correlation } = head.scores
    return [
      ...counts,
      number(head.mean_target),
      `MAE ${interval(mae)}`,
      interval(mae_skill),
      interval(correlation),
      '-',
    ]
  }
  const { brier, brier_skill, auc } = head.scores
  const ece = number(head.reliability[0]?.ece ?? null)
  return [...counts, number(head.base_rate), `Brier ${interval(brier)}`, interval(brier_skill), interval(auc), ece]
}
