import { predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, Matrix } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { roundGradients } from '#src/train/derivatives'
import { randomOf } from '#src/train/sampling'
import { labelsOf, uniformMatrix, uniformSource } from './seeded.ts'

const ROWS = 3000
const matrix = uniformMatrix(ROWS, 5, { seed: 12, missing: 0.05 })
const next = uniformSource(13)
const labels = labelsOf(matrix, ([a = 0, b = 0]) => 2 * Number((a || 0.9) > 0.5) - (b || 0) + 0.2 * next())

const WAYS: readonly (readonly [string, BoostOptions])[] = [
  ['rows drawn evenly', { rowSampling: 0.4 }],
  ['GOSS', { goss: { top: 0.2, other: 0.2 } }],
  ['gradients rounded to levels', { gradientLevels: 4 }],
  ['DART', { dart: { dropRate: 0.2, skipDrop: 0.3 } }],
  ['DART with rows drawn', { dart: { dropRate: 0.5, maxDrop: 3, skipDrop: 0 }, rowSampling: 0.7 }],
]

const train = async (options: BoostOptions, data: Matrix = matrix, y: Float32Array = labels) => {
  const result = await trainBoosted(data, y, { objective: 'squared', rounds: 60, learningRate: 0.2, ...options })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result
}

const lossOf = (scores: Float64Array): number =>
  scores.reduce((sum, s, r) => sum + (s - (labels[r] ?? 0)) ** 2, 0) / ROWS

describe.each(WAYS)('%s', (_name, options) => {
  it('keeps training scores equal to what the model predicts', async () => {
    const { model, trainLoss } = await train(options)
    // Scores are kept in 32 bits while training.
    expect(trainLoss.at(-1)).toBeCloseTo(lossOf(predictRaw(model, matrix)), 5)
  })

  it('finds what is planted', async () => {
    const { trainLoss } = await train(options)
    expect(trainLoss.at(-1)).toBeLessThan(0.05)
    expect(trainLoss[0]).toBeGreaterThan(1)
  })

  it('is the same for the same seed and another for another', async () => {
    const [once, twice, other] = [await train(options), await train(options), await train({ ...options, seed: 1 })]
    expect(once).toEqual(twice)
    expect(other.model.value).not.toEqual(once.model.value)
  })
})

describe('GOSS', () => {
  it('keeps all rows of large gradients, also where most others tie', async () => {
    // One in twenty is an outlier of the median: the others pull as hard one way, and half of the weight is theirs.
    const y = labels.map((_, r) => (r % 20 === 19 ? 50 : 0))
    const options = { objective: 'quantile', quantile: 0.9, goss: { top: 0.05, other: 0.05 } } as const
    const { model } = await train({ ...options, rounds: 1, minRowsPerLeaf: 1, learningRate: 1 }, matrix, y)
    // With all 150 outliers kept once and 5% of the others at 20 times, the root weighs what all rows do.
    expect(model.cover[0]).toBeCloseTo(ROWS, 0)
  })

  it('with half of the rows kept and all others drawn is training on all', async () => {
    // With 64 bins every cut is ranked in every node: which column is chosen does not depend on how the others were ranked.
    const options = { rounds: 10, maxBins: 64 }
    const all = await train(options)
    const goss = await train({ ...options, goss: { top: 0.5, other: 0.5 } })
    const expected = predictRaw(all.model, matrix)
    const gap = predictRaw(goss.model, matrix).map((s, r) => Math.abs(s - (expected[r] ?? 0)))
    expect(Math.max(...gap)).toBeLessThan(1e-4)
  })
})

describe('gradients rounded to levels', () => {
  it('lie on the levels and keep their mean', () => {
    const rows = 20_000
    const gradients = new Float32Array(rows).fill(0.3)
    gradients[0] = -1
    gradients[1] = 0
    roundGradients({ order: Int32Array.from(gradients.keys()), gradients }, rows, 4, randomOf(1, 'head'))
    expect([...new Set(gradients)].toSorted((a, b) => a - b)).toEqual([-1, 0, 0.5])
    expect([gradients[0], gradients[1]]).toEqual([-1, 0])
    // 0.3 is 0.5 with chance 0.6: four standard errors are 0.007.
    expect(Math.abs(gradients.slice(2).reduce((sum, g) => sum + g, 0) / (rows - 2) - 0.3)).toBeLessThan(0.007)
  })

  it('learn noise less where rows are few', async () => {
    const few = uniformMatrix(600, 20, { seed: 3 })
    const more = uniformMatrix(4000, 20, { seed: 4 })
    const coin = uniformSource(5)
    const outcome = ([a = 0, b = 0]: readonly number[]): number => Number(a - b + 1.2 * (coin() - 0.5) > 0)
    const [y, unseen] = [labelsOf(few, outcome), labelsOf(more, outcome)]
    const lossWith = async (options: BoostOptions): Promise<number> => {
      const { model } = await train({ objective: 'logistic', rounds: 100, ...options }, few, y)
      const scores = predictRaw(model, more)
      return scores.reduce((sum, s, r) => sum + Math.log1p(Math.exp(unseen[r] === 1 ? -s : s)), 0) / 4000
    }
    expect(await lossWith({ gradientLevels: 4 })).toBeLessThan(await lossWith({}))
  })
})

