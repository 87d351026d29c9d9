import type { Table } from '@breakwater/features'
import { stringColumn, timesOf } from '@breakwater/features'
import {
  type Fold,
  innerFolds,
  planExplicit,
  planWalkForward,
  type SplitRows,
  type WalkForwardPlan,
} from '@breakwater/splits'

/** How the user asked for a plan: dates by name, or folds laid by the planner. */
export interface PlanRequest {
  readonly trainDates?: readonly string[] | undefined
  readonly valDates?: readonly string[] | undefined
  readonly calibrationDates?: readonly string[] | undefined
  readonly testDates?: readonly string[] | undefined
  readonly folds?: number | undefined
  readonly testSessions?: number | undefined
  readonly valSessions?: number | undefined
  readonly calibrationSessions?: number | undefined
  readonly trainSessions?: number | undefined
  readonly embargoSessions: number
  /** Sessions of the outer block, the test block of the last fold; default as many as the other folds test. */
  readonly outerSessions?: number | undefined
}

const DEFAULT_FOLDS = 3
const NS_PER_SECOND = 1_000_000_000n

/** The sessions a request names, or undefined where it leaves them to the planner. */
export function namedDates(request: PlanRequest): readonly string[] | undefined {
  const { trainDates, valDates, calibrationDates, testDates, folds } = request
  const named = [...(trainDates ?? []), ...(valDates ?? []), ...(calibrationDates ?? []), ...(testDates ?? [])]
  if (named.length === 0) return undefined
  if (folds !== undefined) {
    throw new Error(
      'models: folds and trainDates cannot be given together: a plan is either computed or named. Remove one.',
    )
  }
  if (trainDates === undefined || valDates === undefined) {
    throw new Error('models: trainDates and valDates are needed together: validation chooses the number of trees.')
  }
  return named
}

/** The rows of a signals table as a plan sees them; a label ends `labelSeconds` after the touch minute begins. */
export function splitRows(table: Table, labelSeconds: number): SplitRows {
  const startNs = timesOf(table, 'ts_ns')
  const labelEndNs = startNs.map((start) => start + BigInt(labelSeconds) * NS_PER_SECOND)
  return { dates: stringColumn(table, 'date'), startNs, labelEndNs }
}

/** An eighth of the sessions, at least 1 and at most 20. */
export function defaultValidation({ dates }: SplitRows): number {
  const sessions = ('codes' in dates ? new Set(dates.codes) : new Set(dates)).size
  return Math.max(1, Math.min(20, Math.floor(sessions / 8)))
}

/** Turns a request into a plan over the rows' sessions. */
export function makePlan(rows: SplitRows, request: PlanRequest): WalkForwardPlan {
  const { embargoSessions, outerSessions } = request
  if (request.trainDates !== undefined && request.valDates !== undefined) {
    if (outerSessions !== undefined) {
      throw new Error(
        'models: outerSessions: is for computed plans: the outer block of named dates is testDates. Remove one.',
      )
    }
    return planExplicit(rows, {
      train: request.trainDates,
      validation: request.valDates,
      calibration: request.calibrationDates ?? [],
      test: request.testDates ?? [],
      embargoSessions,
    })
  }
  return planWalkForward(rows, {
    folds: request.folds ?? DEFAULT_FOLDS,
    embargoSessions,
    ...(request.testSessions === undefined ? {} : { testSessions: request.testSessions }),
    validationSessions: request.valSessions ?? defaultValidation(rows),
    calibrationSessions: request.calibrationSessions ?? 0,
    ...(request.trainSessions === undefined ? {} : { trainSessions: request.trainSessions }),
    ...(outerSessions === undefined ? {} : { outerSessions }),
  })
}

/**
 * At most `count` folds inside a fold's training and validation dates, whose test blocks cover their later half: models
 * trained on them give predictions that a calibrator may be fitted on. None where the dates do not suffice for one.
 */
export function calibrationFolds(fold: Fold, rows: SplitRows, count: number, embargoSessions: number): Fold[] {
  const sessions = fold.train.length + fold.validation.length
  const validationSessions = Math.max(1, Math.floor(sessions / 8))
  for (let folds = count; folds > 0; folds--) {
    const testSessions = Math.max(1, Math.floor(sessions / 2 / folds))
    const needed = folds * testSessions + validationSessions + 1 + 2 * embargoSessions
    if (needed <= sessions) {
      const inner = { ...fold, calibration: [] }
      return innerFolds(inner, rows, { folds, testSessions, validationSessions, embargoSessions })
    }
  }
  return []
}
