import type { Matrix, Objective } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Labels of one head. */
export interface BenchHead {
  readonly objective: Objective
  /** 0 or 1 where logistic, else a number. */
  readonly labels: Float32Array
}

/** A matrix, column-major, with the labels that its columns cause. */
export interface BenchData {
  readonly matrix: Matrix
  readonly heads: readonly BenchHead[]
}

/** Columns of every benchmark matrix. */
export const COLUMNS = 90

const MISSING = 0.03

/**
 * Seeded data for training and testing, from one source of random numbers: `rows` rows each, 90 normal columns, 3% of
 * the values missing (after they have had their effect), and `heads` heads, logistic and squared in turn. A head's score
 * is linear in about a fifth of the columns, plus an interaction 0.8 tanh(a b) and a step 0.5 [c > 0.5] d of four columns
 * of its own. Labels: score plus normal noise of standard deviation 1.5 above 0; score plus noise of deviation 1. The
 * rows are the same whatever the number of heads.
 */
export function benchData(
  rows: { train: number; test: number },
  heads: number,
  seed = 1,
): Record<'train' | 'test', BenchData> {
  const cause = normals(seed + 1)
  const noise = normals(seed + 2)
  const weights = Array.from({ length: heads }, () => linearPart(cause))
  const source = normals(seed)
  const part = (count: number): BenchData => makePart(count, weights, source, noise)
  return { train: part(rows.train), test: part(rows.test) }
}

interface Source {
  readonly uniform: () => number
  readonly normal: () => number
}

/** Uniform numbers in [0, 1), and standard normal ones by the polar form of Box and Muller. */
function normals(seed: number): Source {
  const random = xoroshiro128plus(seed)
  const uniform = (): number => uniformFloat64(random)
  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return { uniform, normal }
}

/** The columns with a weight, and their weights. */
type LinearPart = readonly (readonly [column: number, weight: number])[]

function linearPart({ uniform, normal }: Source): LinearPart {
  const all = Array.from({ length: COLUMNS }, (_, c) => [c, uniform() < 0.2 ? 0.4 * normal() : 0] as const)
  return all.filter(([, weight]) => weight !== 0)
}

function makePart(rows: number, weights: readonly LinearPart[], source: Source, noise: Source): BenchData {
  const values = new Float32Array(COLUMNS * rows)
  const heads = weights.map((_, h) => ({
    objective: h % 2 === 0 ? ('logistic' as const) : ('squared' as const),
    labels: new Float32Array(rows),
  }))
  const x = new Float64Array(COLUMNS)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < COLUMNS; c++) {
      x[c] = source.normal()
      values[c * rows + r] = source.uniform() < MISSING ? Number.NaN : (x[c] ?? 0)
    }
    for (const [h, { objective, labels }] of heads.entries()) {
      const z = score(x, h, weights[h] ?? [])
      labels[r] = objective === 'logistic' ? Number(z + 1.5 * noise.normal() > 0) : z + noise.normal()
    }
  }
  const columns = Array.from({ length: COLUMNS }, (_, c) => `x${c}`)
  return { matrix: { columns, rows, values }, heads }
}

function score(x: Float64Array, head: number, linear: LinearPart): number {
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((i) => x[(4 * head + i) % COLUMNS])
  let z = 0.8 * Math.tanh(a * b) + (c > 0.5 ? 0.5 * d : 0)
  for (const [column, weight] of linear) z += weight * (x[column] ?? 0)
  return z
}
