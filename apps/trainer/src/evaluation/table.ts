import type { Evaluation, HeadEvaluation, Score } from '../report/evaluation.ts'

const number = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits))

const interval = ({ estimate, low, high }: Score): string =>
  low === null || high === null ? number(estimate) : `${number(estimate)} [${number(low)}, ${number(high)}]`

const HEADER = ['head', 'rows', 'sessions', 'base', 'score', 'skill', 'AUC or r', 'ECE']

function cells(head: HeadEvaluation): string[] {
  if (head.status === 'skipped') return [head.name, '0', '-', '-', `skipped: ${head.reason}`, '', '', '']
  const rows = String(head.rows)
  const sessions = String(head.sessions)
  if (head.task === 'regression') {
    const { mae, maeSkill, correlation } = head.scores
    return [
      head.name,
      rows,
      sessions,
      number(head.targetMean),
      `MAE ${interval(mae)}`,
      interval(maeSkill),
      interval(correlation),
      '-',
    ]
  }
  const { brier, brierSkill, auc } = head.scores
  const ece = number(head.reliability[0]?.ece ?? null)
  return [
    head.name,
    rows,
    sessions,
    number(head.baseRate),
    `Brier ${interval(brier)}`,
    interval(brierSkill),
    interval(auc),
    ece,
  ]
}

/**
 * The evaluation as text: one table a stage and ablation, one line a head, anchors one after another, each score with its
 * interval in brackets.
 */
export function evaluationTable(evaluation: Evaluation): string {
  const parts: string[] = []
  for (const set of evaluation.sets) {
    const rows = [HEADER, ...set.heads.map((head) => cells(head))]
    const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
    const skippedWidth = HEADER.indexOf('score')
    const lines = rows.map((row, index) =>
      row
        .map((cell, column) => {
          if (index > 0 && row[skippedWidth]?.startsWith('skipped') === true && column >= skippedWidth) return cell
          return column === 0 || column >= skippedWidth
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0)
        })
        .join('  ')
        .trimEnd(),
    )
    parts.push(`${set.stage} ${set.ablation} (${set.source})\n${lines.join('\n')}\n`)
  }
  return parts.join('\n')
}