describe('DART', () => {
  it('may drop late trees as well as early ones where maxDrop is small', async () => {
    const dart = { dropRate: 1, maxDrop: 2, skipDrop: 0 }
    const [half, whole] = [await train({ rounds: 20, dart }), await train({ rounds: 40, dart })]
    // The first twenty trees are the same but for those that later rounds dropped, and scaled.
    const nodes = half.model.value.length
    expect(whole.model.feature.slice(0, nodes)).toEqual(half.model.feature)
    const scaled = Array.from({ length: 20 }, (_, tree) => tree).filter((tree) => {
      const [from, to] = [half.model.treeStart[tree], half.model.treeStart[tree + 1]]
      return whole.model.value.slice(from, to).some((value, n) => value !== half.model.value[(from ?? 0) + n])
    })
    expect(scaled.filter((tree) => tree >= 5).length).toBeGreaterThan(3)
  })
})

describe('without sampling', () => {
  it('the order of rows changes nothing', async () => {
    const order = Array.from({ length: ROWS }, (_, r) => (r * 1109) % ROWS)
    const shuffled: Matrix = {
      columns: matrix.columns,
      rows: ROWS,
      values: Float32Array.from(matrix.columns.flatMap((_, c) => order.map((r) => matrix.values[c * ROWS + r] ?? 0))),
    }
    const { model } = await train({})
    const permuted = await train(
      {},
      shuffled,
      Float32Array.from(order, (r) => labels[r] ?? 0),
    )
    // The mean of the labels is a sum of 64-bit floats, the only thing that depends on their order.
    expect({ ...permuted.model, baseScore: 0 }).toEqual({ ...model, baseScore: 0 })
    expect(permuted.model.baseScore).toBeCloseTo(model.baseScore, 12)
  })

  it('the seed changes nothing', async () => {
    expect((await train({ seed: 5 })).model).toEqual((await train({})).model)
  })
})

describe('options that cannot go together', () => {
  it.each<[BoostOptions, string]>([
    [
      { goss: {}, rowSampling: 0.5 },
      'trees: rowSampling=0.5: must be 1 with goss, which samples rows itself. Remove one',
    ],
    [{ goss: { top: 0.7, other: 0.6 } }, 'trees: goss: top + other = 1.2999999999999998: must be at most 1'],
    [{ dart: {}, earlyStoppingRounds: 5 }, 'trees: earlyStoppingRounds=5: cannot go with dart'],
    [{ dart: { dropRate: 2 } }, 'trees: dart.dropRate=2: must be from 0 to 1'],
    [{ dart: { maxDrop: 0 } }, 'trees: dart.maxDrop=0: must be an integer from 1 to 100000'],
    [{ gradientLevels: 1 }, 'trees: gradientLevels=1: must be an integer from 2 to 1024'],
    [{ goss: { top: 0 } }, 'trees: goss.top=0: must be above 0 and at most 1'],
    [{ columnSamplingByNode: 0 }, 'trees: columnSamplingByNode=0: must be above 0 and at most 1'],
    [{ columnSamplingByLevel: 1.1 }, 'trees: columnSamplingByLevel=1.1: must be above 0 and at most 1'],
    [{ maxLeaves: 1 }, 'trees: maxLeaves=1: must be an integer from 2 to 4096'],
    [{ l1: -1 }, 'trees: l1=-1: must be a number of 0 or more'],
    [{ maxDeltaStep: Number.NaN }, 'trees: maxDeltaStep=NaN: must be a number of 0 or more'],
    [{ interactions: [['c0', 'nope']] }, 'trees: interactions: "nope" is not a matrix column. Check its spelling'],
    [{ monotone: { nope: 1 } }, 'monotone: "nope" is not a matrix column. Check its spelling'],
    [{ objective: 'quantile', quantile: 1 }, 'quantile=1: must be above 0 and below 1. Use 0.5 for the median'],
    [{ objective: 'huber', huberDelta: 0 }, 'huberDelta=0: must be a number above 0'],
    [{ stopMetric: 'f1' as 'auc' }, 'trees: metrics=f1: must be one of loss, auc, brier, error, mae, rmse'],
    [{ growth: 'wide' as 'leaf' }, 'trees: growth=wide: must be one of depth, leaf'],
  ])('%j', async (options, message) => {
    await expect(train(options)).rejects.toThrow(message)
  })
})
