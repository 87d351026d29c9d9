import { predict, predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, CustomObjective, Matrix, Objective, TrainedHead } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uniformMatrix, uniformSource } from './seeded.ts'

const ROWS = 500

/** A label that follows the first column, with noise. */
function problem(seed: number): { matrix: Matrix; labels: Float32Array } {
  const matrix = uniformMatrix(ROWS, 3, { seed, missing: 0.05 })
  const next = uniformSource(seed + 1)
  return { matrix, labels: matrix.values.slice(0, ROWS).map((x) => 3 * (x || 0.5) + next()) }
}

async function train(matrix: Matrix, labels: Float32Array, options: BoostOptions): Promise<TrainedHead> {
  const result = await trainBoosted(matrix, labels, { rounds: 20, learningRate: 0.3, ...options })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result
}

/** Labels that an objective takes. */
const labelsFor = (objective: Objective, labels: Float32Array): Float32Array =>
  objective === 'logistic' ? labels.map((y) => Number(y > 2)) : labels

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length

describe('weights', () => {
  it('times a constant, with l2 and minChildWeight times it too, change no prediction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom<Objective>('logistic', 'squared', 'absolute', 'huber', 'poisson'),
        fc.constantFrom(-40, -20, -7, 3, 30),
        fc.boolean(),
        async (seed, objective, exponent, equal) => {
          const { matrix, labels } = problem(seed)
          const next = uniformSource(seed)
          const weights = labels.map(() => (equal ? 1 : 0.5 + next()))
          const factor = 2 ** exponent
          const scores = async (by: number): Promise<Float64Array> => {
            const options = { objective, weights: weights.map((w) => w * by), l2: 3 * by, minChildWeight: 2 * by }
            return predictRaw((await train(matrix, labelsFor(objective, labels), options)).model, matrix)
          }
          expect(await scores(factor)).toEqual(await scores(1))
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('labels of any size', () => {
  it.each<Objective>(['squared', 'absolute', 'huber'])('scale the predictions of %s', async (objective) => {
    const { matrix, labels } = problem(4)
    const plain = await train(matrix, labels, { objective })
    for (const factor of [2 ** -30, 2 ** 40]) {
      const options = { objective, huberDelta: factor }
      const scaled = await train(
        matrix,
        labels.map((y) => y * factor),
        options,
      )
      const expected = predictRaw(plain.model, matrix).map((s) => s * factor)
      const gap = predictRaw(scaled.model, matrix).map((s, r) => Math.abs(s - (expected[r] ?? 0)) / factor)
      expect(Math.max(...gap)).toBeLessThan(1e-4)
    }
  })

  it('do not hide a small delta of huber', async () => {
    const { matrix, labels } = problem(5)
    const far = labels.map((y) => y + 1000)
    const { model, trainLoss } = await train(matrix, far, { objective: 'huber', huberDelta: 2 ** -16, rounds: 5 })
    expect(model.treeStart.length - 1).toBe(5)
    expect(trainLoss[0]).toBeGreaterThan(0)
  })
})

describe('poisson with counts far above the mean', () => {
  it.each([
    [0.05, 300],
    [0.3, 900],
    [1, 950],
  ])('does not jump beyond them, at learning rate %d', async (learningRate, min) => {
    const { matrix } = problem(6)
    const labels = matrix.values.slice(0, ROWS).map((x) => (x > 0.97 ? 1000 : 0))
    const options = { objective: 'poisson', learningRate, rounds: 100, minRowsPerLeaf: 5 } as const
    const { model, trainLoss } = await train(matrix, labels, options)
    expect([...trainLoss].every((loss, i) => i === 0 || loss <= (trainLoss[i - 1] ?? 0) + 1e-6)).toBe(true)
    const high = predict(model, matrix).filter((_, r) => labels[r] === 1000)
    expect(Math.max(...high)).toBeLessThan(1100)
    expect(mean(high)).toBeGreaterThan(min)
  })

  it('makes a leaf of its optimum, by hand', async () => {
    // 80 rows of 0 and 20 of 50: mean 10. Right leaf: Newton (50 / 10 - 1) / e^0.7 = 1.99, optimum log(5) = 1.61.
    const values = Float32Array.from({ length: 100 }, (_, r) => Number(r >= 80))
    const matrix: Matrix = { columns: ['x'], rows: 100, values }
    const labels = values.map((x) => 50 * x)
    const options = { objective: 'poisson', rounds: 1, learningRate: 1, l2: 0 } as const
    const { model } = await train(matrix, labels, options)
    expect(model.value[2]).toBeCloseTo(Math.log(5), 5)
    expect(model.value[1]).toBeCloseTo(-1 / Math.exp(0.7), 5)
  })
})

describe('a loss of the caller', () => {
  it('that is binary cross entropy trains the same scores as logistic', async () => {
    const { matrix, labels } = problem(7)
    const binary = labelsFor('logistic', labels)
    const share = mean(binary)
    const custom: CustomObjective = {
      derivatives: (rows, scores, gradients, hessians) => {
        for (const row of rows) {
          const p = 1 / (1 + Math.exp(-(scores[row] ?? 0)))
          gradients[row] = p - (binary[row] ?? 0)
          hessians[row] = p * (1 - p)
        }
      },
      loss: (score, label) => Math.log1p(Math.exp(score)) - label * score,
      baseScore: Math.log(share / (1 - share)),
    }
    const own = await train(matrix, binary, { objective: 'custom', custom, rounds: 10 })
    const logistic = await train(matrix, binary, { rounds: 10 })
    const expected = predictRaw(logistic.model, matrix)
    expect(Math.max(...predictRaw(own.model, matrix).map((s, r) => Math.abs(s - (expected[r] ?? 0))))).toBeLessThan(
      1e-3,
    )
    expect(own.trainLoss.at(-1)).toBeCloseTo(logistic.trainLoss.at(-1) ?? 0, 4)
  })

  it('with hessians of 0 trains no tree, and says so', async () => {
    const { matrix, labels } = problem(8)
    const custom: CustomObjective = {
      derivatives: (rows, scores, gradients, hessians) => {
        for (const row of rows) {
          gradients[row] = Math.sign((scores[row] ?? 0) - (labels[row] ?? 0))
          hessians[row] = 0
        }
      },
      loss: (score, label) => Math.abs(score - label),
    }
    for (const minChildWeight of [0, 1]) {
      const result = await train(matrix, labels, { objective: 'custom', custom, minChildWeight })
      expect([result.stopped, result.model.value.length]).toEqual(['no-split', 0])
    }
  })
})
