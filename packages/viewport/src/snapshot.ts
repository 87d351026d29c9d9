/** A one-minute bar that has ended; `minute` is its start in whole minutes since 1970 UTC. */
export interface SnapshotBar {
  readonly minute: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/**
 * Readings of order book, tape and options at one level, under the names of the signals columns (`barrier_state`,
 * `tape_imbalance`, `gamma_exposure`, ...). null, NaN and an absent name are missing; nothing stands in for them. Values
 * whose window has not run to its end since the touch are not used for the row of that touch.
 */
export type Physics = Readonly<Record<string, number | string | null | undefined>>

/** One price level as the Core Service knows it. */
export interface SnapshotLevel {
  /** `level_id` of the payload; handed back, never interpreted. */
  readonly id: string
  /** `level_kind_name`: PM_HIGH, ROUND, USER_HOTZONE, ...; a kind that training never saw is allowed. */
  readonly kind: string
  /** Dollars, above 0. */
  readonly price: number
  readonly physics?: Physics
}

/** The market at one moment. */
export interface Snapshot {
  /** Nanoseconds since 1970 UTC, not before the last snapshot's. */
  readonly tsNs: bigint
  /** Dollars, above 0. */
  readonly spot: number
  /** Dollars, or null; spot is held against them, and they are not used for scoring. */
  readonly bid: number | null
  readonly ask: number | null
  readonly levels: readonly SnapshotLevel[]
  /** Bars that ended since the last snapshot, oldest first; none by default. */
  readonly bars?: readonly SnapshotBar[]
  /** The sender announces a real jump of price in this snapshot. */
  readonly jump?: boolean
}

/** Codes of {@link SnapshotError}. */
export const SNAPSHOT_ERRORS = [
  'bad_time',
  'time_backwards',
  'time_ahead',
  'bad_spot',
  'bad_quote',
  'bad_levels',
  'bad_bars',
  'spot_outside_quote',
  'spot_jump',
] as const

/** Why a whole snapshot is refused. */
export type SnapshotErrorCode = (typeof SNAPSHOT_ERRORS)[number]

/** A snapshot that cannot be scored; the viewport is as it was before. */
export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode

  constructor(code: SnapshotErrorCode, message: string) {
    super(message)
    this.name = 'SnapshotError'
    this.code = code
  }
}
