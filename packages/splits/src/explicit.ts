import { WalkForwardViolationError } from './errors.ts'
import { countedFold } from './execute.ts'
import { type FoldDates, PLAN_VERSION, ROLES, type Role, type WalkForwardPlan } from './plan.ts'
import { type SplitRows, checkDate, indexSessions } from './rows.ts'
import { sessionRange } from './walk-forward.ts'

/** The dates of a single fold as a person gives them: in any order within a role, no date twice. */
export interface ExplicitDates {
  /** At least one date. */
  readonly train: readonly string[]
  /** May be empty where `test` is not. */
  readonly validation: readonly string[]
  /** May be empty where `validation` is not. */
  readonly test: readonly string[]
  readonly calibration?: readonly string[]
  /**
   * Sessions of the data to keep free before each later role: given dates that lie within them are withheld (listed
   * as embargoed). Default 0.
   */
  readonly embargoSessions?: number
}

type DatesByRole = Readonly<Record<Role, readonly string[]>>

/**
 * Plans one fold from given dates, which must all be in the rows.
 *
 * Throws a {@link WalkForwardViolationError} that names the dates where a role overlaps or precedes an earlier one,
 * and a RangeError for a malformed or repeated date, for one that the data lacks ("no matching dates", with the range
 * that exists), and where the embargo leaves a role without dates.
 */
export function planExplicit(rows: SplitRows, dates: ExplicitDates): WalkForwardPlan {
  const index = indexSessions(rows)
  const embargoSessions = dates.embargoSessions ?? 0
  if (!Number.isSafeInteger(embargoSessions) || embargoSessions < 0) {
    throw new RangeError(`splits: embargoSessions=${embargoSessions}: must be a whole number of at least 0.`)
  }
  const roles: DatesByRole = {
    train: sortedDates('train', dates.train),
    validation: sortedDates('validation', dates.validation),
    calibration: sortedDates('calibration', dates.calibration ?? []),
    test: sortedDates('test', dates.test),
  }
  checkGiven(roles)
  checkOrder(roles)
  checkPresent(roles, index.sessions)
  const fold = countedFold(0, withEmbargo(roles, index.sessions, embargoSessions), null, index)
  return {
    version: PLAN_VERSION,
    kind: 'explicit',
    options: { embargoSessions },
    sessions: sessionRange(index.sessions),
    outer: fold.test,
    folds: [fold],
  }
}

function sortedDates(role: Role, dates: readonly string[]): string[] {
  for (const date of dates) checkDate(role, date)
  const sorted = dates.toSorted()
  const twice = sorted.find((date, i) => date === sorted[i + 1])
  if (twice !== undefined) throw new RangeError(`splits: ${role}=${twice}: is given twice. Name each date once.`)
  return sorted
}

function checkGiven({ train, validation, test }: DatesByRole): void {
  if (train.length === 0) throw new RangeError('splits: train=[]: must have at least one date.')
  if (validation.length === 0 && test.length === 0) {
    throw new RangeError('splits: validation=[], test=[]: nothing to score. Give at least one of them dates.')
  }
}

function checkPresent(roles: DatesByRole, sessions: readonly string[]): void {
  const known = new Set(sessions)
  for (const role of ROLES) {
    const absent = roles[role].filter((date) => !known.has(date))
    if (absent.length === 0) continue
    throw new RangeError(
      `splits: ${role}=${someDates(absent)}: no matching dates. The data has ${sessions.length} sessions from ` +
        `${sessions[0]} to ${sessions.at(-1)}: choose among them, or add data.`,
    )
  }
}

function checkOrder(roles: DatesByRole): void {
  for (const [position, earlier] of ROLES.entries()) {
    for (const later of ROLES.slice(position + 1)) checkBefore(earlier, roles[earlier], later, roles[later])
  }
}

function checkBefore(earlier: Role, before: readonly string[], later: Role, after: readonly string[]): void {
  const first = after[0]
  const last = before.at(-1)
  if (first === undefined || last === undefined || last < first) return
  const shared = before.filter((date) => after.includes(date))
  const fault =
    shared.length > 0
      ? `${someDates(shared)} in both ${earlier} and ${later}`
      : `${earlier} date ${someDates(before.filter((date) => date > first))} after ${later} date ${first}`
  throw new WalkForwardViolationError(
    `splits: ${later}=${someDates(after)}: walk-forward violation: ${fault}. ` +
      `Every ${earlier} date must be before every ${later} date.`,
  )
}

/** At most five dates, then how many more. */
function someDates(dates: readonly string[]): string {
  const more = dates.length > 5 ? ` and ${dates.length - 5} more` : ''
  return dates.slice(0, 5).join(', ') + more
}

function withEmbargo(roles: DatesByRole, sessions: readonly string[], embargo: number): FoldDates {
  const starts = ROLES.flatMap((role) => roles[role].slice(0, 1).map((date) => sessions.indexOf(date)))
  const withheld = new Set(starts.flatMap((start) => sessions.slice(Math.max(0, start - embargo), start)))
  const keep = (role: Role): string[] => {
    const kept = roles[role].filter((date) => !withheld.has(date))
    if (kept.length > 0 || roles[role].length === 0) return kept
    throw new RangeError(
      `splits: embargoSessions=${embargo}: withholds every ${role} date (${someDates(roles[role])}). ` +
        `Give ${role} earlier dates, or a smaller embargo.`,
    )
  }
  return {
    train: keep('train'),
    validation: keep('validation'),
    calibration: keep('calibration'),
    test: keep('test'),
    embargoed: ROLES.flatMap((role) => roles[role].filter((date) => withheld.has(date))),
  }
}
