import { evaluateHead, headForecasts } from '@breakwater/evaluation'
import type {
  DataQuality,
  EvaluationSet,
  ForecastBlock,
  HeadEvaluation,
  Importance,
  PredictionSource,
  SetProvenance,
} from '@breakwater/evaluation'
import type { HeadTarget } from '@breakwater/features'
import type { Signals } from '../signals-file.ts'
import type { HeadRecord } from '../training/details.ts'
import type { Predictions } from '../training/predictions.ts'
import { attributionsOf } from './attributions.ts'
import { locate } from './collect.ts'
import type { RowIndex } from './collect.ts'
import type { TrainedSet } from './sets.ts'

/** Predicted rows and the signals that hold their targets. */
export interface ScoredPart {
  readonly signals: Signals
  readonly predictions: Predictions
  readonly targets: readonly HeadTarget[]
  /** Which sessions to score. */
  readonly keep: (date: string) => boolean
}

/** A trained set with what to score it on. */
export interface SetInput {
  readonly trained: TrainedSet
  readonly parts: readonly ScoredPart[]
  /** Seed of the resampled sessions. */
  readonly seed: number
}

/** Scores every head of one set on the rows that its fold's model did not train on. */
export function evaluateSet({ trained, parts, seed }: SetInput): EvaluationSet {
  const { details } = trained
  const located = parts.map((part) => ({ ...part, rows: locate(part.signals.table, part.predictions) }))
  const blocks = located.map((part) => servedBlock(part, details.heads))
  return {
    stage: details.stage,
    ablation: details.ablation,
    source: sourceOf(trained, parts),
    plan: { kind: details.plan.kind, folds: details.plan.folds },
    calibrated: parts.every(({ predictions }) => predictions.calibrated.size > 0),
    heads: details.heads.map((record) => headOf(record, { trained, located, blocks, seed })),
    dataQuality: qualityOf(trained),
    provenance: provenanceOf(trained),
    calibration: null,
  }
}

type LocatedPart = ScoredPart & { readonly rows: RowIndex }

/** Column of what is served, and of the constant that each fold's training rows suggest. */
const SERVED = 'served'
const CONSTANT = 'constant'

/** A part with what is served of every head, calibrated where there is a calibrator, and the constants to beat. */
function servedBlock(
  { signals, targets, rows, predictions, keep }: LocatedPart,
  heads: readonly HeadRecord[],
): ForecastBlock {
  const { calibrated, fold } = predictions
  const none = new Float64Array(predictions.rows).fill(Number.NaN)
  const served = heads.map(({ name }) => [name, calibrated.get(name) ?? predictions.heads.get(name) ?? none] as const)
  const constants = heads.map(({ name, folds }) => {
    const byFold = new Map(folds.map(({ fold: index, reference }) => [index, reference ?? Number.NaN]))
    return [name, Float64Array.from(fold, (index) => byFold.get(index) ?? Number.NaN)] as const
  })
  return {
    signals,
    targets,
    rows,
    folds: fold,
    keep,
    columns: new Map([
      [SERVED, new Map(served)],
      [CONSTANT, new Map(constants)],
    ]),
  }
}

interface HeadContext {
  readonly trained: TrainedSet
  readonly located: readonly LocatedPart[]
  readonly blocks: readonly ForecastBlock[]
  readonly seed: number
}

function headOf(record: HeadRecord, { trained, located, blocks, seed }: HeadContext): HeadEvaluation {
  const reasons = record.folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  if (reasons.length === record.folds.length) return skipped(record, [...new Set(reasons)].join('; '))
  return evaluateHead({
    forecasts: headForecasts(blocks, record).forecasts,
    anchor: record.anchor,
    column: SERVED,
    reference: CONSTANT,
    resampling: { seed },
    masked: maskedOf(record),
    importance: importanceOf(record),
    attributions: attributionsOf(trained, located, record.name),
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

function sourceOf({ details }: TrainedSet, parts: readonly ScoredPart[]): PredictionSource {
  if (parts.length > 1) return 'held-out test dates'
  if (details.predictions.role === 'validation') return 'validation (used for early stopping)'
  return details.plan.kind === 'explicit' ? 'held-out test dates' : 'out of fold'
}

function provenanceOf({ details, bundles: { metadata } }: TrainedSet): SetProvenance {
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
