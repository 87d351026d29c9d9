import type { PhysicsNumber } from './physics.ts'

/** Columns of {@link pressureFeatures}. */
export type PressureColumn =
  | 'liquidity_pressure'
  | 'tape_pressure'
  | 'gamma_pressure'
  | 'gamma_pressure_accel'
  | 'reversion_pressure'
  | 'net_break_pressure'

/** Seconds after the touch minute's start at which each is known: when the last of its parts is. */
export const KNOWN_AFTER_S: Readonly<Record<PressureColumn, number>> = {
  liquidity_pressure: 240,
  tape_pressure: 60,
  gamma_pressure: 60,
  gamma_pressure_accel: 60,
  reversion_pressure: 60,
  net_break_pressure: 240,
}

/** What the pressures are made of. */
export type PressureSource =
  | Extract<
      PhysicsNumber,
      'barrier_delta_liq' | 'wall_ratio' | 'tape_imbalance' | 'tape_velocity' | 'gamma_exposure' | 'gamma_flow_accel_3m'
    >
  | 'mean_reversion_pressure_200'
  | 'mean_reversion_pressure_400'
  | 'confluence_pressure'

/** `value` kept in [-1, 1]; NaN stays NaN. */
function clip(value: number): number {
  return Math.max(-1, Math.min(1, value))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Pressures toward a break, each in [-1, 1], NaN where a part is missing; `sign` is the direction of approach:
 * liquidity = mean of tanh(-barrier_delta_liq / 200) and clip(1 - wall_ratio / 2);
 * tape = sign x mean of tape_imbalance and clip(tape_velocity / 0.5);
 * gamma = tanh(-gamma_exposure / 100000); gamma acceleration = tanh(-gamma_flow_accel_3m / 50000);
 * reversion = tanh(-sign x mean of the two mean_reversion_pressure);
 * net = mean of those five and confluence_pressure.
 */
export function pressureFeatures(
  sign: 1 | -1,
  values: Readonly<Record<PressureSource, number>>,
): Record<PressureColumn, number> {
  const liquidity = clip(mean([Math.tanh(-values.barrier_delta_liq / 200), clip(1 - values.wall_ratio / 2)]))
  const tape = clip(sign * mean([values.tape_imbalance, clip(values.tape_velocity / 0.5)]))
  const gamma = Math.tanh(-values.gamma_exposure / 100_000)
  const acceleration = Math.tanh(-values.gamma_flow_accel_3m / 50_000)
  const pull = mean([values.mean_reversion_pressure_200, values.mean_reversion_pressure_400])
  const reversion = Math.tanh(-sign * pull)
  return {
    liquidity_pressure: liquidity,
    tape_pressure: tape,
    gamma_pressure: gamma,
    gamma_pressure_accel: acceleration,
    reversion_pressure: reversion,
    net_break_pressure: clip(mean([liquidity, tape, gamma, acceleration, reversion, values.confluence_pressure])),
  }
}
