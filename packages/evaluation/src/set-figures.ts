import type { EvaluationSet } from './documents/evaluation.ts'
import type { HeadEvaluation } from './documents/head.ts'
import type { SetCalibration } from './documents/side-by-side.ts'

/**
 * The figures of a set by head, as a tree of numbers for a tracked run: scores with their intervals, ECE and MCE of each
 * binning, under `compared` every column side by side, under `summary` the set as a whole, and under `columns_beyond_law` what each column of
 * the data adds beyond the law. Lists (curves, folds, kinds of level) are left out, and so is
 * how often sessions were resampled, which is not a result.
 */
export function setFigures({
  heads,
  ahead,
  calibration,
  summary,
  columnsBeyondLaw,
}: EvaluationSet): Readonly<Record<string, unknown>> {
  const compared = new Map(calibration?.heads.map((head) => [head.name, head]))
  const all = [...heads, ...ahead]
  const names = new Set([...all.map(({ name }) => name), ...compared.keys()])
  const scored = new Map(all.map((head) => [head.name, headFigures(head)]))
  const figures = [...names].map((name) => [name, { ...scored.get(name), compared: compared.get(name) }] as const)
  return Object.fromEntries(
    [...figures, ['summary', summary] as const, ['columns_beyond_law', gainsByColumn(columnsBeyondLaw)] as const].map(
      ([name, tree]) => [name, withoutLists(tree)],
    ),
  )
}

function gainsByColumn(found: EvaluationSet['columnsBeyondLaw']): Record<string, unknown> {
  if ('reason' in found) return {}
  return Object.fromEntries(found.columns.map(({ column, ...gains }) => [column, gains]))
}

function headFigures(head: HeadEvaluation): Record<string, unknown> {
  if (head.status === 'skipped') return {}
  const { rows, sessions, scores } = head
  if (head.task === 'regression') return { rows, sessions, ...scores }
  const errors = head.reliability.map(({ binning, ece, mce }) => [binning, { ece, mce }] as const)
  const { base_rate, brier_parts } = head
  return { rows, sessions, base_rate, ...scores, brier_parts, ...Object.fromEntries(errors) }
}

function withoutLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, inner]) => !Array.isArray(inner) && key !== 'samples')
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutLists(inner)]))
}

/** What {@link setFigures} leaves out: the reliability curves by head, and all that stands side by side. */
export function setCurves({ heads, calibration }: EvaluationSet): {
  readonly heads: Readonly<Record<string, unknown>>
  readonly compared: SetCalibration | null
} {
  const binary = heads.filter((head) => head.status === 'scored' && head.task === 'binary')
  return {
    heads: Object.fromEntries(binary.map(({ name, reliability }) => [name, reliability])),
    compared: calibration,
  }
}
