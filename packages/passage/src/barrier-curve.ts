import { createBarrier } from './barrier.ts'
import { checkLaw, type Law } from './law.ts'
import { driftGroups, tiltFactors } from './tilt.ts'

/** What a law says of one barrier ahead, as a function of how far it is in units of volatility. */
export interface BarrierCurve {
  /**
   * P(the barrier is reached) within each horizon to `values`, and its derivative by the logarithm of volatility to `slopes`, at
   * `logDistance` = log(distance / sigma) under a tilt towards the barrier.
   */
  readonly at: (logDistance: number, tilt: number, values: Float64Array, slopes: Float64Array) => void
}

/** Nodes a unit of log distance. Linear pieces between them are off by less than 1e-4. */
const NODES = 50
/** Logarithms of the distance in volatilities of a minute that are tabulated, either way from 0. */
const REACH = 5
const COUNT = 2 * REACH * NODES + 1

/**
 * Prepares `createBarrier` for a fit that asks it many times: tables by drift over the logarithm of the distance, within 1e-4, for horizons that
 * the session outlasts. Beyond e^-5 and e^5 volatilities of a minute the distance
 * counts as at these ends. Throws on a law or horizons out of range.
 */
export function barrierCurve(law: Law, horizons: readonly number[]): BarrierCurve {
  checkLaw(law)
  const groups = driftGroups(law)
  const size = horizons.length
  const tables = Array.from(groups.mass, (mass, g) => (mass > 0 ? tabulate(groupLaw(law, groups, g), horizons) : null))
  const factors = new Float64Array(groups.mass.length)
  return {
    at: (logDistance, tilt, values, slopes) => {
      tiltFactors(groups, tilt, factors)
      values.fill(0)
      slopes.fill(0)
      const place = Math.min(COUNT - 1 - 1e-9, Math.max(0, (logDistance + REACH) * NODES))
      const node = Math.trunc(place)
      const share = place - node
      for (const [g, table] of tables.entries()) {
        if (table === null) continue
        const weight = (factors[g] as number) * (groups.mass[g] as number)
        for (let j = 0; j < size; j++) {
          const near = table[node * size + j] as number
          const step = (table[(node + 1) * size + j] as number) - near
          values[j] = (values[j] as number) + weight * (near + share * step)
          // The more volatile price is, the nearer is the barrier in units of it.
          slopes[j] = (slopes[j] as number) - weight * step * NODES
        }
      }
    },
  }
}

/** The experts of one drift as a law of their own. */
function groupLaw(
  { experts, weights, ...rest }: Law,
  { groups, mass }: Pick<ReturnType<typeof driftGroups>, 'groups' | 'mass'>,
  group: number,
): Law {
  const chosen = [...experts.keys()].filter((k) => groups[k] === group)
  return {
    ...rest,
    experts: chosen.flatMap((k) => experts[k] ?? []),
    weights: chosen.map((k) => (weights[k] as number) / (mass[group] as number)),
  }
}

function tabulate(law: Law, horizons: readonly number[]): Float64Array {
  const reach = createBarrier(law, horizons)
  const out = new Float64Array(horizons.length)
  const table = new Float64Array(COUNT * horizons.length)
  for (let node = 0; node < COUNT; node++) {
    table.set(reach({ distance: Math.exp(node / NODES - REACH), sigma: 1 }, out), node * horizons.length)
  }
  return table
}
