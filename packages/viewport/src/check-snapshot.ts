import { SnapshotError } from './snapshot.ts'
import type { Snapshot, SnapshotLevel } from './snapshot.ts'

/** What a snapshot's time is held against; null where it is held against nothing. */
export interface TimeBounds {
  /** Time of the snapshot before. */
  readonly lastNs: bigint | null
  /** The latest time that the clock allows. */
  readonly latestNs: bigint | null
}

/**
 * Throws {@link SnapshotError} for a snapshot whose time, spot or list of levels cannot be used. A last snapshot that the
 * clock says has not come yet was an error of the clock, and time may go back behind it.
 */
export function checkSnapshot({ tsNs, spot, levels }: Snapshot, { lastNs, latestNs }: TimeBounds): void {
  if (typeof tsNs !== 'bigint' || tsNs <= 0n) {
    const got = String(tsNs)
    throw new SnapshotError(
      'bad_time',
      `viewport: snapshot.tsNs=${got}: must be a bigint of nanoseconds since 1970 UTC.`,
    )
  }
  if (latestNs !== null && tsNs > latestNs) {
    throw new SnapshotError(
      'time_ahead',
      `viewport: snapshot.tsNs=${tsNs}: is further ahead of the clock than allowed; the latest accepted is ${latestNs}. Correct the sender's clock.`,
    )
  }
  const wasAhead = lastNs !== null && latestNs !== null && lastNs > latestNs
  if (lastNs !== null && tsNs < lastNs && !wasAhead) {
    throw new SnapshotError(
      'time_backwards',
      `viewport: snapshot.tsNs=${tsNs}: is before the last snapshot, ${lastNs}. Drop snapshots that arrive out of order.`,
    )
  }
  if (!(typeof spot === 'number' && spot > 0 && spot < Infinity)) {
    throw new SnapshotError('bad_spot', `viewport: snapshot.spot=${String(spot)}: must be a price above 0.`)
  }
  if (!Array.isArray(levels)) {
    throw new SnapshotError(
      'bad_levels',
      `viewport: snapshot.levels=${typeof levels === 'object' && levels !== null ? 'an object' : String(levels)}: must be a list of levels.`,
    )
  }
}

/** Why a level cannot become a target; null where it can. */
export function levelFault(level: SnapshotLevel): 'bad_level' | 'bad_price' | null {
  if (!isWord(level?.id) || !isWord(level.kind)) return 'bad_level'
  return typeof level.price === 'number' && level.price > 0 && level.price < Infinity ? null : 'bad_price'
}

const isWord = (value: unknown): boolean => typeof value === 'string' && value !== ''
