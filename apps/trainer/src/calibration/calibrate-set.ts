import { compareSideBySide } from '@breakwater/evaluation'
import type { ComparedHead, ForecastBlock, SetCalibration } from '@breakwater/evaluation'
import { parseHeadName } from '@breakwater/features'
import { locate } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import type { HeadRecord, TrainingDetails } from '../training/details.ts'
import type { ForecastColumn } from './column.ts'
import { outcomeTargets } from './outcome-heads.ts'

/** A set, what to score it on, and the ways to forecast. */
export interface CalibrateInput {
  readonly trained: { readonly details: Pick<TrainingDetails, 'heads'> }
  readonly parts: readonly ScoredPart[]
  readonly columns: readonly ForecastColumn[]
  readonly seed: number
  /** Called with the share that is done. */
  readonly onHead: (done: number, name: string) => void
}

/** Scores every column of every head of a set, and of break and bounce, which two heads say together. */
export function calibrateSet({ trained, parts, columns, seed, onHead }: CalibrateInput): SetCalibration {
  const blocks = forecastBlocks(parts, columns).map((block) => ({
    ...block,
    targets: [...block.targets, ...outcomeTargets(block.targets)],
  }))
  const heads = [...trained.details.heads.map((record) => comparedHead(record)), ...outcomeHeads(blocks)]
  return compareSideBySide({ blocks, columns, heads, seed, onHead })
}

/** Computes every column once for each part. */
export function forecastBlocks(parts: readonly ScoredPart[], columns: readonly ForecastColumn[]): ForecastBlock[] {
  return parts.map((part) => ({
    signals: part.signals,
    targets: part.targets,
    rows: locate(part.signals.table, part.predictions),
    folds: part.predictions.fold,
    keep: part.keep,
    columns: new Map(columns.map((column) => [column.id, column.heads(part)])),
  }))
}

function comparedHead({ name, anchor, task, folds }: HeadRecord): ComparedHead {
  const reasons = folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  return {
    name,
    anchor,
    task,
    calibrators: folds.map(({ fold, calibration: { kind, reason, rows, sessions, interval } }) => ({
      fold,
      kind,
      reason,
      rows,
      sessions,
      interval,
    })),
    skipped: reasons.length > 0 && reasons.length === folds.length ? [...new Set(reasons)].join('; ') : undefined,
  }
}

/** Break and bounce are no heads of a bundle and have no calibrator of their own. */
function outcomeHeads([block]: readonly ForecastBlock[]): ComparedHead[] {
  const outcomes = block?.targets.filter(({ name }) => parseHeadName(name) === null) ?? []
  return outcomes.map(({ name, anchor, task }) => ({ name, anchor, task, calibrators: [] }))
}
