import type { Matrix } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A matrix with the labels that its columns cause. */
export interface BenchData {
  readonly matrix: Matrix
  /** 0 or 1. */
  readonly labels: Float32Array
  /** The same cause with normal noise, for squared loss. */
  readonly target: Float32Array
}

/**
 * Seeded data with 90 normal columns, 3% missing. The score is linear in about a fifth of them, plus an interaction
 * 0.8 tanh(x0 x1) and a step 0.5 [x2 > 0.5] x3; noise of standard deviation 1.5 is added before the sign is taken.
 */
export function benchData(rows: number, seed = 1): BenchData {
  const random = xoroshiro128plus(seed)
  const uniform = (): number => uniformFloat64(random)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const count = 90
  const weights = Array.from({ length: count }, () => (uniform() < 0.2 ? normal() : 0))
  const values = new Float32Array(count * rows)
  const labels = new Float32Array(rows)
  const target = new Float32Array(rows)
  const x = new Float64Array(count)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < count; c++) x[c] = normal()
    const [x0 = 0, x1 = 0, x2 = 0, x3 = 0] = x
    let z = 0.8 * Math.tanh(x0 * x1) + (x2 > 0.5 ? 0.5 * x3 : 0)
    for (const [c, w] of weights.entries()) z += 0.4 * w * (x[c] ?? 0)
    for (const [c, value] of x.entries()) values[c * rows + r] = uniform() < 0.03 ? Number.NaN : value
    labels[r] = z + 1.5 * normal() > 0 ? 1 : 0
    target[r] = z + normal()
  }
  return { matrix: { columns: weights.map((_, c) => `x${c}`), rows, values }, labels, target }
}
