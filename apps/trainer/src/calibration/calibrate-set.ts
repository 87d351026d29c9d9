import { parseHeadName } from '@breakwater/features'
import { type HeadRecord, outcomeTargets, type TrainingDetails } from '@breakwater/models'
import type { PredictedPart } from '@breakwater/models/node'
import type { HeadCalibrationScores, SetCalibration, SkippedCalibration } from '../report/calibration.ts'
import { censoredScores } from './censored.ts'
import type { ForecastColumn } from './column.ts'
import { commonRows, prepareParts, type PreparedPart } from './common-rows.ts'
import { scoreKinds } from './level-kinds.ts'
import { BINS, LEVEL, SAMPLES, scoreBinary } from './score-binary.ts'
import { scoreStrength } from './score-strength.ts'

/** A set, what to score it on, and the ways to forecast. */
export interface CalibrateInput {
  readonly trained: { readonly details: Pick<TrainingDetails, 'heads'> }
  readonly parts: readonly PredictedPart[]
  readonly columns: readonly ForecastColumn[]
  readonly seed: number
  /** Told the share that is done. */
  readonly onHead: (done: number, name: string) => void
}

/** Scores every column of every head of a set, each head on the rows that all its columns forecast. */
export function calibrateSet({ trained, parts, columns, seed, onHead }: CalibrateInput): SetCalibration {
  const prepared = prepareParts(parts, columns).map((part) => ({
    ...part,
    targets: [...part.targets, ...outcomeTargets(part.targets)],
  }))
  const records = [...trained.details.heads, ...outcomeRecords(prepared)]
  return {
    columns: columns.map(({ id, title, note }) => ({ id, title, note })),
    method: { level: LEVEL, samples: SAMPLES, seed, bins: BINS },
    heads: records.map((record, done) => {
      onHead(done / records.length, record.name)
      return calibrateHead(record, prepared, seed)
    }),
  }
}

/** What a head's calibration needs of its record. */
type CalibratedHead = Pick<HeadRecord, 'name' | 'anchor' | 'task' | 'folds'>

function calibrateHead(
  record: CalibratedHead,
  parts: readonly PreparedPart[],
  seed: number,
): HeadCalibrationScores | SkippedCalibration {
  const { name, anchor, task } = record
  const rows = commonRows(parts, name)
  if (rows.targets.length === 0) return { name, anchor, task, status: 'skipped', reason: whyEmpty(record) }
  const ids = [...rows.values.keys()]
  return {
    name,
    anchor,
    task,
    status: 'scored',
    rows: rows.targets.length,
    sessions: new Set(rows.sessions).size,
    positives: task === 'binary' ? rows.targets.reduce((sum, target) => sum + target, 0) : null,
    leftOut: rows.leftOut,
    calibrators: record.folds
      .filter(({ fold }) => rows.folds.includes(fold))
      .map(({ fold, calibration: { kind, reason, rows: fitted, sessions } }) => ({
        fold,
        kind,
        reason,
        rows: fitted,
        sessions,
      })),
    columns: Object.fromEntries(
      ids.map((id) => [
        id,
        task === 'regression'
          ? scoreStrength(rows, id, record, seed)
          : { ...scoreBinary(rows, id, seed), censored: censoredScores(parts, name, id) },
      ]),
    ),
    levelKinds: task === 'binary' ? scoreKinds(rows, seed) : [],
  }
}

/** Break and bounce are no heads of a bundle: two heads say them together, without a calibrator of their own. */
function outcomeRecords([part]: readonly PreparedPart[]): CalibratedHead[] {
  const outcomes = part?.targets.filter(({ name }) => parseHeadName(name) === null) ?? []
  return outcomes.map(({ name, anchor, task }) => ({ name, anchor, task, folds: [] }))
}

function whyEmpty({ folds }: CalibratedHead): string {
  const reasons = folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  return folds.length > 0 && reasons.length === folds.length
    ? [...new Set(reasons)].join('; ')
    : 'no scored row has a target'
}
