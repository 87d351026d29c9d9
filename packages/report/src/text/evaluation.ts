import type { Evaluation, HeadEvaluation, SetSummary } from '@breakwater/evaluation'
import { aligned, interval, number } from './cells.ts'

const HEADER = ['head', 'rows', 'sessions', 'base', 'score', 'skill', 'AUC or r', 'ECE']
const SCORE = HEADER.indexOf('score')

/**
 * The evaluation as text: one table a stage and ablation, one line per head, anchors one after another, each score with its
 * interval in brackets; below it the summary of the set.
 */
export function evaluationTable({ sets }: Evaluation): string {
  return sets
    .map(({ stage, ablation, source, heads, summary }) => {
      const rows = [HEADER, ...heads.map((head) => cells(head))]
      const lines = aligned(rows, { right: (column) => column > 0 && column < SCORE })
      return `${stage} ${ablation} (${source})\n${lines.join('\n')}\n\n${summaryLines(summary).join('\n')}\n`
    })
    .join('\n')
}

function summaryLines({ anchor, reach, tradeable, direction }: SetSummary): string[] {
  const groups = [['reach', reach] as const, ['tradeable', tradeable] as const, ['direction', direction] as const]
  const rows = groups.map(([name, group]) =>
    group === null
      ? [name, '0', '0', '-', '-', '-']
      : [
          name,
          String(group.heads),
          String(group.rows),
          String(group.sessions),
          interval(group.mean_log_loss, 4),
          interval(group.beyond_base, 4),
        ],
  )
  const header = [`at ${anchor}`, 'heads', 'rows', 'sessions', 'log loss', 'saved beyond base']
  return aligned([header, ...rows], { right: (column) => column > 0 && column < header.indexOf('log loss') })
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
