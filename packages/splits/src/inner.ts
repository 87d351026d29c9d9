import { countedFold } from './execute.ts'
import { type WalkForwardOptions, layFolds, resolveOptions } from './layout.ts'
import { type Fold, PLAN_VERSION, type WalkForwardPlan } from './plan.ts'
import { type SplitRows, indexSessions } from './rows.ts'
import { sessionRange } from './walk-forward.ts'

/**
 * Folds that walk forward inside a fold's own train, validation and calibration dates, for choosing parameters or
 * for predictions that a calibrator can be fitted on. The fold's test and embargoed dates are never used, and every
 * inner row whose label ends after the test begins is purged, those of the inner test blocks too.
 *
 * `rows` are the rows of the outer plan (for the counts and the purge). Throws as `planWalkForward` does.
 */
export function innerFolds(fold: Fold, rows: SplitRows, options: WalkForwardOptions): Fold[] {
  return [...innerPlan(fold, rows, options).folds]
}

/**
 * {@link innerFolds} as a plan: its sessions are the fold's train, validation and calibration dates, its outer block the
 * fold's test dates, which none of its folds holds.
 */
export function innerPlan(fold: Fold, rows: SplitRows, options: WalkForwardOptions): WalkForwardPlan {
  const index = indexSessions(rows)
  const known = new Set(index.sessions)
  const dates = [...fold.train, ...fold.validation, ...fold.calibration]
  const absent = dates.find((date) => !known.has(date))
  if (absent !== undefined) {
    throw new RangeError(
      `splits: fold ${fold.index}=${absent}: no matching dates. The rows have ${index.sessions[0]} to ` +
        `${index.sessions.at(-1)}: pass the rows that the fold was planned from.`,
    )
  }
  const boundary = fold.test[0] ?? fold.boundary
  const resolved = resolveOptions(options, dates)
  return {
    version: PLAN_VERSION,
    kind: resolved.trainSessions === null ? 'expanding' : 'rolling',
    options: resolved,
    sessions: sessionRange(dates),
    outer: fold.test,
    folds: layFolds(dates, resolved).map((inner, i) => countedFold(i, inner, boundary, index)),
  }
}
