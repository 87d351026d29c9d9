import { binMatrix, predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, Matrix, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelOf, uniformSource } from './seeded.ts'

/** A column of categories 0 to `count - 1` and one of noise. */
function categoryMatrix(rows: number, count: number, seed = 1, missing = 0): Matrix {
  const next = uniformSource(seed)
  const category = Float32Array.from({ length: rows }, () =>
    next() < missing ? Number.NaN : Math.floor(next() * count),
  )
  return {
    columns: ['category', 'noise'],
    rows,
    values: Float32Array.from([...category, ...category.map(() => next())]),
  }
}

const OPTIONS: BoostOptions = { objective: 'squared', categorical: ['category'], minRowsPerLeaf: 1, minRows: 1 }

const train = async (matrix: Matrix, labels: Float32Array, options: BoostOptions = {}): Promise<TreeModel> =>
  modelOf(await trainBoosted(matrix, labels, { ...OPTIONS, ...options }))

/** The categories that go left at a node. */
function setOf(model: TreeModel, node: number): number[] {
  const at = model.categorySet[node] ?? -1
  const words = model.categoryBits[at] ?? 0
  return Array.from({ length: 32 * words }, (_, c) => c).filter(
    (c) => (((model.categoryBits[at + 1 + (c >>> 5)] ?? 0) >>> (c & 31)) & 1) === 1,
  )
}

describe('a split on categories', () => {
  it('gains what the best of all subsets gains, by brute force', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 2, max: 4 }), async (seed, count) => {
        const category = categoryMatrix(60, count, seed).values.subarray(0, 60)
        const next = uniformSource(seed + 1)
        const labels = Float32Array.from({ length: 60 }, () => next())
        const matrix: Matrix = { columns: ['category'], rows: 60, values: category }
        const model = await train(matrix, labels, { rounds: 1, maxDepth: 1, l2: 0, minChildWeight: 0.5 })
        const mean = labels.reduce((sum, y) => sum + y, 0) / 60
        const score = (inSet: (c: number) => boolean): number => {
          const residuals = [...labels].map((y) => y - mean).filter((_, r) => inSet(category[r] ?? -1))
          return residuals.length === 0 ? 0 : residuals.reduce((sum, x) => sum + x, 0) ** 2 / residuals.length
        }
        // Up to four categories each is tried against the rest.
        const best = Math.max(...Array.from({ length: count }, (_, c) => score((x) => x === c) + score((x) => x !== c)))
        expect(model.categorySet[0]).toBe(0)
        expect(model.gain[0]).toBeCloseTo(best, 4)
      }),
      { numRuns: 60 },
    )
  })

  it('finds a planted subset of many categories', async () => {
    const matrix = categoryMatrix(4000, 40, 7)
    const next = uniformSource(8)
    const planted = new Set([1, 5, 6, 11, 17, 23, 30, 39])
    const labels = matrix.values.slice(0, 4000).map((c) => Number(planted.has(c)) + next() * 0.1)
    const model = await train(matrix, labels, { rounds: 1, maxDepth: 1, minRowsPerLeaf: 20 })
    const left = setOf(model, 0)
    const expected =
      left.length === planted.size ? left : Array.from({ length: 40 }, (_, c) => c).filter((c) => !left.includes(c))
    expect(new Set(expected)).toEqual(planted)
  })

  it('needs fewer trees than codes taken for numbers', async () => {
    const matrix = categoryMatrix(3000, 30, 3)
    const labels = matrix.values.slice(0, 3000).map((c) => Number(c % 2 === 0))
    const options = { rounds: 5, maxDepth: 2, learningRate: 0.5, objective: 'squared' } as const
    const loss = async (categorical: readonly string[]): Promise<number> => {
      const result = await trainBoosted(matrix, labels, { ...options, categorical })
      return result.status === 'trained' ? (result.trainLoss.at(-1) ?? Number.NaN) : Number.NaN
    }
    expect(await loss(['category'])).toBeLessThan(0.3 * (await loss([])))
  })

  it('sends rare, unseen and impossible categories right, and missing ones where training says', async () => {
    const matrix = categoryMatrix(2000, 12, 4, 0.1)
    const labels = matrix.values.slice(0, 2000).map((c) => (Number.isNaN(c) ? 5 : Number(c < 4)))
    const model = await train(matrix, labels, { rounds: 1, maxDepth: 1, learningRate: 1, l2: 0, minChildWeight: 1 })
    const score = (category: number): number =>
      predictRaw(model, { columns: matrix.columns, rows: 1, values: Float32Array.of(category, 0.5) })[0] ?? Number.NaN
    const left = setOf(model, 0)
    const right = Array.from({ length: 12 }, (_, c) => c).find((c) => !left.includes(c)) ?? -1
    for (const stranger of [12, 99, 1e6, -1, 2.5, Infinity]) expect(score(stranger)).toBe(score(right))
    expect(left.length).toBeGreaterThan(0)
  })

  it('predicts in training and after it the same, with more categories than bins', async () => {
    // 100,000 categories: most are rare and share the last bin.
    const rows = 3000
    const next = uniformSource(5)
    const codes = Float32Array.from({ length: rows }, () => Math.floor(next() ** 6 * 100_000))
    const matrix: Matrix = { columns: ['category'], rows, values: codes }
    const labels = codes.map((c) => (c % 3) + next())
    const binned = binMatrix(matrix, { categorical: ['category'] })
    expect(binned.cutStart[1]).toBe(126)
    const result = await trainBoosted(matrix, labels, { ...OPTIONS, rounds: 30, learningRate: 0.3, minRowsPerLeaf: 5 })
    if (result.status !== 'trained') throw new Error(result.reason)
    const scores = predictRaw(result.model, matrix)
    const loss = scores.reduce((sum, s, r) => sum + (s - (labels[r] ?? 0)) ** 2, 0) / rows
    expect(loss).toBeCloseTo(result.trainLoss.at(-1) ?? Number.NaN, 5)
    expect(result.model.categoryBits.length).toBeGreaterThan(0)
  })

  it.each([
    [-1, '-1 is not a category'],
    [1.5, '1.5 is not a category'],
    [Infinity, 'Infinity is not a category'],
    [2 ** 24, '16777216 is not a category'],
  ])('refuses %d with column and row', async (value, message) => {
    const matrix = { columns: ['category'], rows: 2, values: Float32Array.of(1, value) }
    await expect(trainBoosted(matrix, new Float32Array(2), OPTIONS)).rejects.toThrow(
      `trees: column "category", row 1: ${message}: must be an integer from 0 to 16777215. Number the categories from 0`,
    )
  })

  it('refuses a categorical column that is not there, or that must be monotone', async () => {
    const matrix = categoryMatrix(10, 3)
    await expect(trainBoosted(matrix, new Float32Array(10), { ...OPTIONS, categorical: ['other'] })).rejects.toThrow(
      'trees: categorical: "other" is not a matrix column. Check its spelling',
    )
    await expect(trainBoosted(matrix, new Float32Array(10), { ...OPTIONS, monotone: { category: 1 } })).rejects.toThrow(
      '"category" is categorical: categories have no order',
    )
  })
})
