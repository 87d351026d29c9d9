import { type HeadRecord, locate } from '@breakwater/models'
import type { PredictedPart, TrainedSet } from '@breakwater/models/node'
import type {
  DataQuality,
  EvaluationSet,
  HeadEvaluation,
  PredictionSource,
  SetProvenance,
} from '../report/evaluation.ts'
import type { Importance } from '../report/explanation.ts'
import { scoreHead } from '../report/score-head.ts'
import { attributionsOf } from './attributions.ts'
import { collect, joinScored, type LocatedPart } from './collect.ts'

/** A trained set with what to score it on. */
export interface SetInput {
  readonly trained: TrainedSet
  readonly parts: readonly PredictedPart[]
  /** Seed of the resampled sessions. */
  readonly seed: number
}

/** Scores every head of one set on the rows that its fold's model did not train on. */
export function evaluateSet({ trained, parts, seed }: SetInput): EvaluationSet {
  const { details } = trained
  const located = parts.map((part) => ({ ...part, rows: locate(part.signals.table, part.predictions) }))
  return {
    stage: details.stage,
    ablation: details.ablation,
    source: sourceOf(trained, parts),
    plan: { kind: details.plan.kind, folds: details.plan.folds },
    calibrated: parts.every(({ predictions }) => predictions.calibrated.size > 0),
    heads: details.heads.map((record) => evaluateHead(trained, record, located, seed)),
    dataQuality: qualityOf(trained),
    provenance: provenanceOf(trained),
    calibration: null,
  }
}

function evaluateHead(
  trained: TrainedSet,
  record: HeadRecord,
  parts: readonly LocatedPart[],
  seed: number,
): HeadEvaluation {
  const reasons = record.folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  if (reasons.length === record.folds.length) return skipped(record, [...new Set(reasons)].join('; '))
  const scored = joinScored(
    parts.flatMap((part) => {
      const target = part.targets.find(({ name }) => name === record.name)
      return target === undefined ? [] : [collect(part, target)]
    }),
  )
  const references = new Map(record.folds.map(({ fold, reference }) => [fold, reference ?? Number.NaN]))
  return scoreHead({
    name: record.name,
    task: record.task,
    predictions: scored.predictions,
    targets: scored.targets,
    sessions: { codes: scored.sessions, dictionary: scored.sessionDates },
    folds: scored.folds,
    seed,
    reference: Float64Array.from(scored.folds, (fold) => references.get(fold) as number),
    masked: maskedOf(record),
    importance: importanceOf(record),
    attributions: attributionsOf(trained, parts, record.name),
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

function sourceOf({ details }: TrainedSet, parts: readonly PredictedPart[]): PredictionSource {
  if (parts.length > 1) return 'held-out test dates'
  if (details.predictions.role === 'validation') return 'validation (used for early stopping)'
  return details.plan.kind === 'explicit' ? 'held-out test dates' : 'out of fold'
}

function provenanceOf({ details, metadata }: TrainedSet): SetProvenance {
  const { gitSha, libraryVersion, seed, data, predictions } = details
  const files = metadata.heads.flatMap((head) => ('file' in head ? [{ file: head.file, sha256: head.sha256 }] : []))
  const recorded = { file: predictions.file, sha256: predictions.sha256 }
  return {
    trained: metadata.timestamp,
    gitSha,
    libraryVersion,
    seed,
    dataHash: data.hash,
    files: [...files, recorded],
  }
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
