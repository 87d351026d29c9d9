import { checkWithin } from './check.ts'
import type { TargetState } from './target.ts'

/** Bands in dollars and times of the state machine. */
export interface StateOptions {
  /** APPROACHING within this distance; default 1. Also where an automatic target begins. */
  readonly approachBand?: number
  /** IN_MONITOR_BAND within this distance; default 0.25. */
  readonly monitorBand?: number
  /** TOUCH within this distance; default 0.10. */
  readonly touchBand?: number
  /** Price moves toward a level once it has come this much nearer than it was, and away once this much farther; default 0.05. */
  readonly moveFrom?: number
  /** Nanoseconds of the confirmation window; default 240 s. */
  readonly confirmNs?: bigint
  /**
   * Where the window begins: at the start of the minute of the first touch, as the touches do that models are trained on
   * ('minute', the default), or at the first touch itself ('touch').
   */
  readonly clock?: 'minute' | 'touch'
}

/** {@link StateOptions} with every default filled in. */
export type StateSettings = Required<StateOptions>

/** What is remembered of a level between ticks. Plain data; never changed, only replaced. */
export interface LevelMemory {
  readonly state: TargetState
  /** First touch of the episode that runs or has resolved; null without one. */
  readonly touchNs: bigint | null
  /** When its confirmation window ends. */
  readonly confirmNs: bigint | null
  /** Whether price has left the monitor band since the touch. */
  readonly left: boolean
  /** Side from which price comes: +1 below the level, -1 above, 0 unknown. Held from the first touch until the episode is over. */
  readonly side: -1 | 0 | 1
  /** +1 when price moves toward the level, -1 away from it, 0 unknown; and the nearest or farthest it has been since. */
  readonly trend: -1 | 0 | 1
  readonly extreme: number
}

/** A level as one tick sees it. */
export interface Sighting {
  /** Dollars, finite. */
  readonly price: number
  readonly spot: number
  readonly tsNs: bigint
}

/** Decimal cents are not exact in binary: distances that differ by less than a millionth of a cent are the same. */
const EPSILON = 1e-8
const MINUTE_NS = 60_000_000_000n

/**
 * The next memory of a level: a pure function of the memory before (null at first sight), what one tick sees, and settings.
 * All bands include their ends.
 *
 * Without an episode the state goes by distance: TOUCH within `touchBand`, which begins an episode; IN_MONITOR_BAND;
 * APPROACHING within `approachBand` while price moves toward the level; else FAR.
 * In an episode the clock runs from its first touch: TOUCH until `confirmNs`, wherever price goes meanwhile; then CONFIRMATION for at
 * least one tick, until price is outside the monitor band; then RESOLVED, until price is back in the monitor band or beyond the
 * approach band, which forgets the touch. A touch after price has left the monitor band begins a new episode; touching again
 * without leaving does not, and never restarts the clock.
 *
 * Gives back the same object where nothing has changed. O(1).
 */
export function advance(memory: LevelMemory | null, sighting: Sighting, settings: StateSettings): LevelMemory {
  const before = memory ?? firstSight(sighting)
  const distance = Math.abs(sighting.price - sighting.spot)
  const after = followEpisode(before, distance, sighting, settings)
  return memory !== null && isSame(memory, after) ? memory : after
}

function firstSight({ price, spot }: Sighting): LevelMemory {
  const side = sideOf(price, spot)
  const extreme = Math.abs(price - spot)
  return { state: 'FAR', touchNs: null, confirmNs: null, left: false, side, trend: 0, extreme }
}

