/** One planted effect: how a column moves the chance of BREAK against BOUNCE at a touch. */
export interface PlantedEffect {
  /** The physics column that carries the effect. */
  readonly column: string
  /** The outcome that a larger value makes likelier; `state` where the value is a word and each word has its own. */
  readonly effect: 'break' | 'bounce' | 'state'
  /** True where the value counts after multiplication by `direction_sign`: with the approach, not upward. */
  readonly signed: boolean
  /** Units of demand at the column's full scale; what a unit of demand does is in {@link DEMAND_DRIFT}. */
  readonly strength: number
  /** The rule in one sentence. */
  readonly description: string
}

/** Drift of the price in $ per minute for one unit of demand, in neutral dealer gamma. */
export const DEMAND_DRIFT = 0.1

/** Gamma exposure ($) at which the planted effect of gamma is tanh(1), 76% of its full size. */
export const GAMMA_SCALE = 60_000

/** Full size of gamma's push on demand, units. */
export const GAMMA_PUSH = 1.6

/** Push of the wall against the approach, units per unit of wall_ratio. */
export const WALL_PUSH = 0.6

/** Share of touches that push demand: after a push, further touches push nothing for some minutes. */
export const PUSH_SHARE = 0.33

/** Push on demand, in units and in the direction of the approach, when a touch meets this barrier state. */
export const BARRIER_PUSH: Readonly<Record<string, number>> = {
  NEUTRAL: 0,
  WEAK: 1,
  CONSUMED: 2,
  VACUUM: 2.4,
  ABSORPTION: -2,
  WALL: -2.4,
}

/** Every planted column. All other physics columns are noise, or echoes of one of these ({@link ECHOES}). */
export const PLANTED: readonly PlantedEffect[] = [
  {
    column: 'tape_imbalance',
    effect: 'break',
    signed: true,
    strength: 1,
    description:
      'Hidden demand (half-life 10 minutes) drifts the price by 0.1 $/min per unit and leans the tape at once: flow with the approach breaks the level, flow against it turns the price back.',
  },
  {
    column: 'gamma_exposure',
    effect: 'bounce',
    signed: false,
    strength: GAMMA_PUSH,
    description:
      'A touch pushes demand along the approach by -1.6 tanh(gamma / 60,000): short gamma carries the price through and widens moves by 20%, long gamma turns it back and narrows them by 10%.',
  },
  {
    column: 'barrier_state',
    effect: 'state',
    signed: false,
    strength: 2.4,
    description:
      'A touch that meets WALL or ABSORPTION pushes demand against the approach by 2.4 or 2; VACUUM, CONSUMED and WEAK push it along by 2.4, 2 and 1; NEUTRAL does nothing.',
  },
  {
    column: 'wall_ratio',
    effect: 'bounce',
    signed: false,
    strength: WALL_PUSH,
    description: 'A touch pushes demand against the approach by 0.6 per unit of wall_ratio, up to 3 units.',
  },
]

/** Columns that repeat a planted one and so carry its effect without one of their own. */
export const ECHOES: Readonly<Record<string, readonly string[]>> = {
  tape_imbalance: ['tape_buy_vol', 'tape_sell_vol', 'tape_imbalance_trend', 'tape_pressure', 'net_break_pressure'],
  gamma_exposure: ['fuel_effect', 'gamma_bucket', 'gamma_pressure'],
  barrier_state: ['barrier_delta_liq', 'barrier_delta_liq_nonzero', 'barrier_delta_liq_log', 'barrier_delta_liq_trend'],
  wall_ratio: ['wall_ratio_nonzero', 'wall_ratio_log', 'liquidity_pressure'],
}

/** What a touch reads of the physics of its minute. NaN and null are missing values: they add nothing. */
export interface TouchPhysics {
  readonly tapeImbalance: number
  readonly gammaExposure: number
  readonly barrierState: string | null
  readonly wallRatio: number
}

/** Push of gamma on demand along the approach at a touch, in units; 0 where gamma is missing. */
export function gammaPush(gammaExposure: number): number {
  return -GAMMA_PUSH * Math.tanh(known(gammaExposure) / GAMMA_SCALE)
}

/** Push of the book on demand along the approach at a touch, in units; a missing part adds nothing. */
export function barrierPush(barrierState: string | null, wallRatio: number): number {
  const state = barrierState === null ? 0 : (BARRIER_PUSH[barrierState] ?? 0)
  return state - WALL_PUSH * Math.min(known(wallRatio), 3)
}

/**
 * The planted score of a touch approached with `directionSign` (1 from below, -1 from above): directionSign x
 * tape_imbalance + {@link PUSH_SHARE} x (push of gamma + push of the book). Higher breaks more often. Close to the best
 * ranking that the emitted physics of the touch minute allow; tests use it as the known truth.
 */
export function plantedScore(physics: TouchPhysics, directionSign: number): number {
  const push = gammaPush(physics.gammaExposure) + barrierPush(physics.barrierState, physics.wallRatio)
  return directionSign * known(physics.tapeImbalance) + PUSH_SHARE * push
}

const known = (value: number): number => (Number.isNaN(value) ? 0 : value)
