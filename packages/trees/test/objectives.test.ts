import { predict, predictQuantiles, predictRaw, quantileHeads, trainBoosted, trainHeads } from '@breakwater/trees'
import type { BoostOptions, CustomObjective, Matrix } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'

const ROWS = 2000

/** Two columns; the label follows the first. */
function problem(seed = 3): { matrix: Matrix; x: Float32Array; next: () => number } {
  const matrix = uniformMatrix(ROWS, 2, { seed })
  return { matrix, x: matrix.values.subarray(0, ROWS), next: uniformSource(seed + 100) }
}

const train = async (matrix: Matrix, labels: Float32Array, options: BoostOptions): Promise<Float64Array> =>
  predict(
    modelOf(await trainBoosted(matrix, labels, { rounds: 100, learningRate: 0.2, maxDepth: 3, ...options })),
    matrix,
  )

/** A planted rate of arrivals. */
const rate = (value: number): number => (value > 0.5 ? 6 : 1)

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length

const largestGap = (a: Float64Array, b: Float64Array): number => Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? 0))))

describe('the score before the first tree', () => {
  // Twenty rows of one value: no split, so the base score is all there is.
  const matrix: Matrix = { columns: ['x'], rows: 20, values: new Float32Array(20).fill(1) }
  const labels = Float32Array.from({ length: 20 }, (_, r) => (r < 15 ? 1 : 9))
  it.each([
    ['squared', labels, 3],
    ['absolute', labels, 1],
    ['huber', labels, 3],
    ['poisson', labels, Math.log(3)],
    ['logistic', labels.map((y) => Number(y === 1)), Math.log(3)],
  ] as const)('is that of the labels: %s', async (objective, given, expected) => {
    const model = modelOf(await trainBoosted(matrix, given, { objective, minRows: 1 }))
    expect(model.baseScore).toBeCloseTo(expected, 6)
  })

  it('is the weighted quantile', async () => {
    const weights = labels.map((y) => (y === 9 ? 6 : 1))
    const options = { objective: 'quantile', quantile: 0.3, weights, minRows: 1 } as const
    expect(modelOf(await trainBoosted(matrix, labels, options)).baseScore).toBe(1)
    expect(modelOf(await trainBoosted(matrix, labels, { ...options, quantile: 0.4 })).baseScore).toBe(9)
  })
})

describe('quantile', () => {
  it('covers its share of the labels, in every part of the column', async () => {
    const { matrix, x, next } = problem()
    // Noise is uniform and wider to the right: quantile q is 10 x + q (1 + 4 x).
    const labels = x.map((value) => 10 * value + next() * (1 + 4 * value))
    for (const quantile of [0.1, 0.5, 0.9]) {
      const predicted = await train(matrix, labels, { objective: 'quantile', quantile })
      const share = mean(labels.map((y, r) => Number(y <= (predicted[r] ?? 0))))
      expect(Math.abs(share - quantile)).toBeLessThan(0.03)
      const errors = predicted.map((p, r) => p - 10 * (x[r] ?? 0) - quantile * (1 + 4 * (x[r] ?? 0)))
      expect(Math.abs(mean(errors))).toBeLessThan(0.2)
    }
  })

  it('0.5 is absolute', async () => {
    const { matrix, x, next } = problem()
    const labels = x.map((value) => value + next())
    const median = await train(matrix, labels, { objective: 'quantile', quantile: 0.5 })
    expect(largestGap(median, await train(matrix, labels, { objective: 'absolute' }))).toBeLessThan(1e-6)
  })

  it('heads of several quantiles never cross', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
        const { matrix, x, next } = problem(seed)
        const labels = x.map((value) => value + next() ** 3)
        const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
        const heads = quantileHeads({ name: 'y', labels, train: new Uint8Array(ROWS).fill(1) }, quantiles)
        expect(heads.map(({ name }) => name)).toEqual(['y_q0.05', 'y_q0.25', 'y_q0.5', 'y_q0.75', 'y_q0.95'])
        const models = (await trainHeads(matrix, heads, { rounds: 20, learningRate: 0.3 })).map(modelOf)
        const all = predictQuantiles(models, matrix)
        const sorted = models.map((model) => predictRaw(model, matrix)[7] ?? 0).toSorted((a, b) => a - b)
        expect(models.map((_, m) => all[m * ROWS + 7])).toEqual(sorted)
        for (let i = ROWS; i < all.length; i++) expect(all[i]).toBeGreaterThanOrEqual(all[i - ROWS] ?? 0)
      }),
      { numRuns: 3 },
    )
  })

  it('refuses quantiles out of order', () => {
    expect(() =>
      quantileHeads({ name: 'y', labels: new Float32Array(1), train: new Uint8Array(1) }, [0.5, 0.5]),
    ).toThrow('trees: quantiles[1]=0.5: must be above 0.5 and below 1. List quantiles in ascending order')
  })
})