function followEpisode(
  before: LevelMemory,
  distance: number,
  sighting: Sighting,
  settings: StateSettings,
): LevelMemory {
  const inBand = distance <= settings.monitorBand + EPSILON
  const touches = distance <= settings.touchBand + EPSILON
  const moved = followTrend(before, distance, settings.moveFrom)
  const left = before.left || !inBand
  switch (before.state) {
    case 'TOUCH':
      if (before.confirmNs !== null && sighting.tsNs >= before.confirmNs)
        return { ...moved, state: 'CONFIRMATION', left }
      return touches && before.left ? began(moved, sighting, settings) : { ...moved, left }
    case 'CONFIRMATION':
      if (touches && before.left) return began(moved, sighting, settings)
      return inBand ? moved : { ...moved, state: 'RESOLVED', left }
    case 'RESOLVED':
      if (touches) return began(moved, sighting, settings)
      if (!inBand && distance <= settings.approachBand + EPSILON) return moved
      return byDistance(moved, distance, sighting, settings)
    case 'FAR':
    case 'APPROACHING':
    case 'IN_MONITOR_BAND':
    default:
      return touches ? began(moved, sighting, settings) : byDistance(moved, distance, sighting, settings)
  }
}

/** A new episode, whose side is the one price stood on before this tick. After an episode that is where price stands now. */
function began(moved: LevelMemory, { price, spot, tsNs }: Sighting, { confirmNs, clock }: StateSettings): LevelMemory {
  const from = clock === 'minute' ? tsNs - (tsNs % MINUTE_NS) : tsNs
  const side = moved.touchNs === null ? moved.side || sideOf(price, spot) : sideOf(price, spot) || moved.side
  return { ...moved, state: 'TOUCH', touchNs: tsNs, confirmNs: from + confirmNs, left: false, side }
}

function byDistance(
  moved: LevelMemory,
  distance: number,
  { price, spot }: Sighting,
  { monitorBand, approachBand }: StateSettings,
): LevelMemory {
  const approaches = distance <= approachBand + EPSILON && moved.trend === 1
  const outside = approaches ? 'APPROACHING' : 'FAR'
  const state = distance <= monitorBand + EPSILON ? 'IN_MONITOR_BAND' : outside
  return { ...moved, state, touchNs: null, confirmNs: null, left: false, side: sideOf(price, spot) || moved.side }
}

function followTrend(before: LevelMemory, distance: number, moveFrom: number): LevelMemory {
  const { trend, extreme } = before
  if (trend !== 1 && distance <= extreme - moveFrom + EPSILON) return { ...before, trend: 1, extreme: distance }
  if (trend !== -1 && distance >= extreme + moveFrom - EPSILON) return { ...before, trend: -1, extreme: distance }
  const further = trend === 1 ? Math.min(extreme, distance) : Math.max(extreme, distance)
  return trend === 0 || further === extreme ? before : { ...before, extreme: further }
}

/** +1 when `spot` lies below `price`, -1 above, 0 at the same price. */
function sideOf(price: number, spot: number): -1 | 0 | 1 {
  if (price - spot > EPSILON) return 1
  return spot - price > EPSILON ? -1 : 0
}

function isSame(a: LevelMemory, b: LevelMemory): boolean {
  return (
    a.state === b.state &&
    a.touchNs === b.touchNs &&
    a.confirmNs === b.confirmNs &&
    a.left === b.left &&
    a.side === b.side &&
    a.trend === b.trend &&
    a.extreme === b.extreme
  )
}

/** The options with their defaults. Throws RangeError naming the one that is wrong: bands rise from touch to approach. */
export function stateSettings({
  approachBand = 1,
  monitorBand = 0.25,
  touchBand = 0.1,
  moveFrom = 0.05,
  confirmNs = 240_000_000_000n,
  clock = 'minute',
}: StateOptions = {}): StateSettings {
  const hint = 'Bands are dollars, and touchBand <= monitorBand <= approachBand.'
  checkWithin('options.state.touchBand', touchBand, [0, Number.MAX_VALUE], hint)
  checkWithin('options.state.monitorBand', monitorBand, [touchBand, Number.MAX_VALUE], hint)
  checkWithin('options.state.approachBand', approachBand, [monitorBand, Number.MAX_VALUE], hint)
  checkWithin('options.state.moveFrom', moveFrom, [1e-6, Number.MAX_VALUE], 'Dollars, above 0.')
  if (confirmNs < 0n) {
    throw new RangeError(`viewport: options.state.confirmNs=${confirmNs}: must be at least 0. It is in nanoseconds.`)
  }
  return { approachBand, monitorBand, touchBand, moveFrom, confirmNs, clock }
}
