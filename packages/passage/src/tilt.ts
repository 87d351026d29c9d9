import type { Expert } from './experts.ts'
import type { Law } from './law.ts'

/** Experts by drift: what a tilt of the weights acts on. */
export interface DriftGroups {
  /** Group of each expert. */
  readonly groups: Int32Array
  /** Weight of each group. */
  readonly mass: Float64Array
  /**
   * Drift of each group, standardised under the weights: mean 0, variance 1. All 0 where the weights know one drift
   * only.
   */
  readonly phi: Float64Array
}

/** Groups a law's experts by drift; a jump expert has drift 0. */
export function driftGroups({
  experts,
  weights,
}: Pick<Law, 'experts'> & { readonly weights: ArrayLike<number> }): DriftGroups {
  const drifts = [...new Set(experts.map(driftOf))].toSorted((a, b) => a - b)
  const groups = Int32Array.from(experts, (expert) => drifts.indexOf(driftOf(expert)))
  const mass = new Float64Array(drifts.length)
  for (const [k, group] of groups.entries()) mass[group] = (mass[group] as number) + (weights[k] as number)
  const mean = drifts.reduce((sum, drift, g) => sum + drift * (mass[g] as number), 0)
  const variance = drifts.reduce((sum, drift, g) => sum + (drift - mean) ** 2 * (mass[g] as number), 0)
  const phi = Float64Array.from(drifts, (drift) => (variance > 0 ? (drift - mean) / Math.sqrt(variance) : 0))
  return { groups, mass, phi }
}

const driftOf = (expert: Expert): number => (expert.kind === 'diffusion' ? expert.drift : 0)

/**
 * Factor of each group's weights under the tilt theta: e^(theta phi) / sum of mass e^(theta phi), so that weights times
 * factors have sum 1 again. Written to `factors`. All are 1 at theta = 0. Large theta do not overflow.
 */
export function tiltFactors(
  { mass, phi }: Pick<DriftGroups, 'mass' | 'phi'>,
  theta: number,
  factors: Float64Array,
): void {
  let top = -Infinity
  for (let g = 0; g < phi.length; g++) top = Math.max(top, theta * (phi[g] as number))
  let sum = 0
  for (let g = 0; g < phi.length; g++) {
    const factor = Math.exp(theta * (phi[g] as number) - top)
    factors[g] = factor
    sum += factor * (mass[g] as number)
  }
  for (let g = 0; g < phi.length; g++) factors[g] = (factors[g] as number) / sum
}
