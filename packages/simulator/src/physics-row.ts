import { replenishmentRatio } from './barrier.ts'
import type { Barrier } from './barrier.ts'
import { dealerColumns } from './dealer.ts'
import type { Dealer } from './dealer.ts'
import { fuelEffect, gammaBucket } from './fuel.ts'
import type { Fuel } from './fuel.ts'
import { tapeImbalance } from './tape.ts'
import type { Tape } from './tape.ts'

/** Everything the market holds in one minute besides its price and its hidden demand. */
export interface Physics {
  readonly barrier: Barrier
  readonly tape: Tape
  readonly fuel: Fuel
  readonly dealer: Dealer
}

/** One row of the physics table before gaps are made: numbers (booleans as 0 and 1) and words by column name. */
export type PhysicsRow = Readonly<Record<string, number | string>>

/** Columns whose change over five minutes is a column too: the source and the name of the trend. */
export const TRENDS: readonly (readonly [source: string, trend: string])[] = [
  ['barrier_replenishment_ratio', 'barrier_replenishment_trend'],
  ['barrier_delta_liq', 'barrier_delta_liq_trend'],
  ['tape_velocity', 'tape_velocity_trend'],
  ['tape_imbalance', 'tape_imbalance_trend'],
]

/** Columns of the book. */
const BARRIER_COLUMNS = ['barrier_state', 'barrier_delta_liq', 'barrier_replenishment_ratio', 'wall_ratio'] as const

/**
 * Rows whose book is read over `minutes` minutes from their own on: it is the one at the end of that window, or of the session. What a row then says
 * of the book is known no sooner than that.
 */
export function withBarrierAhead(rows: readonly PhysicsRow[], minutes: number): readonly PhysicsRow[] {
  return rows.map((row, at) => {
    const end = rows[Math.min(at + minutes, rows.length) - 1] ?? row
    return { ...row, ...Object.fromEntries(BARRIER_COLUMNS.map((name) => [name, end[name] ?? Number.NaN])) }
  })
}

/** Columns that hold words. */
export const WORD_COLUMNS: readonly string[] = ['barrier_state', 'fuel_effect', 'gamma_bucket']

/**
 * The columns of the groups barrier_physics, tape_physics, fuel_physics and dealer_velocity for one minute, without the
 * derived twins and pressures, which features compute, and without the trends, which need earlier rows.
 */
export function physicsRow({ barrier, tape, fuel, dealer }: Physics): PhysicsRow {
  return {
    barrier_state: barrier.state,
    barrier_delta_liq: barrier.deltaLiq,
    barrier_replenishment_ratio: replenishmentRatio(barrier),
    wall_ratio: barrier.wallRatio,
    tape_imbalance: tapeImbalance(tape),
    tape_buy_vol: tape.buyVolume,
    tape_sell_vol: tape.sellVolume,
    tape_velocity: tape.velocity,
    sweep_detected: tape.sweep ? 1 : 0,
    gamma_exposure: fuel.gammaExposure,
    fuel_effect: fuelEffect(fuel.gammaExposure),
    gamma_bucket: gammaBucket(fuel.gammaExposure),
    ...dealerColumns(dealer),
  }
}
