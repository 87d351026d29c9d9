import { decodeBundle, encodeBundle, predictRaw, refitLeaves, trainBoosted, treeCount } from '@breakwater/trees'
import type { BoostOptions, BundleDescription, Matrix, RefitOptions, TrainedHead } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { labelsOf, uniformMatrix, uniformSource } from './seeded.ts'

const matrix = uniformMatrix(1500, 4, { seed: 31, missing: 0.05 })
const next = uniformSource(32)
const labels = labelsOf(matrix, ([a = 0, b = 0]) => 3 * (a || 0.5) + (b || 0) + next())

async function train(options: BoostOptions): Promise<TrainedHead> {
  const result = await trainBoosted(matrix, labels, { objective: 'squared', learningRate: 0.2, ...options })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result
}

/** A Newton step of 20 rows with this residual, l2 20 and learning rate 0.5. */
const step = (residual: number): number => 0.5 * ((20 * residual) / 40)

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

describe('training on from a model', () => {
  it('goes where one long training goes', async () => {
    const long = await train({ rounds: 30 })
    const first = await train({ rounds: 12 })
    const both = await train({ rounds: 18, initial: first.model })
    expect(treeCount(both.model)).toBe(30)
    expect(both.trainLoss[0]).toBeCloseTo(first.trainLoss.at(-1) ?? Number.NaN, 6)
    const expected = predictRaw(long.model, matrix)
    const gap = predictRaw(both.model, matrix).map((s, r) => Math.abs(s - (expected[r] ?? 0)))
    // Scores start from 64 bits here and from sums of 32 there.
    expect(Math.max(...gap)).toBeLessThan(1e-4)
  })

  it('appends categories too, and the result survives its bundle', async () => {
    const codes: Matrix = { ...matrix, values: matrix.values.map((x, i) => (i < 1500 ? Math.floor((x || 0) * 40) : x)) }
    const options = { objective: 'squared', categorical: ['c0'], rounds: 5 } as const
    const first = await trainBoosted(codes, labels, options)
    if (first.status !== 'trained') throw new Error(first.reason)
    const both = await trainBoosted(codes, labels, { ...options, initial: first.model })
    if (both.status !== 'trained') throw new Error(both.reason)
    expect(both.model.categoryBits.length).toBeGreaterThan(first.model.categoryBits.length)
    const read = decodeBundle(encodeBundle({ model: both.model, description })).model
    expect(predictRaw(read, codes)).toEqual(predictRaw(both.model, codes))
  })

  it('refuses a model of other columns or another objective', async () => {
    const { model } = await train({ rounds: 1 })
    await expect(train({ initial: { ...model, columns: ['x', 'c1', 'c2', 'c3'] } })).rejects.toThrow(
      'initial: was trained on other columns. Build the matrix with the columns of the model, in its order',
    )
    await expect(train({ initial: model, objective: 'huber' })).rejects.toThrow(
      'initial: has objective squared, not huber. Use the objective it was trained with',
    )
  })
})

