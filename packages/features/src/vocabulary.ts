/** The words that string columns hold, and the short names under which some features are also known. */

/**
 * Names of level kinds; the first thirteen in the order of their codes (`level_kind` 0 to 12). USER_HOTZONE and GAMMA_FLIP
 * exist only live: no signals table has them, so an encoder fitted on one counts them as unseen.
 */
export const LEVEL_KINDS: readonly string[] = [
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
]

/** Direction of approach: UP when price comes from below the level. */
export const DIRECTIONS: readonly string[] = ['UP', 'DOWN']

/** What the order book did at the level. */
export const BARRIER_STATES: readonly string[] = ['VACUUM', 'WALL', 'ABSORPTION', 'CONSUMED', 'WEAK', 'NEUTRAL']

/** Whether dealer hedging adds to a move or works against it. */
export const FUEL_EFFECTS: readonly string[] = ['AMPLIFY', 'DAMPEN', 'NEUTRAL']

/** Sign of the dealers' gamma. */
export const GAMMA_BUCKETS: readonly string[] = ['SHORT_GAMMA', 'LONG_GAMMA', 'UNKNOWN']

/** What became of a touch. */
export const OUTCOMES: readonly string[] = ['BREAK', 'BOUNCE', 'CHOP', 'UNDEFINED']

/** Short feature names, each with the column that it means. */
export const FEATURE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['sma_200_distance', 'dist_to_sma_200'],
  ['sma_400_distance', 'dist_to_sma_400'],
  ['sma_slope_short', 'sma_200_slope_5bar'],
  ['confluence_score', 'confluence_weighted_score'],
])
