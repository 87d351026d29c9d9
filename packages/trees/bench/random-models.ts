import type { TreeModel } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What {@link randomModels} makes. */
export interface RandomModelShape {
  readonly heads: number
  readonly trees: number
  readonly depth: number
  readonly columns: number
  /** Different thresholds a column, shared by all heads, as bins share them. */
  readonly thresholds: number
}

/** Full trees with random questions: every tree has 2^depth leaves, a missing value goes left at half of the branches. */
export function randomModels({ heads, trees, depth, columns, thresholds }: RandomModelShape, seed = 1): TreeModel[] {
  const random = xoroshiro128plus(seed)
  const uniform = (): number => uniformFloat64(random)
  const cuts = Float32Array.from({ length: columns * thresholds }, () => 6 * uniform() - 3)
  const names = Array.from({ length: columns }, (_, c) => `x${c}`)
  const nodes = 2 ** (depth + 1) - 1
  const branches = 2 ** depth - 1
  return Array.from({ length: heads }, () => {
    const count = trees * nodes
    const branch = (i: number): boolean => i % nodes < branches
    const feature = Int32Array.from({ length: count }, (_, i) => (branch(i) ? Math.floor(columns * uniform()) : -1))
    const cut = (c: number): number => cuts[c * thresholds + Math.floor(thresholds * uniform())] ?? 0
    return {
      objective: 'logistic' as const,
      columns: names,
      baseScore: uniform() - 0.5,
      treeStart: Int32Array.from({ length: trees + 1 }, (_, t) => t * nodes),
      feature,
      threshold: Float32Array.from(feature, (c) => (c < 0 ? 0 : cut(c))),
      left: Int32Array.from({ length: count }, (_, i) => (branch(i) ? i - (i % nodes) + 2 * (i % nodes) + 1 : 0)),
      missingLeft: Uint8Array.from(feature, (c) => (c >= 0 && uniform() < 0.5 ? 1 : 0)),
      categorySet: new Int32Array(count).fill(-1),
      categoryBits: new Uint32Array(),
      value: Float32Array.from({ length: count }, (_, i) => (branch(i) ? 0 : 0.1 * (uniform() - 0.5))),
      gain: new Float32Array(count),
      cover: new Float32Array(count),
    }
  })
}
