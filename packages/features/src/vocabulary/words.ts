/**
 * Kinds of level; the first thirteen in the order of their codes (`level_kind` 0 to 12). USER_HOTZONE and GAMMA_FLIP exist
 * only live: no signals table has them, so an encoder fitted on one counts them as unseen.
 */
export const LEVEL_KINDS = [
  'PM_HIGH',
  'PM_LOW',
  'OR_HIGH',
  'OR_LOW',
  'SESSION_HIGH',
  'SESSION_LOW',
  'SMA_200',
  'VWAP',
  'ROUND',
  'STRIKE',
  'CALL_WALL',
  'PUT_WALL',
  'SMA_400',
  'USER_HOTZONE',
  'GAMMA_FLIP',
] as const
/** One of {@link LEVEL_KINDS}. */
export type LevelKind = (typeof LEVEL_KINDS)[number]

const KINDS: ReadonlySet<string> = new Set(LEVEL_KINDS)

/** Whether a word names one of {@link LEVEL_KINDS}. */
export function isLevelKind(kind: string): kind is LevelKind {
  return KINDS.has(kind)
}

const MANY: ReadonlySet<LevelKind> = new Set<LevelKind>(['ROUND', 'STRIKE', 'USER_HOTZONE'])

/** Kinds of which there is one level at a time; its price may move. */
export const SINGLE_KINDS: readonly LevelKind[] = LEVEL_KINDS.filter((kind) => !MANY.has(kind))

/** Kinds of level that option data gives. */
export const OPTION_KINDS = ['STRIKE', 'CALL_WALL', 'PUT_WALL'] as const
/** One of {@link OPTION_KINDS}. */
export type OptionKind = (typeof OPTION_KINDS)[number]

/** Directions of approach: UP when price comes from below the level. */
export const DIRECTIONS = ['UP', 'DOWN'] as const
/** One of {@link DIRECTIONS}. */
export type Direction = (typeof DIRECTIONS)[number]

/** The word for a sign: UP for +1, price from below; DOWN for -1. */
export function directionOf(sign: 1 | -1): Direction {
  return sign > 0 ? 'UP' : 'DOWN'
}

/** The sign of a direction's word: +1 for UP, -1 for DOWN; NaN for any other word. */
export function signOf(direction: string | null | undefined): number {
  if (direction === 'UP') return 1
  return direction === 'DOWN' ? -1 : Number.NaN
}

/** What the order book did at the level. */
export const BARRIER_STATES = ['VACUUM', 'WALL', 'ABSORPTION', 'CONSUMED', 'WEAK', 'NEUTRAL'] as const
/** One of {@link BARRIER_STATES}. */
export type BarrierState = (typeof BARRIER_STATES)[number]

/** Whether dealer hedging adds to a move or works against it. */
export const FUEL_EFFECTS = ['AMPLIFY', 'DAMPEN', 'NEUTRAL'] as const
/** One of {@link FUEL_EFFECTS}. */
export type FuelEffect = (typeof FUEL_EFFECTS)[number]

/** Sign of the dealers' gamma. */
export const GAMMA_BUCKETS = ['SHORT_GAMMA', 'LONG_GAMMA', 'UNKNOWN'] as const
/** One of {@link GAMMA_BUCKETS}. */
export type GammaBucket = (typeof GAMMA_BUCKETS)[number]

/** What became of a touch. */
export const OUTCOMES = ['BREAK', 'BOUNCE', 'CHOP', 'UNDEFINED'] as const
/** One of {@link OUTCOMES}. */
export type OutcomeName = (typeof OUTCOMES)[number]
