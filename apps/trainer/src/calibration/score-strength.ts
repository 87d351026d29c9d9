import {
  adaptiveConformal,
  intervalScores,
  maeBySession,
  meanValueBySession,
  sessionBlockBootstrap,
} from '@breakwater/calibration'
import type { StrengthCalibration } from '../report/calibration.ts'
import { type HeadRecord, INTERVAL_LEVEL } from '@breakwater/models'
import { RETRIEVAL } from './column.ts'
import type { CommonRows } from './common-rows.ts'
import { LEVEL, mean, SAMPLES, scoreOf, valuesOf } from './score-binary.ts'

/** One column of a regression head: errors, the intervals of the bundles, and adaptive intervals. */
export function scoreStrength(
  rows: CommonRows,
  id: string,
  record: Pick<HeadRecord, 'folds'>,
  seed: number,
): StrengthCalibration {
  const predictions = valuesOf(rows, id)
  const { targets, sessions } = rows
  const errors = predictions.map((value, row) => value - (targets[row] as number))
  const { mae, bias } = sessionBlockBootstrap(
    sessions,
    { mae: maeBySession(predictions, targets), bias: meanValueBySession(errors) },
    { seed, samples: SAMPLES, level: LEVEL },
  )
  const run = adaptiveConformal(errors.map(Math.abs), sessions, { level: INTERVAL_LEVEL })
  return {
    task: 'regression',
    meanPrediction: mean(predictions),
    meanTarget: mean(targets),
    mae: scoreOf(mae),
    bias: scoreOf(bias),
    intervals: intervalsOf(rows, id, record, seed),
    adaptive: {
      level: INTERVAL_LEVEL,
      coverage: run.coverage,
      sessions: run.sessions.length,
      alpha: run.state.alpha,
      radius: run.sessions.at(-1)?.radius ?? null,
    },
  }
}

/** How the intervals did that each fold's calibrator gave its test rows. */
function intervalsOf(
  rows: CommonRows,
  id: string,
  record: Pick<HeadRecord, 'folds'>,
  seed: number,
): StrengthCalibration['intervals'] {
  const radii = new Map(record.folds.map(({ fold, calibration }) => [fold, calibration.interval]))
  const predictions = valuesOf(rows, id)
  const { targets, sessions, folds } = rows
  if (id === RETRIEVAL) return { reason: 'neighbours have no interval of their own' }
  const absent = record.folds.find(({ fold }) => folds.includes(fold) && radii.get(fold) === null)
  if (absent !== undefined) return { reason: `fold ${absent.fold + 1} has no interval: ${absent.calibration.reason}` }
  const radius = Float64Array.from(folds, (fold) => radii.get(fold)?.radius ?? Number.NaN)
  const low = predictions.map((value, row) => value - (radius[row] as number))
  const high = predictions.map((value, row) => value + (radius[row] as number))
  const inside = targets.map((target, row) => Number(target >= (low[row] as number) && target <= (high[row] as number)))
  const { coverage } = sessionBlockBootstrap(
    sessions,
    { coverage: meanValueBySession(inside) },
    { seed, samples: SAMPLES, level: LEVEL },
  )
  const { meanWidth, intervalScore } = intervalScores(low, high, targets, INTERVAL_LEVEL)
  return { level: INTERVAL_LEVEL, coverage: scoreOf(coverage), meanWidth, intervalScore }
}
