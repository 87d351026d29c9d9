import type { RandomStream } from './random.ts'

/** Dealers' hedging flow in one minute: all of it noise, without effect on the price. */
export interface Dealer {
  /** `gamma_flow_velocity` of this minute and of the three before it, newest first; NaN before the session. */
  readonly velocities: readonly [number, number, number, number]
  /** Exponential mean of the velocity; `gamma_flow_impulse` is the velocity less this. */
  readonly mean: number
}

const PERSISTENCE = 0.9
const SPREAD = 25_000

/** No flow seen yet, as at each session's start. */
export const NO_FLOW: Dealer = { velocities: [Number.NaN, Number.NaN, Number.NaN, Number.NaN], mean: 0 }

/** The flow one minute later: an autoregression of standard deviation 25,000. */
export function nextDealer(previous: Dealer, random: RandomStream): Dealer {
  const [last, second, third] = previous.velocities
  const carried = Number.isNaN(last) ? 0 : PERSISTENCE * last
  const velocity = carried + SPREAD * Math.sqrt(1 - PERSISTENCE ** 2) * random.normal()
  return { velocities: [velocity, last, second, third], mean: 0.8 * previous.mean + 0.2 * velocity }
}

/**
 * The six columns of the group dealer_velocity. Accelerations are differences per minute over one and three minutes;
 * they are NaN in a session's first minutes, where the earlier flow was not seen. Pressure is tanh(-velocity/60,000).
 */
export function dealerColumns(dealer: Dealer): Record<DealerColumn, number> {
  const [velocity, last, , third] = dealer.velocities
  const pressure = Math.tanh(-velocity / 60_000)
  return {
    gamma_flow_velocity: velocity,
    gamma_flow_impulse: velocity - dealer.mean,
    gamma_flow_accel_1m: velocity - last,
    gamma_flow_accel_3m: (velocity - third) / 3,
    dealer_pressure: pressure,
    dealer_pressure_accel: pressure - Math.tanh(-last / 60_000),
  }
}

/** Names of the columns of the group dealer_velocity. */
export type DealerColumn =
  | 'gamma_flow_velocity'
  | 'gamma_flow_impulse'
  | 'gamma_flow_accel_1m'
  | 'gamma_flow_accel_3m'
  | 'dealer_pressure'
  | 'dealer_pressure_accel'
