import type { Law } from './law.ts'
import { driftGroups } from './tilt.ts'

/**
 * Directions in which a law's weights can be wrong together. `scale`: every volatility is greater by a share. `drift`: the tilt is greater.
 * `tails`: volatilities lie further apart around 1. `jumps`: jumps weigh more by a share.
 */
export const DIRECTIONS = ['scale', 'drift', 'tails', 'jumps'] as const

/** Derivatives of a law's weights by each direction, at no step. */
export interface LawDirections {
  /** The derivative of each expert's tilted weight, with sum 0, under the factors of `tiltFactors`; valid until the next call. */
  readonly under: (direction: number, factors: Float64Array) => Float64Array
}

/**
 * The directions of a law. A change of scale moves weight between neighbours of the volatility grid that have the same drift, by the central
 * difference of the logarithms of their volatilities, so that values of experts at hand give its effect.
 */
export function lawDirections(law: Pick<Law, 'experts' | 'weights'>): LawDirections {
  const { groups, phi } = driftGroups(law)
  const { weights } = law
  const raw = [
    scaled(law, () => 1),
    weights.map((w, k) => w * (phi[groups[k] as number] as number)),
    scaled(law, Math.log),
    jumps(law),
  ]
  const out = new Float64Array(weights.length)
  return {
    under: (direction, factors) => {
      const change = raw[direction] as readonly number[]
      let sum = 0
      for (let k = 0; k < out.length; k++) {
        out[k] = (factors[groups[k] as number] as number) * (change[k] as number)
        sum += out[k] as number
      }
      for (let k = 0; k < out.length; k++)
        out[k] = (out[k] as number) - sum * (weights[k] as number) * (factors[groups[k] as number] as number)
      return out
    },
  }
}

/** Weight that moves where the logarithm of each volatility v grows by `stepOf(v)` times a small number. */
function scaled(
  { experts, weights }: Pick<Law, 'experts' | 'weights'>,
  stepOf: (volatility: number) => number,
): number[] {
  const change = weights.map(() => 0)
  const add = (k: number, by: number): void => {
    change[k] = (change[k] as number) + by
  }
  for (const row of volatilityRows(experts)) {
    for (const [i, { k, volatility }] of row.entries()) {
      const [below, above] = [row[Math.max(0, i - 1)], row[Math.min(row.length - 1, i + 1)]]
      if (below === undefined || above === undefined || below === above) continue
      const step = ((weights[k] as number) * stepOf(volatility)) / Math.log(above.volatility / below.volatility)
      add(above.k, step)
      add(below.k, -step)
    }
  }
  return change
}

/** Diffusions by drift, each row in order of volatility. */
function volatilityRows(experts: Law['experts']): { readonly k: number; readonly volatility: number }[][] {
  const rows = new Map<number, { k: number; volatility: number }[]>()
  for (const [k, expert] of experts.entries()) {
    if (expert.kind !== 'diffusion') continue
    const row = rows.get(expert.drift) ?? []
    row.push({ k, volatility: expert.volatility })
    rows.set(expert.drift, row)
  }
  return [...rows.values()].map((row) => row.toSorted((a, b) => a.volatility - b.volatility))
}

const jumps = ({ experts, weights }: Pick<Law, 'experts' | 'weights'>): number[] =>
  weights.map((weight, k) => (experts[k]?.kind === 'jump' ? weight : 0))
