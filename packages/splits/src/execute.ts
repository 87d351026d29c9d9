import { type Fold, type FoldCounts, type FoldDates, type Role, ROLES } from './plan.ts'
import { type SessionIndex, type SplitRows, indexSessions } from './rows.ts'

/** Rows of a fold as masks of one byte per row: 1 where the row has the role. A row is in at most one mask. */
export interface FoldRows extends Readonly<Record<Role, Uint8Array>> {
  /** Rows whose date has a role, but whose label ends after a later role begins. */
  readonly purged: Uint8Array
}

/** Position in ROLES of a session that has no role. */
const NO_ROLE = -1

/**
 * Executes one fold on its rows: which rows train, validate, calibrate, test.
 *
 * A row is purged when its label ends after the first start of any later role of the fold, or of the fold's boundary
 * (Lopez de Prado 2018, section 7.4.1); an end that equals the start is kept, because label ends are exclusive. The
 * first start is taken over all rows of the later role, purged or not. Without times nothing is purged. The rows may
 * differ from those that the plan was made from: dates of the fold that have no rows contribute none, and dates
 * outside the fold have no role. O(rows).
 */
export function foldRows(fold: Fold, rows: SplitRows): FoldRows {
  return assignRows(fold, fold.boundary, indexSessions(rows))
}

/** {@link foldRows} on rows that are indexed already. */
function assignRows(dates: FoldDates, boundary: string | null, index: SessionIndex): FoldRows {
  const roleOf = sessionRoles(dates, index.sessions)
  const limits = labelLimits(roleOf, boundary, index)
  const masks = emptyMasks(index.codes.length)
  const byRole = ROLES.map((role) => masks[role])
  for (let row = 0; row < index.codes.length; row++) {
    const role = roleOf[index.codes[row] as number] as number
    const limit = limits[role]
    const late = limit !== undefined && index.times !== null && (index.times.labelEnd[row] as bigint) > limit
    const mask = late ? masks.purged : byRole[role]
    if (mask !== undefined) mask[row] = 1
  }
  return masks
}

function emptyMasks(rows: number): FoldRows {
  const mask = (): Uint8Array => new Uint8Array(rows)
  return { train: mask(), validation: mask(), calibration: mask(), test: mask(), purged: mask() }
}

const marked = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0)

/** Rows under each mask. */
function countRows(masks: FoldRows): FoldCounts {
  return {
    train: marked(masks.train),
    validation: marked(masks.validation),
    calibration: marked(masks.calibration),
    test: marked(masks.test),
    purged: marked(masks.purged),
  }
}

/** A fold from its dates, with its rows counted. */
export function countedFold(index: number, dates: FoldDates, boundary: string | null, sessions: SessionIndex): Fold {
  return { index, ...dates, counts: countRows(assignRows(dates, boundary, sessions)), boundary }
}

/** Position in ROLES of each session's role; NO_ROLE where it has none. */
function sessionRoles(dates: FoldDates, sessions: readonly string[]): Int8Array {
  const roles = new Map(ROLES.flatMap((role, position) => dates[role].map((date) => [date, position] as const)))
  return Int8Array.from(sessions, (session) => roles.get(session) ?? NO_ROLE)
}

/** For each role, the latest label end that a row of it may have: the first start after it; undefined for no limit. */
function labelLimits(roleOf: Int8Array, boundary: string | null, index: SessionIndex): (bigint | undefined)[] {
  let next = boundary === null ? undefined : index.firstStart[index.sessions.findIndex((date) => date >= boundary)]
  const limits: (bigint | undefined)[] = []
  for (let role = ROLES.length - 1; role >= 0; role--) {
    limits[role] = next
    const first = roleOf.indexOf(role)
    next = (first === -1 ? undefined : index.firstStart[first]) ?? next
  }
  return limits
}
