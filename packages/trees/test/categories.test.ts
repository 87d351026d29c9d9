import { binMatrix, decodeBundle, encodeBundle, predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, BundleDescription, Matrix, TreeModel } from '@breakwater/trees'
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
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(2, 3, 5, 7, 9),
        fc.constantFrom(0, 4),
        async (seed, count, l2) => {
          // As many rows a category: then the smoothing of rare ones changes no order.
          const rows = 12 * count
          const next = uniformSource(seed)
          const matrix: Matrix = {
            columns: ['category'],
            rows,
            values: new Float32Array(rows).map((_, r) => r % count),
          }
          const labels = Float32Array.from({ length: rows }, () => next())
          const model = await train(matrix, labels, { rounds: 1, maxDepth: 1, l2, minChildWeight: 0.5 })
          const mean = labels.reduce((sum, y) => sum + y, 0) / rows
          // With more than four categories, gains have 10 more of the ridge.
          const ridge = count > 4 ? l2 + 10 : l2
          const score = (inSet: (c: number) => boolean): number => {
            const residuals = [...labels].map((y) => y - mean).filter((_, r) => inSet(r % count))
            return residuals.reduce((sum, x) => sum + x, 0) ** 2 / (residuals.length + ridge)
          }
          const gains = Array.from({ length: 2 ** count - 2 }, (_, i) => {
            const chosen = (c: number): boolean => ((i + 1) & (1 << c)) !== 0
            return score(chosen) + score((c) => !chosen(c))
          })
          expect(model.gain[0]).toBeCloseTo(Math.max(...gains), 3)
          const left = new Set(setOf(model, 0))
          expect(score((c) => left.has(c)) + score((c) => !left.has(c))).toBeCloseTo(Math.max(...gains), 3)
        },
      ),
      { numRuns: 40 },
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
    [2 ** 20, '1048576 is not a category'],
  ])('refuses %d with column and row', async (value, message) => {
    const matrix = { columns: ['category'], rows: 2, values: Float32Array.of(1, value) }
    await expect(trainBoosted(matrix, new Float32Array(2), OPTIONS)).rejects.toThrow(
      `trees: column "category", row 1: ${message}: must be an integer from 0 to 1048575. Number the categories from 0`,
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

  it('asks bins which columns are categories', async () => {
    const matrix = categoryMatrix(200, 5)
    const labels = matrix.values.slice(0, 200).map((c) => c % 2)
    const binned = binMatrix(matrix, { categorical: ['category'] })
    expect(await train(matrix, labels, { rounds: 3 })).toEqual(
      modelOf(await trainBoosted(binned, labels, { ...OPTIONS, categorical: [], rounds: 3 })),
    )
    const monotone = { objective: 'squared', monotone: { category: 1 } } as const
    await expect(trainBoosted(binned, labels, monotone)).rejects.toThrow('"category" is categorical')
    await expect(trainBoosted(binMatrix(matrix), labels, OPTIONS)).rejects.toThrow(
      'trees: categorical: "category" was binned as numbers. Pass categorical to binMatrix',
    )
  })

  it('on labels that a set explains makes no second one out of rounding', async () => {
    const matrix = categoryMatrix(300, 8, 6)
    const labels = matrix.values.slice(0, 300).map((c) => (c < 3 ? 0.1 : 0.7))
    const options = { rounds: 50, maxDepth: 2, learningRate: 1, l2: 0, columns: ['category'], minChildWeight: 1 }
    const result = await trainBoosted(matrix, labels, { ...OPTIONS, ...options })
    expect(result).toMatchObject({ stopped: 'no-split' })
  })
})

describe('a bundle of a model with categories', () => {
  const description: BundleDescription = {
    head: 'y',
    stage: 'a',
    ablation: 'full',
    anchor: '4min',
    features: [],
    encoder: null,
    metrics: null,
    dates: { train: [], validation: [], calibration: [], test: [] },
    timestamp: '',
    dataHash: '',
    gitSha: null,
    libraryVersion: '0',
    schemaVersion: '2',
    calibrator: null,
  }
  const reread = (model: TreeModel): TreeModel => decodeBundle(encodeBundle({ model, description })).model

  it('holds the largest category that training takes', async () => {
    const next = uniformSource(2)
    const values = Float32Array.from({ length: 300 }, () => (next() < 0.5 ? 3 : 2 ** 20 - 1))
    const labels = values.map((c) => Number(c === 3))
    const model = await train({ columns: ['category'], rows: 300, values }, labels, { rounds: 2 })
    expect(model.feature[0]).toBe(0)
    expect(reread(model)).toEqual(model)
  })

  it('has no words of trees that early stopping cut', async () => {
    const matrix = categoryMatrix(600, 20, 9)
    const next = uniformSource(4)
    const labels = matrix.values.slice(0, 600).map((c) => Number(c % 2 === 0 || next() < 0.3))
    const result = await trainBoosted(matrix, labels, {
      ...OPTIONS,
      objective: 'logistic',
      learningRate: 0.5,
      train: new Uint8Array(600).fill(1, 0, 300),
      validation: new Uint8Array(600).fill(1, 300),
      earlyStoppingRounds: 5,
    })
    if (result.status !== 'trained') throw new Error(result.reason)
    expect(result.stopped).toBe('early')
    expect(result.model.categoryBits.length).toBeGreaterThan(0)
    expect(reread(result.model)).toEqual(result.model)
  })
})