describe('refitting leaves', () => {
  it('mixes old leaves and new Newton steps, by hand', async () => {
    const two: Matrix = {
      columns: ['x'],
      rows: 40,
      values: Float32Array.from({ length: 40 }, (_, r) => Number(r >= 20)),
    }
    const labelsThen = two.values.map((x) => 2 * x)
    const options = { objective: 'squared', rounds: 1, learningRate: 1, l2: 0, minRows: 1 } as const
    const result = await trainBoosted(two, labelsThen, options)
    if (result.status !== 'trained') throw new Error(result.reason)
    expect(result.model.baseScore).toBe(1)
    // The new labels are 5 on the right and 0 on the left: residuals from the base 1 are 4 and -1.
    const labelsNow = two.values.map((x) => 5 * x)
    const refitted = refitLeaves(result.model, two, labelsNow, { decay: 0.25, learningRate: 0.5, l2: 20 })
    expect(Array.from(refitted.value.slice(1))).toEqual(
      [0.25 * -1 + 0.75 * step(-1), 0.25 * 1 + 0.75 * step(4)].map(Math.fround),
    )
    expect([...refitted.cover]).toEqual([40, 20, 20])
  })

  it('with decay 1 changes nothing, on the training data with decay 0 next to nothing', async () => {
    const { model } = await train({ rounds: 20 })
    expect(refitLeaves(model, matrix, labels, { decay: 1 }).value).toEqual(model.value)
    const again = refitLeaves(model, matrix, labels, { decay: 0, learningRate: 0.2 })
    const expected = predictRaw(model, matrix)
    const gap = predictRaw(again, matrix).map((s, r) => Math.abs(s - (expected[r] ?? 0)))
    expect(Math.max(...gap)).toBeLessThan(1e-3)
  })

  it('takes logistic and huber steps by hand', async () => {
    const values = Float32Array.from({ length: 40 }, (_, r) => Number(r >= 20))
    const two: Matrix = { columns: ['x'], rows: 40, values }
    const logistic = await trainBoosted(two, values, { rounds: 1, minRows: 1 })
    if (logistic.status !== 'trained') throw new Error(logistic.reason)
    // Base 0, so p = 0.5 everywhere. Right: 15 of 20 are ones, G = 10 - 15, H = 5; left: none, G = 10.
    const now = values.map((x, r) => Number(x === 1 && r < 35))
    const refitted = refitLeaves(logistic.model, two, now, { decay: 0, learningRate: 1, l2: 1 })
    expect(Array.from(refitted.value.slice(1))).toEqual([-10 / 6, 5 / 6].map(Math.fround))
    const huber = await trainBoosted(two, values, { objective: 'huber', huberDelta: 3, rounds: 1, minRows: 1 })
    if (huber.status !== 'trained') throw new Error(huber.reason)
    // Base 0.5: residuals are -0.5, and 9.5, of which 3 counts.
    const options = { decay: 0, learningRate: 1, l2: 0, huberDelta: 3 }
    const far = refitLeaves(
      huber.model,
      two,
      values.map((x) => 10 * x),
      options,
    )
    expect(Array.from(far.value.slice(1))).toEqual([-0.5, 3])
  })

  it('leaves out rows of weight 0, and keeps a leaf without rows', async () => {
    const { model } = await train({ rounds: 3 })
    const weights = Float32Array.from(labels, (_, r) => Number(r % 3 === 0))
    const kept = Array.from(labels.keys()).filter((r) => r % 3 === 0)
    const third: Matrix = {
      columns: matrix.columns,
      rows: kept.length,
      values: Float32Array.from(matrix.columns.flatMap((_, c) => kept.map((r) => matrix.values[c * 1500 + r] ?? 0))),
    }
    const by = refitLeaves(model, matrix, labels, { weights })
    expect(by).toEqual(
      refitLeaves(
        model,
        third,
        Float32Array.from(kept, (r) => labels[r] ?? 0),
      ),
    )
    const one: Matrix = { columns: matrix.columns, rows: 1, values: Float32Array.of(0.1, 0.2, 0.3, 0.4) }
    const single = refitLeaves(model, one, Float32Array.of(2), { decay: 0 })
    const changed = single.value.filter((value, node) => value !== model.value[node])
    expect(changed.length).toBe(3)
  })

  it('refuses what it cannot do', async () => {
    const { model } = await train({ rounds: 1, objective: 'absolute' })
    expect(() => refitLeaves(model, matrix, labels)).toThrow(
      'trees: model.objective=absolute: cannot be refitted. Train it again',
    )
    const squared = await train({ rounds: 1 })
    expect(() => refitLeaves(squared.model, matrix, labels.slice(1))).toThrow(
      'trees: labels.length=1499: must equal matrix.rows=1500. Use one entry per row',
    )
    const refit = (y: Float32Array, options: RefitOptions) => () => refitLeaves(squared.model, matrix, y, options)
    expect(refit(labels.with(3, Number.NaN), {})).toThrow('trees: labels[3]: NaN must be a finite number')
    expect(refit(labels, { weights: labels.with(5, -1) })).toThrow(
      'trees: weights[5]: -1 must be a number of 0 or more',
    )
    expect(refit(labels, { weights: new Float32Array(1500) })).toThrow('trees: weights: all rows have weight 0')
    expect(refit(labels, { huberDelta: 0 })).toThrow('trees: huberDelta=0: must be a number above 0')
    expect(refit(labels, { learningRate: 0 })).toThrow('trees: learningRate=0: must be above 0 and at most 1')
    expect(refit(labels, { l2: -1 })).toThrow('trees: l2=-1: must be a number of 0 or more')
    const none: Matrix = { columns: matrix.columns, rows: 0, values: new Float32Array() }
    expect(() => refitLeaves(squared.model, none, new Float32Array())).toThrow('trees: matrix.rows=0')
    expect(() => refitLeaves(squared.model, matrix, labels, { decay: 2 })).toThrow(
      'trees: decay=2: must be from 0 to 1',
    )
  })
})
