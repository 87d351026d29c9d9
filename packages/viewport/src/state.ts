import { PRICE_EPSILON, within } from '@breakwater/features/vocabulary'
import { checkWithin } from './check.ts'
import type { TargetState } from './target.ts'
import { MINUTE_NS } from './time.ts'

/** Bands in dollars and times of the state machine. */
export interface StateOptions {
  /** APPROACHING within this distance; default 1. Also where an automatic target begins. */
  readonly approachBand?: number
  /** IN_MONITOR_BAND within this distance; default 0.25. */
  readonly monitorBand?: number
  /** TOUCH within this distance; default 0.10. */
  readonly touchBand?: number
  /**
   * Price moves toward a level once it has come this much nearer than it was, and away once this much farther; default
   * 0.05.
   */
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
  /** Whether price has been outside the monitor band at or since the confirmation. */
  readonly left: boolean
  /**
   * Side from which price comes: +1 below the level, -1 above, 0 unknown. Held from the first touch until the episode
   * is over.
   */
  readonly side: -1 | 0 | 1
  /** Side on which price stood when last it was not at the level's price: +1 below it, -1 above, 0 unknown. */
  readonly standing: -1 | 0 | 1
  /** +1 when price moves toward the level, -1 away from it, 0 unknown; and the nearest or farthest it has been since. */
  readonly trend: -1 | 0 | 1
  readonly extreme: number
}

/** A level as one tick sees it. */
export interface Sighting {
  /** Where the level stands now. Dollars, finite. */
  readonly price: number
  /** The price that its episode is about: where it was touched. Default `price`. */
  readonly about?: number
  readonly spot: number
  readonly tsNs: bigint
}

/**
 * The next memory of a level: a pure function of the memory before (null at first sight), what one tick sees, and settings.
 * All bands include their ends.
 *
 * A level is touched where price is within `touchBand` of it, or stands on its other side than at the sight before: it went through between
 * two ticks. Without an episode a touch begins one; else the state goes by distance: IN_MONITOR_BAND; APPROACHING within
 * `approachBand` while price moves toward the level; else FAR.
 * In an episode the clock runs from its first touch: TOUCH until `confirmNs`, wherever price goes meanwhile: leaving and coming back
 * restarts nothing. An episode is about the price at which it began: its distances are those from there, also where the level has moved; a
 * new touch is one of the level where it stands now. Then CONFIRMATION for at least one tick, until price is outside the monitor band; then RESOLVED, until price is back
 * in the monitor band or beyond the approach band, which forgets the touch. After the confirmation a touch begins a new episode once
 * price has been outside the monitor band; before that it does not. The
 * signals have no episodes: each minute of a touch is a row of its own there.
 *
 * Gives back the same object where nothing has changed. O(1).
 */
export function advance(memory: LevelMemory | null, sighting: Sighting, settings: StateSettings): LevelMemory {
  const distance = Math.abs(sighting.price - sighting.spot)
  const fromEpisode = Math.abs((sighting.about ?? sighting.price) - sighting.spot)
  const before = memory ?? firstSight(sighting, distance)
  const standing = sideOf(sighting) || before.standing
  const isTouch = within(distance, settings.touchBand) || before.standing * standing === -1
  const step = stepOf(before, { distance: fromEpisode, isTouch, tsNs: sighting.tsNs }, settings)
  if (step === 'begin') return began(before, distance, sighting, settings)
  const isFree = step === 'free'
  const trend = trendOf(before, distance, settings.moveFrom)
  const extreme = extremeOf(before, trend, distance)
  const state = isFree ? stateByDistance(distance, trend, settings) : (NEXT[step] ?? before.state)
  const touchNs = isFree ? null : before.touchNs
  const left =
    (state === 'CONFIRMATION' || state === 'RESOLVED') && (before.left || !within(fromEpisode, settings.monitorBand))
  const side = isFree ? sideOf(sighting) || before.side : before.side
  const isSame =
    memory !== null &&
    state === memory.state &&
    touchNs === memory.touchNs &&
    left === memory.left &&
    side === memory.side &&
    standing === memory.standing &&
    trend === memory.trend &&
    extreme === memory.extreme
  if (isSame) return memory
  return { state, touchNs, confirmNs: isFree ? null : before.confirmNs, left, side, standing, trend, extreme }
}

