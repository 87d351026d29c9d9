import { predict, predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, Matrix, TrainedHead } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { uniformMatrix, uniformSource } from './seeded.ts'

async function train(matrix: Matrix, labels: Float32Array, options: BoostOptions): Promise<TrainedHead> {
  const result = await trainBoosted(matrix, labels, { minRows: 1, ...options })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result
}

/** Two groups of 40 rows, by the sign of x. */
const groups: Matrix = {
  columns: ['x'],
  rows: 80,
  values: Float32Array.from({ length: 80 }, (_, r) => (r < 40 ? -1 : 1)),
}

describe('the leaves of absolute and quantile loss', () => {
  it('are weighted quantiles of the residuals, by hand', async () => {
    // Left: labels 0 to 39. Right: labels 100 to 139, of which the first ten weigh 7 and so hold 70 of 100.
    const labels = Float32Array.from({ length: 80 }, (_, r) => (r < 40 ? r : 60 + r))
    const weights = labels.map((_, r) => (r >= 40 && r < 50 ? 7 : 1))
    const options = { objective: 'quantile', quantile: 0.3, rounds: 1, learningRate: 0.5, weights } as const
    const { model } = await train(groups, labels, options)
    // 140 of weight in all: the base holds 42 of it, which are all of the left and a first label of the right.
    expect(model.baseScore).toBe(100)
    // 12 of the left's 40 are labels up to 11; 30 of the right's 100 are labels up to 104.
    expect(Array.from(model.value.slice(1))).toEqual([0.5 * (11 - 100), 0.5 * (104 - 100)])
  })

  it('are no larger than maxDeltaStep', async () => {
    const labels = groups.values.map((x) => 100 * x)
    const options = { objective: 'absolute', rounds: 1, learningRate: 0.5, maxDeltaStep: 3 } as const
    const { model } = await train(groups, labels, options)
    expect(Math.max(...model.value.map(Math.abs))).toBe(1.5)
  })

  it('know the factor of GOSS: quantiles cover their share', async () => {
    const matrix = uniformMatrix(4000, 2, { seed: 3 })
    const next = uniformSource(4)
    const labels = matrix.values.slice(0, 4000).map((x) => 10 * x + next())
    for (const quantile of [0.1, 0.9]) {
      const goss = { top: 0.3, other: 0.3 }
      const options = { objective: 'quantile', quantile, goss, rounds: 150, learningRate: 0.2, maxDepth: 4 } as const
      const { model } = await train(matrix, labels, { ...options, minRowsPerLeaf: 100 })
      const below = predict(model, matrix).filter((p, r) => (labels[r] ?? 0) <= p).length
      expect(Math.abs(below / 4000 - quantile)).toBeLessThan(0.03)
    }
  })

  it('of monotone columns do not depend on the unit of the labels, and follow them', async () => {
    const matrix = uniformMatrix(1500, 2, { seed: 8 })
    const next = uniformSource(9)
    const labels = matrix.values.slice(0, 1500).map((x) => x ** 2 + 0.2 * next())
    const options = { objective: 'absolute', monotone: { c0: 1 }, rounds: 60, learningRate: 0.2 } as const
    const plain = await train(matrix, labels, options)
    const thousand = await train(
      matrix,
      labels.map((y) => 1024 * y),
      options,
    )
    const expected = predictRaw(plain.model, matrix)
    const gap = predictRaw(thousand.model, matrix).map((s, r) => Math.abs(s / 1024 - (expected[r] ?? 0)))
    expect(Math.max(...gap)).toBeLessThan(1e-4)
    const free = await train(matrix, labels, { ...options, monotone: {} })
    expect(plain.trainLoss.at(-1)).toBeLessThan(1.15 * (free.trainLoss.at(-1) ?? 0))
  })

  it('against the direction of a monotone column meet in the middle', async () => {
    // Labels fall, the prediction must rise: noise in y lets the tree split on x below it.
    const matrix = uniformMatrix(800, 2, { seed: 10 })
    const labels = matrix.values.slice(0, 800).map((x, r) => (matrix.values[800 + r] ?? 0) - 2 * x)
    const options = { objective: 'quantile', quantile: 0.4, monotone: { c0: 1 }, rounds: 30 } as const
    const { model } = await train(matrix, labels, options)
    const line: Matrix = { columns: matrix.columns, rows: 50, values: new Float32Array(100).fill(0.4) }
    for (let r = 0; r < 50; r++) line.values[r] = r / 50
    const scores = predictRaw(model, line)
    expect(scores.every((s, r) => r === 0 || s >= (scores[r - 1] ?? 0) - 1e-6)).toBe(true)
  })
})