describe('robust and counting losses', () => {
  it('absolute and huber are not moved by outliers, squared is', async () => {
    const { matrix, x, next } = problem()
    const clean = x.map((value) => Number(value > 0.5))
    const labels = clean.map((y) => (next() < 0.1 ? 100 : y))
    const error = async (options: BoostOptions): Promise<number> =>
      mean((await train(matrix, labels, { rounds: 300, ...options })).map((p, r) => Math.abs(p - (clean[r] ?? 0))))
    expect(await error({ objective: 'absolute' })).toBeLessThan(0.05)
    expect(await error({ objective: 'huber', huberDelta: 0.5 })).toBeLessThan(0.3)
    expect(await error({ objective: 'squared' })).toBeGreaterThan(5)
  })

  it('huber with a large delta is squared', async () => {
    const { matrix, x, next } = problem()
    const labels = x.map((value) => value + next())
    const huber = await train(matrix, labels, { objective: 'huber', huberDelta: 1e6 })
    expect(largestGap(huber, await train(matrix, labels, { objective: 'squared' }))).toBeLessThan(1e-3)
  })

  it('poisson finds planted rates', async () => {
    const { matrix, x, next } = problem()
    // Inversion: counts arrivals at a rate within one unit of time.
    const labels = x.map((value) => {
      let time = -Math.log(1 - next()) / rate(value)
      let count = 0
      for (; time < 1; count++) time -= Math.log(1 - next()) / rate(value)
      return count
    })
    const predicted = await train(matrix, labels, { objective: 'poisson', maxDepth: 1 })
    for (const low of [true, false]) {
      const chosen = predicted.filter((_, r) => (x[r] ?? 0) > 0.5 !== low)
      expect(mean(chosen)).toBeCloseTo(low ? 1 : 6, 0)
    }
  })
})

describe('a loss of the caller', () => {
  const { matrix, x, next } = problem()
  it('that is squared error trains the same predictions', async () => {
    const labels = x.map((value) => Math.sin(6 * value) + next())
    const custom: CustomObjective = {
      derivatives: (rows, scores, gradients, hessians) => {
        for (const row of rows) {
          gradients[row] = (scores[row] ?? 0) - (labels[row] ?? 0)
          hessians[row] = 1
        }
      },
      loss: (score, label) => (score - label) ** 2,
      baseScore: mean(labels),
    }
    // After many rounds only noise is left, and cuts that gain the same are ranked either way. More bins would be merged.
    const options = { rounds: 20, maxBins: 64 }
    const own = await train(matrix, labels, { objective: 'custom', custom, ...options })
    expect(largestGap(own, await train(matrix, labels, { objective: 'squared', ...options }))).toBeLessThan(1e-3)
  })

  it('that returns NaN is refused with the row', async () => {
    const custom: CustomObjective = {
      derivatives: (rows, _scores, gradients, hessians) => {
        for (const row of rows) {
          gradients[row] = row === 3 ? Number.NaN : 1
          hessians[row] = 1
        }
      },
      loss: () => 0,
    }
    await expect(trainBoosted(matrix, x.slice(), { objective: 'custom', custom })).rejects.toThrow(
      'trees: head "head": custom derivatives of row 3: g=NaN, h=1: must be finite, h 0 or more',
    )
  })

  it('goes with its objective only', async () => {
    await expect(trainBoosted(matrix, x.slice(), { objective: 'custom' })).rejects.toThrow(
      'custom: goes with objective custom, and only with it. Pass both or neither',
    )
  })
})

describe('class weights', () => {
  const { matrix, x, next } = problem()
  const labels = labelsOf(matrix, ([value = 0]) => Number(value + next() > 1.5))

  it('are weights by class', async () => {
    const weights = labels.map((y) => (y === 1 ? 3 : 0.5))
    const given = await train(matrix, labels, { weights })
    expect(await train(matrix, labels, { classWeights: [0.5, 3] })).toEqual(given)
  })

  it("'balanced' starts at even odds", async () => {
    const model = modelOf(await trainBoosted(matrix, labels, { classWeights: 'balanced', rounds: 1 }))
    expect(model.baseScore).toBeCloseTo(0, 6)
    expect(mean(labels)).toBeLessThan(0.2)
    expect(x.length).toBe(ROWS)
  })

  it('are for logistic heads', async () => {
    await expect(trainBoosted(matrix, labels, { objective: 'squared', classWeights: [1, 2] })).rejects.toThrow(
      'classWeights: cannot go with objective squared. Use weights',
    )
  })
})
