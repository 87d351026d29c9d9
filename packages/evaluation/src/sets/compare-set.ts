import { parseHeadName } from '@breakwater/features'
import { type HeadRecord, outcomeTargets, type TrainingDetails } from '@breakwater/models'
import type { PredictedPart } from '@breakwater/models/node'
import type { ForecastBlock } from '../blocks.ts'
import type { SetCalibration } from '../documents/side-by-side.ts'
import { type ComparedHead, compareSideBySide } from '../side-by-side.ts'
import { type ForecastColumn, LAW } from './columns.ts'
import { setBlocks } from './set-blocks.ts'

/** A set, what to score it on, and the ways to forecast. */
export interface SetComparison {
  readonly trained: { readonly details: Pick<TrainingDetails, 'heads'> }
  readonly parts: readonly PredictedPart[]
  readonly columns: readonly ForecastColumn[]
  readonly seed: number
  /** Called before each head with the share that is done. */
  readonly onHead: (done: number, name: string) => void
}

/** Scores every column of every head of a set, and of break and bounce, which two heads determine together. */
export function compareSet({ trained, parts, columns: all, seed, onHead }: SetComparison): SetCalibration {
  const columns = all.filter(({ id }) => id !== LAW || parts.some(({ predictions }) => predictions.law.size > 0))
  const blocks = setBlocks(parts, columns).map((block) => ({
    ...block,
    targets: [...block.targets, ...outcomeTargets(block.targets)],
  }))
  const heads = [...trained.details.heads.map((record) => comparedHead(record)), ...outcomeHeads(blocks)]
  return compareSideBySide({ blocks, columns, heads, law: LAW, seed, onHead })
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
