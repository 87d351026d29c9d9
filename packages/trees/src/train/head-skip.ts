import { failHead as fail } from './head-error.ts'
import type { Head, SkippedHead } from './heads.ts'
import type { TrainSettings } from './options.ts'

/** Why a head cannot be trained on these rows; undefined where it can. */
export function skipReason(
  head: Head,
  rows: Int32Array,
  minRows: number,
): Pick<SkippedHead, 'code' | 'reason'> | undefined {
  if (rows.length === 0) return { code: 'no-rows', reason: 'no training row' }
  if (rows.length < minRows) {
    return { code: 'too-few-rows', reason: `${rows.length} training rows, fewer than the ${minRows} required` }
  }
  const first = head.labels[rows[0] as number]
  if (head.objective === 'logistic' && rows.every((row) => head.labels[row] === first)) {
    return { code: 'one-class', reason: `all ${rows.length} training rows have label ${first}` }
  }
  if (head.objective === 'poisson' && rows.every((row) => head.labels[row] === 0)) {
    return { code: 'one-class', reason: `all ${rows.length} training rows have label 0` }
  }
  return undefined
}

/** AUC needs both classes; a head that stops by it cannot do without. */
export function withoutAuc(
  head: Head,
  validationRows: Int32Array,
  { stopMetric }: TrainSettings,
): Pick<SkippedHead, 'code' | 'reason'> | undefined {
  if (stopMetric !== 'auc' || validationRows.length === 0) return undefined
  for (const row of validationRows) {
    const label = head.labels[row] as number
    if (label !== 0 && label !== 1) {
      fail(head, `labels[${row}]`, `${label} must be 0 or 1 where stopMetric is auc`, "Use stopMetric 'loss'")
    }
  }
  const first = head.labels[validationRows[0] as number]
  if (validationRows.some((row) => head.labels[row] !== first)) return undefined
  const reason = `all ${validationRows.length} validation rows have label ${first}: no AUC to stop by`
  return { code: 'one-class', reason }
}
