import { predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, Matrix } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'

const ROWS = 200
const OPTIONS: BoostOptions = { rounds: 8, learningRate: 0.3, minRowsPerLeaf: 5, maxDepth: 4 }
const SEED = fc.integer({ min: 1, max: 1e6 })

/** Data with an effect, noise and missing values. */
function problem(seed: number): { matrix: Matrix; labels: Float32Array } {
  const matrix = uniformMatrix(ROWS, 4, { seed, missing: 0.1 })
  const next = uniformSource(seed + 1)
  const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number((Number.isNaN(x) ? 0.7 : x) - y + next() - 0.4 > 0))
  return { matrix, labels }
}

async function scores(matrix: Matrix, labels: Float32Array, options: BoostOptions = {}): Promise<Float64Array> {
  return predictRaw(modelOf(await trainBoosted(matrix, labels, { ...OPTIONS, ...options })), matrix)
}

/** Every third row twice. */
function twice(r: number): number[] {
  return r % 3 === 0 ? [r, r] : [r]
}

/** The largest difference of two lists of numbers. */
function gap(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))))
}

/** The matrix with other columns: `order[k]` is the old index of new column k. */
function reordered({ columns, rows, values }: Matrix, order: readonly number[]): Matrix {
  const parts = order.map((c) => values.subarray(c * rows, (c + 1) * rows))
  return {
    columns: order.map((c) => columns[c] ?? ''),
    rows,
    values: Float32Array.from(parts.flatMap((part) => [...part])),
  }
}

describe('training', () => {
  it('is not changed by a constant column or one without values', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, fc.constantFrom(0, -3, Infinity, Number.NaN), async (seed, constant) => {
        const { matrix, labels } = problem(seed)
        const values = new Float32Array(5 * ROWS).fill(constant)
        values.set(matrix.values)
        const wider = { columns: [...matrix.columns, 'constant'], rows: ROWS, values }
        const plain = modelOf(await trainBoosted(matrix, labels, OPTIONS))
        const model = modelOf(await trainBoosted(wider, labels, OPTIONS))
        expect(model).toEqual({ ...plain, columns: wider.columns })
      }),
      { numRuns: 15 },
    )
  })

  it('permutes with the columns', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), async (seed, order) => {
        const { matrix, labels } = problem(seed)
        // Real labels: with two classes, different cuts often gain exactly the same, and the first column wins.
        const next = uniformSource(seed)
        const real = labels.map((y) => y + next())
        const permuted = await scores(reordered(matrix, order), real, { objective: 'squared' })
        expect(gap(permuted, await scores(matrix, real, { objective: 'squared' }))).toBeLessThan(1e-6)
      }),
      { numRuns: 15, seed: 1 },
    )
  })

  it('takes a row twice as the same row with weight 2', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, fc.constantFrom('logistic' as const, 'squared' as const), async (seed, objective) => {
        const { matrix: fine, labels } = problem(seed)
        // Few values: how many rows there are must change neither the bins nor which cuts are ranked.
        const matrix = { ...fine, values: fine.values.map((x) => Math.round(x * 8) / 8) }
        const picked = Array.from({ length: ROWS }, (_, r) => r).flatMap(twice)
        const doubled: Matrix = {
          columns: matrix.columns,
          rows: picked.length,
          values: Float32Array.from(
            matrix.columns.flatMap((_, c) => picked.map((r) => matrix.values[c * ROWS + r] ?? Number.NaN)),
          ),
        }
        const options = { ...OPTIONS, objective, minRowsPerLeaf: 1, maxBins: 255 }
        const weights = Float32Array.from({ length: ROWS }, (_, r) => (r % 3 === 0 ? 2 : 1))
        const repeated = modelOf(
          await trainBoosted(
            doubled,
            Float32Array.from(picked, (r) => labels[r] ?? 0),
            options,
          ),
        )
        const weighted = modelOf(await trainBoosted(matrix, labels, { ...options, weights }))
        expect(gap(predictRaw(repeated, matrix), predictRaw(weighted, matrix))).toBeLessThan(1e-6)
      }),
      { numRuns: 15, seed: 1 },
    )
  })

  it('sees only the order of values: a monotone transform leaves training scores alone', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, async (seed) => {
        const { matrix, labels } = problem(seed)
        const transformed = { ...matrix, values: matrix.values.map((x) => Math.exp(3 * x) - 100) }
        expect(await scores(transformed, labels)).toEqual(await scores(matrix, labels))
      }),
      { numRuns: 15, seed: 1 },
    )
  })

  it('shrinks nothing but the scale when squared labels are scaled by a power of two', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, fc.constantFrom(0.25, 2, 64), async (seed, factor) => {
        const { matrix, labels } = problem(seed)
        const plain = await scores(matrix, labels, { objective: 'squared' })
        const scaled = await scores(
          matrix,
          labels.map((y) => y * factor),
          { objective: 'squared' },
        )
        expect(
          gap(
            scaled.map((s) => s / factor),
            plain,
          ),
        ).toBeLessThan(1e-6)
      }),
      { numRuns: 15, seed: 1 },
    )
  })

  it('never makes the training loss worse from one round to the next', async () => {
    await fc.assert(
      fc.asyncProperty(SEED, fc.constantFrom('logistic' as const, 'squared' as const), async (seed, objective) => {
        const { matrix, labels } = problem(seed)
        const result = await trainBoosted(matrix, labels, { ...OPTIONS, objective })
        if (result.status !== 'trained') throw new Error(result.reason)
        const worse = [...result.trainLoss].filter((loss, r, curve) => r > 0 && loss > (curve[r - 1] ?? 0))
        expect(worse).toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})
