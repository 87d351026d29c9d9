import { trainHeads } from '@breakwater/trees'
import type { Head, Matrix, TrainOptions } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uniformMatrix, uniformSource } from './seeded.ts'

/** Options that between them reach every loop of the kernel. */
const options: fc.Arbitrary<TrainOptions> = fc.record(
  {
    maxBins: fc.constantFrom(2, 17, 64, 90, 255),
    maxDepth: fc.integer({ min: 1, max: 7 }),
    growth: fc.constantFrom('depth' as const, 'leaf' as const),
    l2: fc.constantFrom(0, 1, 100),
    l1: fc.constantFrom(0, 0, 0.5),
    maxDeltaStep: fc.constantFrom(0, 0, 0.7),
    minRowsPerLeaf: fc.constantFrom(1, 5, 20),
    minChildWeight: fc.constantFrom(0.001, 1),
    columnSampling: fc.constantFrom(1, 0.5),
    columnSamplingByLevel: fc.constantFrom(1, 0.7),
    columnSamplingByNode: fc.constantFrom(1, 0.5),
    interactions: fc.constantFrom([['c0']], [[], ['c0']]),
    categorical: fc.constantFrom(['c0'], []),
  },
  { requiredKeys: ['minChildWeight'] },
)

/** Ways to see only some rows or trees, of which one is taken. */
const sampling: fc.Arbitrary<TrainOptions> = fc.constantFrom<TrainOptions>(
  {},
  {},
  { rowSampling: 0.6 },
  { goss: { top: 0.2, other: 0.3 } },
  { gradientLevels: 4 },
  { dart: { dropRate: 0.6, skipDrop: 0.1 } },
  { earlyStoppingRounds: 2 },
)

const OBJECTIVES = ['logistic', 'squared', 'absolute', 'huber', 'quantile', 'poisson'] as const

/** A head of each objective on the same columns, some with masks and weights. */
function headsOn(matrix: Matrix, seed: number): Head[] {
  const next = uniformSource(seed)
  const { rows, values } = matrix
  return OBJECTIVES.map((objective, i) => {
    const real = Float32Array.from({ length: rows }, (_, r) => (values[r] || 0.5) * 3 + next() * (i + 1))
    const labels = objective === 'logistic' ? real.map((y) => Number(y > 2)) : real
    return {
      name: objective,
      objective,
      labels,
      train: Uint8Array.from(labels, (_, r) => Number(r % 6 !== 0 && (i % 2 === 0 || next() < 0.8))),
      validation: Uint8Array.from(labels, (_, r) => Number(r % 6 === 0)),
      ...(i % 3 === 0 && { weights: labels.map(() => Math.ceil(next() * 3) / 2) }),
      ...(i % 4 === 1 && { monotone: { c1: i === 1 ? (1 as const) : (-1 as const) } }),
    }
  })
}

/** Makes the first column one of up to 40 categories. */
function withCategories({ columns, rows, values }: Matrix, seed: number): Matrix {
  return { columns, rows, values: values.map((x, i) => (i < rows ? Math.floor(x * (2 + (seed % 39))) : x)) }
}

describe('the compiled kernel and its reference implementation', () => {
  it('train the same models, to the bit, for every objective and rule', async () => {
    let grown = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 3, 5, 16, 17, 33),
        fc.integer({ min: 45, max: 700 }),
        fc.integer({ min: 1, max: 1e6 }),
        options,
        sampling,
        async (columns, rows, seed, drawn, sampled) => {
          const matrix = withCategories(uniformMatrix(rows, columns, { seed, missing: seed % 2 === 0 ? 0.1 : 0 }), seed)
          const heads = headsOn(matrix, seed)
          const both = await Promise.all(
            (['auto', 'reference'] as const).map((kernel) =>
              trainHeads(matrix, heads, { ...drawn, ...sampled, rounds: 4, minRows: 30, seed, kernel }),
            ),
          )
          expect(both[0]).toEqual(both[1])
          grown += both[0]?.filter((head) => head.status === 'trained' && head.model.feature.length > 1).length ?? 0
        },
      ),
      { numRuns: 40 },
    )
    expect(grown).toBeGreaterThan(60)
  })

  it('train the same models where nodes have fewer rows than a column has bins', async () => {
    const matrix = uniformMatrix(2000, 20, { seed: 9, missing: 0.05 })
    const heads = headsOn(matrix, 9)
    const [auto, reference] = await Promise.all(
      (['auto', 'reference'] as const).map((kernel) => trainHeads(matrix, heads, { rounds: 3, maxBins: 255, kernel })),
    )
    expect(auto).toEqual(reference)
  })
})
