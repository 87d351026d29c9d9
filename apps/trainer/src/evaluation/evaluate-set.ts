import type { HeadTarget } from '@breakwater/features'
import type { DataQuality, EvaluationSet, HeadEvaluation, Importance, PredictionSource } from '../report/evaluation.ts'
import { scoreHead } from '../report/score-head.ts'
import type { Signals } from '../signals-file.ts'
import type { HeadRecord } from '../training/details.ts'
import { collect, locate } from './collect.ts'
import type { RowIndex } from './collect.ts'
import type { EvaluateRequest } from './evaluate.ts'
import type { TrainedSet } from './sets.ts'

/** A trained set with the signals and targets to score it on. */
export interface SetInput {
  readonly trained: TrainedSet
  readonly signals: Signals
  readonly targets: readonly HeadTarget[]
  readonly request: EvaluateRequest
}

/** Scores every head of one set on the rows that its fold's model did not train on. */
export function evaluateSet(input: SetInput): EvaluationSet {
  const { trained, signals, targets, request } = input
  const { details } = trained
  const wanted = request.testDates === undefined ? undefined : new Set(request.testDates)
  const keep = (date: string): boolean => wanted === undefined || wanted.has(date)
  const rows = locate(signals.table, trained.predictions)
  const byName = new Map(targets.map((target) => [target.name, target]))
  const heads = details.heads.map((record) => {
    const target = byName.get(record.name)
    if (target === undefined) return skipped(record, 'the signals no longer define this head')
    return evaluateHead(input, record, target, rows, keep)
  })
  return {
    stage: details.stage,
    ablation: details.ablation,
    source: sourceOf(trained),
    plan: { kind: details.plan.kind, folds: details.plan.folds },
    heads,
    dataQuality: qualityOf(trained),
  }
}

function evaluateHead(
  { trained, signals, request }: SetInput,
  record: HeadRecord,
  target: HeadTarget,
  rows: RowIndex,
  keep: (date: string) => boolean,
): HeadEvaluation {
  const reasons = record.folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  if (reasons.length === record.folds.length) return skipped(record, [...new Set(reasons)].join('; '))
  const scored = collect(signals.table, target, trained.predictions, rows, keep)
  const references = new Map(record.folds.map(({ fold, reference }) => [fold, reference ?? Number.NaN]))
  return scoreHead({
    name: record.name,
    task: record.task,
    predictions: scored.predictions,
    targets: scored.targets,
    sessions: { codes: scored.sessions, dictionary: scored.sessionDates },
    folds: scored.folds,
    seed: request.seed,
    reference: Float64Array.from(scored.folds, (fold) => references.get(fold) as number),
    masked: maskedOf(record),
    importance: importanceOf(record),
  })
}

const maskedOf = (record: HeadRecord): { reason: string; rows: number }[] =>
  Object.entries(record.masked).map(([reason, rows]) => ({ reason, rows }))

function skipped(record: HeadRecord, reason: string): HeadEvaluation {
  return {
    name: record.name,
    anchor: record.anchor,
    masked: maskedOf(record),
    task: record.task,
    status: 'skipped',
    reason,
  }
}

function importanceOf(record: HeadRecord): Importance[] {
  const total = record.importance.reduce((sum, { gain }) => sum + gain, 0)
  return record.importance.map(({ column, gain }) => ({ column, gain, share: total > 0 ? gain / total : null }))
}

function sourceOf({ details }: TrainedSet): PredictionSource {
  if (details.predictions.role === 'validation') return 'validation (used for early stopping)'
  return details.plan.kind === 'explicit' ? 'held-out test dates' : 'out of fold'
}

function qualityOf({ details }: TrainedSet): DataQuality {
  const { columns, missing, unseen } = details.quality
  const { rows } = details.data
  return {
    columns,
    missing: Object.entries(missing)
      .filter(([, count]) => count > 0)
      .map(([column, count]) => ({ column, rows: count, rate: count / rows }))
      .toSorted((a, b) => b.rows - a.rows || (a.column < b.column ? -1 : 1)),
    allMissing: Object.keys(missing).filter((column) => missing[column] === rows),
    unseenCategories: Object.entries(unseen).flatMap(([column, values]) =>
      Object.entries(values).map(([category, count]) => ({ column, category, rows: count })),
    ),
  }
}
