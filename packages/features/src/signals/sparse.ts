import type { PhysicsNumber } from './physics.ts'

/** Columns of {@link sparseTwins}. */
export type SparseColumn =
  'barrier_delta_liq_nonzero' | 'barrier_delta_liq_log' | 'wall_ratio_nonzero' | 'wall_ratio_log'

/** Seconds after the touch minute's start at which each is known: with the barrier window. */
export const KNOWN_AFTER_S: Readonly<Record<SparseColumn, number>> = {
  barrier_delta_liq_nonzero: 240,
  barrier_delta_liq_log: 240,
  wall_ratio_nonzero: 240,
  wall_ratio_log: 240,
}

function nonzero(value: number): number {
  if (Number.isNaN(value)) return Number.NaN
  return value === 0 ? 0 : 1
}

/** sign(value) x ln(1 + |value|). */
function signedLog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value))
}

/** Twins of two columns that are mostly zero: `_nonzero` is 1 or 0, `_log` the signed log1p. NaN where missing. */
export function sparseTwins(numbers: Readonly<Record<PhysicsNumber, number>>): Record<SparseColumn, number> {
  return {
    barrier_delta_liq_nonzero: nonzero(numbers.barrier_delta_liq),
    barrier_delta_liq_log: signedLog(numbers.barrier_delta_liq),
    wall_ratio_nonzero: nonzero(numbers.wall_ratio),
    wall_ratio_log: signedLog(numbers.wall_ratio),
  }
}
