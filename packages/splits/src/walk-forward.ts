import { countedFold } from './execute.ts'
import { type WalkForwardOptions, layFolds, resolveOptions } from './layout.ts'
import { PLAN_VERSION, type WalkForwardPlan } from './plan.ts'
import { type SplitRows, indexSessions } from './rows.ts'

/**
 * Plans folds that walk forward through the sessions of the rows.
 *
 * Each fold, in time order: train, validation, calibration, test, with the embargo withheld between consecutive roles.
 * Test blocks are contiguous and end with the last session, so every tested date is in exactly one fold. There is no
 * option that shuffles: an unknown option is an error. Throws a RangeError where the sessions do not suffice.
 * Cost O(folds x rows), for the counts.
 */
export function planWalkForward(rows: SplitRows, options: WalkForwardOptions): WalkForwardPlan {
  const index = indexSessions(rows)
  const resolved = resolveOptions(options, index.sessions)
  const folds = layFolds(index.sessions, resolved)
  return {
    version: PLAN_VERSION,
    kind: resolved.trainSessions === null ? 'expanding' : 'rolling',
    options: resolved,
    sessions: sessionRange(index.sessions),
    outer: folds.at(-1)?.test ?? [],
    folds: folds.map((dates, fold) => countedFold(fold, dates, null, index)),
  }
}

/** Number, first and last of `sessions`, which rise and are not empty. */
export function sessionRange(sessions: readonly string[]): WalkForwardPlan['sessions'] {
  return { count: sessions.length, first: sessions[0] ?? '', last: sessions.at(-1) ?? '' }
}
