import type { RowValues } from '@breakwater/features'
import type { LevelEntry, LevelFailure, PathNumbers } from './level-book.ts'
import type { FollowedPath, MomentSource, PathForecaster, PathMoment, RowSource } from './parts.ts'
import { barsFault, NO_SESSION_BAR, NO_SIDE } from './rows.ts'
import type { ServedPath } from './serve-path.ts'
import type { LevelMemory } from './state.ts'
import type { ScoreSource } from './target.ts'
import { MINUTE_NS, SECOND_NS } from './time.ts'

/** A level's path at one tick: what a forecaster is asked, and what that means. */
export interface AskedPath {
  readonly moment: PathMoment
  readonly served: ServedPath
  readonly sign: 1 | -1
}

/** What all paths of a tick share. */
export interface PathTick {
  readonly rows: RowSource
  readonly tsNs: bigint
  readonly spot: number
  readonly staleAfterNs: bigint
  /** Dollars within which a level is touched. */
  readonly touchBand: number
  /** How long an episode's outcome is open after its confirmation. */
  readonly windowNs: bigint
}

/**
 * Whether the outcome of an episode is still open: its label window, which begins at the confirmation, runs. After it, the level is asked about
 * as one that is not touched.
 */
function isOpen({ touchNs, confirmNs }: LevelMemory, tsNs: bigint, windowNs: bigint): boolean {
  return touchNs !== null && confirmNs !== null && tsNs < confirmNs + windowNs
}

/** Seconds since the minute of the touch began, while the outcome is open; else null. */
export function elapsedSeconds(memory: LevelMemory, tsNs: bigint, windowNs: bigint): number | null {
  const { touchNs } = memory
  if (touchNs === null || !isOpen(memory, tsNs, windowNs)) return null
  return Number(tsNs - (touchNs - (touchNs % MINUTE_NS))) / Number(SECOND_NS)
}

/**
 * The price that a level's numbers and distances are about: that of the touch while its outcome is open, wherever a level that moves, such as
 * VWAP or the session's high, has gone meanwhile; else `price`, where it stands now.
 */
export function priceAbout(
  { memory, touchPrice }: Pick<LevelEntry, 'memory' | 'touchPrice'>,
  price: number,
  { tsNs, windowNs }: Pick<PathTick, 'tsNs' | 'windowNs'>,
): number {
  return isOpen(memory, tsNs, windowNs) ? touchPrice : price
}

/** Reads the moments of all paths that a forecaster is asked about, once a tick. Null outside the session. */
export function momentsAt({ rows, tsNs, spot }: PathTick, forecaster: PathForecaster | null): MomentSource | null {
  return forecaster === null ? null : (rows.moments?.(tsNs, spot, forecaster.profile ?? null) ?? null)
}

/** What {@link pathOf} asks, and whether the tick is that of the anchor. */
export interface AskedForecaster {
  readonly moments: MomentSource | null
  readonly forecaster: PathForecaster
  readonly isAnchor: boolean
}

/**
 * The path of a level at this tick, or why it has none. An open episode is followed from its touch, with the extremes of bars and
 * ticks; any other level is asked about as if price touched it now (at the edge of the touch band, on the side where price stands), and
 * beside that as it is, for how likely a touch is. Writes the entry's numbers.
 */
export function pathOf(
  entry: LevelEntry,
  row: RowValues | null,
  tick: PathTick,
  { moments, forecaster, isAnchor }: AskedForecaster,
): AskedPath | LevelFailure {
  const fault = barsFault(tick.rows, tick.tsNs, tick.staleAfterNs)
  if (fault !== null) return fault
  if (moments === null) return NO_SESSION_BAR
  const numbers = (entry.numbers ??= {
    touched: new Float64Array(forecaster.width),
    approach: new Float64Array(forecaster.width),
  })
  return isOpen(entry.memory, tick.tsNs, tick.windowNs)
    ? touchedPath(entry, row, tick, {
        moments,
        numbers,
        source: (isAnchor ? forecaster.atAnchor : null) ?? 'law',
        isAnchor,
      })
    : supposedPath(entry, tick, moments, numbers)
}

interface TouchedMoment {
  readonly moments: MomentSource
  readonly numbers: PathNumbers
  readonly source: ScoreSource
  readonly isAnchor: boolean
}

function touchedPath(
  entry: LevelEntry,
  row: RowValues | null,
  { spot }: PathTick,
  { moments, numbers: { touched }, source, isAnchor }: TouchedMoment,
): AskedPath | LevelFailure {
  const { memory, episode, highest, lowest } = entry
  const sign = episode?.row?.sign ?? memory.side
  if (sign === 0 || memory.touchNs === null) return NO_SIDE
  // The price and the range that the signals give the touch, once its row is there.
  const price = (entry.touchPrice = numberOf(row, 'level_price') ?? entry.touchPrice)
  const path: FollowedPath = {
    price,
    sign,
    touchMinute: Number(memory.touchNs / MINUTE_NS),
    atr: numberOf(row, 'atr'),
    seen: { highest, lowest },
  }
  moments.write(path, touched)
  return {
    moment: { price, numbers: touched, row, approach: null, isAnchor },
    served: { displacement: sign * (spot - price), isTouched: true, source },
    sign,
  }
}

function supposedPath(
  { memory, level: { price } }: LevelEntry,
  { spot, tsNs, touchBand }: PathTick,
  moments: MomentSource,
  { touched, approach }: PathNumbers,
): AskedPath | LevelFailure {
  const sign = memory.standing === 0 ? memory.side : memory.standing
  if (sign === 0) return NO_SIDE
  moments.write({ price, sign, touchMinute: null, atr: null }, approach)
  const displacement = Math.max(sign * (spot - price), -touchBand)
  const at = price + sign * displacement
  moments.write({ price, sign, touchMinute: Number(tsNs / MINUTE_NS), atr: null }, touched, at)
  return {
    moment: { price, numbers: touched, row: null, approach },
    served: { displacement: sign * (at - price), isTouched: false },
    sign,
  }
}

function numberOf(row: RowValues | null, name: string): number | null {
  const value = row?.[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
