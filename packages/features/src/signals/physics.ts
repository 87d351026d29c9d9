/** Numeric physics columns that a source may give. Flags are 0 and 1. */
export const PHYSICS_NUMBERS = [
  'barrier_delta_liq',
  'barrier_replenishment_ratio',
  'wall_ratio',
  'tape_imbalance',
  'tape_buy_vol',
  'tape_sell_vol',
  'tape_velocity',
  'sweep_detected',
  'gamma_exposure',
  'gamma_flow_velocity',
  'gamma_flow_impulse',
  'gamma_flow_accel_1m',
  'gamma_flow_accel_3m',
  'dealer_pressure',
  'dealer_pressure_accel',
  'barrier_replenishment_trend',
  'barrier_delta_liq_trend',
  'tape_velocity_trend',
  'tape_imbalance_trend',
] as const

/** A numeric physics column. */
export type PhysicsNumber = (typeof PHYSICS_NUMBERS)[number]

/** Physics columns that hold words. */
export const PHYSICS_WORDS = ['barrier_state', 'fuel_effect', 'gamma_bucket'] as const

/** A physics column that holds words. */
export type PhysicsWord = (typeof PHYSICS_WORDS)[number]

/** Physics of one touch; NaN and null where the source has nothing. */
export interface PhysicsValues {
  readonly numbers: Readonly<Record<PhysicsNumber, number>>
  readonly words: Readonly<Record<PhysicsWord, string | null>>
}

const BARRIER_S = 240
const TAPE_S = 60

/**
 * Seconds after the touch minute's start at which each is known: barrier windows run to 240 s, tape windows to 60 s, and
 * option flow is that known by 60 s. A source whose windows run longer must not be given under these names.
 */
export const KNOWN_AFTER_S: Readonly<Record<PhysicsNumber | PhysicsWord, number>> = {
  barrier_state: BARRIER_S,
  barrier_delta_liq: BARRIER_S,
  barrier_replenishment_ratio: BARRIER_S,
  wall_ratio: BARRIER_S,
  tape_imbalance: TAPE_S,
  tape_buy_vol: TAPE_S,
  tape_sell_vol: TAPE_S,
  tape_velocity: TAPE_S,
  sweep_detected: TAPE_S,
  gamma_exposure: TAPE_S,
  fuel_effect: TAPE_S,
  gamma_bucket: TAPE_S,
  gamma_flow_velocity: TAPE_S,
  gamma_flow_impulse: TAPE_S,
  gamma_flow_accel_1m: TAPE_S,
  gamma_flow_accel_3m: TAPE_S,
  dealer_pressure: TAPE_S,
  dealer_pressure_accel: TAPE_S,
  barrier_replenishment_trend: BARRIER_S,
  barrier_delta_liq_trend: BARRIER_S,
  tape_velocity_trend: TAPE_S,
  tape_imbalance_trend: TAPE_S,
}

/** Physics of a touch for which no source has anything: all missing, never zero. */
export const NO_PHYSICS: PhysicsValues = {
  numbers: {
    barrier_delta_liq: Number.NaN,
    barrier_replenishment_ratio: Number.NaN,
    wall_ratio: Number.NaN,
    tape_imbalance: Number.NaN,
    tape_buy_vol: Number.NaN,
    tape_sell_vol: Number.NaN,
    tape_velocity: Number.NaN,
    sweep_detected: Number.NaN,
    gamma_exposure: Number.NaN,
    gamma_flow_velocity: Number.NaN,
    gamma_flow_impulse: Number.NaN,
    gamma_flow_accel_1m: Number.NaN,
    gamma_flow_accel_3m: Number.NaN,
    dealer_pressure: Number.NaN,
    dealer_pressure_accel: Number.NaN,
    barrier_replenishment_trend: Number.NaN,
    barrier_delta_liq_trend: Number.NaN,
    tape_velocity_trend: Number.NaN,
    tape_imbalance_trend: Number.NaN,
  },
  words: { barrier_state: null, fuel_effect: null, gamma_bucket: null },
}