/** What a tick does: begins an episode, takes it a step further, leaves it as it is, or finds the level free of one. */
type Step = 'begin' | 'confirm' | 'resolve' | 'stay' | 'free'

const NEXT: Readonly<Partial<Record<Step, TargetState>>> = { confirm: 'CONFIRMATION', resolve: 'RESOLVED' }

interface Sight {
  readonly distance: number
  readonly isTouch: boolean
  readonly tsNs: bigint
}

function stepOf(before: LevelMemory, { distance, isTouch, tsNs }: Sight, settings: StateSettings): Step {
  const inBand = within(distance, settings.monitorBand)
  switch (before.state) {
    case 'TOUCH':
      return before.confirmNs !== null && tsNs >= before.confirmNs ? 'confirm' : 'stay'
    case 'CONFIRMATION':
      if (isTouch && before.left) return 'begin'
      return inBand ? 'stay' : 'resolve'
    case 'RESOLVED':
      if (isTouch) return 'begin'
      return inBand || !within(distance, settings.approachBand) ? 'free' : 'stay'
    case 'FAR':
    case 'APPROACHING':
    case 'IN_MONITOR_BAND':
    default:
      return isTouch ? 'begin' : 'free'
  }
}

function stateByDistance(
  distance: number,
  trend: LevelMemory['trend'],
  { monitorBand, approachBand }: StateSettings,
): TargetState {
  if (within(distance, monitorBand)) return 'IN_MONITOR_BAND'
  return within(distance, approachBand) && trend === 1 ? 'APPROACHING' : 'FAR'
}

/** A new episode. Its side is the one on which price stood before this tick; after an episode, where it stands now. */
function began(
  before: LevelMemory,
  distance: number,
  sighting: Sighting,
  { confirmNs, clock, moveFrom }: StateSettings,
): LevelMemory {
  const { tsNs } = sighting
  const from = clock === 'minute' ? tsNs - (tsNs % MINUTE_NS) : tsNs
  const now = sideOf(sighting)
  // Price that went through came from where it stood before, as in a first touch.
  const side =
    before.touchNs === null ? before.side || now : before.standing * now === -1 ? before.standing : now || before.side
  const trend = trendOf(before, distance, moveFrom)
  const extreme = extremeOf(before, trend, distance)
  return {
    state: 'TOUCH',
    touchNs: tsNs,
    confirmNs: from + confirmNs,
    left: false,
    side,
    standing: now || before.standing,
    trend,
    extreme,
  }
}

function firstSight(sighting: Sighting, distance: number): LevelMemory {
  const side = sideOf(sighting)
  return {
    state: 'FAR',
    touchNs: null,
    confirmNs: null,
    left: false,
    side,
    standing: side,
    trend: 0,
    extreme: distance,
  }
}

function trendOf({ trend, extreme }: LevelMemory, distance: number, moveFrom: number): LevelMemory['trend'] {
  if (trend !== 1 && distance <= extreme - moveFrom + PRICE_EPSILON) return 1
  if (trend !== -1 && distance >= extreme + moveFrom - PRICE_EPSILON) return -1
  return trend
}

/** Where a new trend begins, or how far one has come: the nearest of one toward the level, the farthest of one away. */
function extremeOf(before: LevelMemory, trend: LevelMemory['trend'], distance: number): number {
  if (trend !== before.trend) return distance
  if (trend === 0) return before.extreme
  return trend === 1 ? Math.min(before.extreme, distance) : Math.max(before.extreme, distance)
}

/** +1 when spot lies below the level, -1 above, 0 at the same price. */
function sideOf({ price, spot }: Sighting): -1 | 0 | 1 {
  if (price - spot > PRICE_EPSILON) return 1
  return spot - price > PRICE_EPSILON ? -1 : 0
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
