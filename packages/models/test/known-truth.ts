import { numbersOf } from '@breakwater/features'
import { either, first, hit } from '@breakwater/passage'
import { SPEC, type SimulatedMoments } from './law-paths.ts'

/** Nodes and weights of Gauss and Hermite's rule of ten points, by symmetry. */
const NODES = [0.342901327223705, 1.036610829789514, 1.756683649299882, 2.53273167423279, 3.436159118837738]
const WEIGHTS = [0.6108626337353258, 0.2401386110823147, 0.033874394455481, 0.00134364574678124, 7.64043285523262e-6]
/** Steps of a path see a barrier from so much farther (Broadie, Glasserman and Kou 1997), in sigma times the root of a step. */
const SEEN_FARTHER = 0.5826 / Math.sqrt(30)
/** Mean and variance of the logarithm of volatility, and variances of what the two past ranges read of it. */
const PRIOR = { mean: Math.log(0.15), variance: 0.4 ** 2 }
const READINGS = [['sigma_1m', 0.3 ** 2] as const, ['range_sigma_15', 0.1 ** 2] as const]

/**
 * Probabilities of every head of a simulated moment given what is known at it: its volatility is one of many that its ranges allow, and that
 * days differ by `between` standard deviations of its logarithm.
 */
export function trueProbabilities(
  { table, features }: SimulatedMoments,
  row: number,
  drift: (feature: number) => number,
  between = 0,
): Float64Array {
  let [precision, mean] = [1 / PRIOR.variance, PRIOR.mean / PRIOR.variance]
  for (const [name, variance] of READINGS) {
    precision += 1 / variance
    mean += Math.log(numbersOf(table, name)[row] as number) / variance
  }
  const moved = numbersOf(table, 'moved')[row] as number
  const out = new Float64Array(26)
  for (const [i, node] of NODES.entries()) {
    for (const sign of [-1, 1]) {
      const sigma = Math.exp(mean / precision + sign * node * Math.SQRT2 * Math.sqrt(1 / precision + between ** 2))
      const weight = (WEIGHTS[i] as number) / Math.sqrt(Math.PI)
      addPath(out, weight, { moved, sigma, drift: drift(features.values[row] as number) })
    }
  }
  out[25] = (out[25] as number) / (out[24] as number)
  return out
}

interface Path {
  readonly moved: number
  readonly sigma: number
  readonly drift: number
}

function addPath(out: Float64Array, weight: number, { moved, sigma, drift }: Path): void {
  let next = 0
  const add = (p: number): void => {
    out[next] = (out[next] as number) + weight * p
    next++
  }
  const distances = (threshold: number, minutes: number): { x: number; y: number; m: number } => {
    const unit = sigma * Math.sqrt(minutes)
    const far = SEEN_FARTHER * sigma
    return { x: (threshold - moved + far) / unit, y: (threshold + moved + far) / unit, m: drift * Math.sqrt(minutes) }
  }
  for (const threshold of SPEC.thresholds) {
    const at = SPEC.horizons.map((horizon) => distances(threshold, horizon / 60))
    for (const { x, y, m } of at) add(either(x, y, m))
    for (const { x, m } of at) add(hit(x, m))
    for (const { y, m } of at) add(hit(y, -m))
  }
  const { x, y, m } = distances(SPEC.thresholds[1], SPEC.window / 60)
  add(either(x, y, m))
  add(first(x, y, m))
}
