import { CONFIRMED_COLUMNS } from '../moments/at-anchor.ts'
import { signalColumns } from '../signals/columns.ts'
import { PHYSICS_NUMBERS, PHYSICS_WORDS } from '../signals/physics.ts'
import type { PressureColumn } from '../signals/pressures.ts'
import type { SparseColumn } from '../signals/sparse.ts'

const LIQUIDITY = ['barrier_delta_liq', 'wall_ratio']
const TAPE = ['tape_imbalance', 'tape_velocity']

const DERIVED: Readonly<Record<SparseColumn | PressureColumn, readonly string[]>> = {
  barrier_delta_liq_nonzero: ['barrier_delta_liq'],
  barrier_delta_liq_log: ['barrier_delta_liq'],
  wall_ratio_nonzero: ['wall_ratio'],
  wall_ratio_log: ['wall_ratio'],
  liquidity_pressure: LIQUIDITY,
  tape_pressure: TAPE,
  gamma_pressure: ['gamma_exposure'],
  gamma_pressure_accel: ['gamma_flow_accel_3m'],
  reversion_pressure: [],
  net_break_pressure: [...LIQUIDITY, ...TAPE, 'gamma_exposure', 'gamma_flow_accel_3m'],
}

/**
 * Every feature that a live row has, with the physics columns that it is made from: without a source for all of those it
 * is missing in every row. An empty list: bars alone are enough.
 */
export const liveNeeds: ReadonlyMap<string, readonly string[]> = new Map([
  ...signalColumns.filter(({ knownAfterS }) => knownAfterS !== null).map(({ name }) => [name, []] as const),
  ...[...PHYSICS_NUMBERS, ...PHYSICS_WORDS].map((name) => [name, [name]] as const),
  ...Object.entries(DERIVED),
  ...CONFIRMED_COLUMNS.map((name) => [name, []] as const),
])

/** What a live system has. */
export interface LiveInputs {
  /** Physics columns that come with the snapshots; none by default. */
  readonly physics?: readonly string[]
  /** Features that may be missing in every row, which the models were then trained without or learn to do without. */
  readonly allowMissing?: readonly string[]
}

/**
 * The check before a model goes live: returns the features among `features` that every live row will lack, all of them in
 * `allowMissing`. Throws an Error that names each other feature that cannot be built live, and what it needs. A column that
 * no live row has is refused also where it is allowed to be missing. Names in `physics` and `allowMissing` that mean
 * nothing are refused too: they are likely misspelt.
 */
export function checkLiveFeatures(
  features: readonly string[],
  { physics = [], allowMissing = [] }: LiveInputs = {},
): readonly string[] {
  const sources = new Set<string>([...PHYSICS_NUMBERS, ...PHYSICS_WORDS])
  refuseUnknown('physics', physics, sources)
  refuseUnknown('allowMissing', allowMissing, liveNeeds)
  refuseUnknown('features', features, liveNeeds)
  const given = new Set(physics)
  const lacking = features.filter((name) => (liveNeeds.get(name) ?? []).some((need) => !given.has(need)))
  const refused = lacking.filter((name) => !allowMissing.includes(name))
  if (refused.length > 0) {
    const reasons = refused.map((name) => {
      const needs = (liveNeeds.get(name) ?? []).filter((need) => !given.has(need))
      return needs[0] === name ? name : `${name} (made from ${needs.join(', ')})`
    })
    throw new Error(
      `features: live features: no source provides ${reasons.join(', ')}: the model was trained on these and would be served without them. ` +
        'Pass the physics with the snapshots, train without these features, or allow each to be missing by name.',
    )
  }
  return lacking
}

function refuseUnknown(argument: string, names: readonly string[], known: { has(name: string): boolean }): void {
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const rule = argument === 'physics' ? 'is not a physics column' : 'is not a column that a live row has'
  throw new Error(`features: ${argument}: ${unknown.join(', ')} ${rule}. Correct the name, or train without it.`)
}
