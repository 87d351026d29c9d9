import { predict, predictRaw, trainBoosted, trainHeads } from '@breakwater/trees'
import type { BoostOptions, Metric, TrainedHead } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { labelsOf, mask, uniformMatrix, uniformSource } from './seeded.ts'

const ROWS = 1200
const matrix = uniformMatrix(ROWS, 4, { seed: 21 })
const next = uniformSource(22)
const labels = labelsOf(matrix, ([a = 0, b = 0]) => Number(a - b + 0.8 * (next() - 0.5) > 0))
const weights = Float32Array.from({ length: ROWS }, () => 0.5 + next())
const inTrain = mask(ROWS, (r) => r < 800)
const inValidation = mask(ROWS, (r) => r >= 800)

async function train(options: BoostOptions, given: Float32Array | null = weights): Promise<TrainedHead> {
  const result = await trainBoosted(matrix, labels, {
    train: inTrain,
    validation: inValidation,
    ...(given === null ? {} : { weights: given }),
    rounds: 150,
    learningRate: 0.4,
    ...options,
  })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result
}

const ALL: readonly Metric[] = ['loss', 'auc', 'brier', 'error', 'mae', 'rmse']

/** The metrics of the validation rows from predictions, each by its definition. */
function byHand(p: Float64Array, weightOf: (row: number) => number): Record<Metric, number> {
  const rows = Array.from({ length: 400 }, (_, i) => 800 + i)
  const mean = (f: (p: number, y: number) => number): number => {
    const total = rows.reduce((sum, r) => sum + weightOf(r), 0)
    return rows.reduce((sum, r) => sum + weightOf(r) * f(p[r] ?? 0, labels[r] ?? 0), 0) / total
  }
  let wins = 0
  let pairs = 0
  for (const one of rows.filter((r) => labels[r] === 1)) {
    for (const zero of rows.filter((r) => labels[r] === 0)) {
      const w = weightOf(one) * weightOf(zero)
      const gap = (p[one] ?? 0) - (p[zero] ?? 0)
      wins += w * (gap > 0 ? 1 : gap === 0 ? 0.5 : 0)
      pairs += w
    }
  }
  return {
    loss: mean((q, y) => -Math.log(y === 1 ? q : 1 - q)),
    auc: wins / pairs,
    brier: mean((q, y) => (q - y) ** 2),
    error: mean((q, y) => Number(q > 0.5 !== (y === 1))),
    mae: mean((q, y) => Math.abs(q - y)),
    rmse: Math.sqrt(mean((q, y) => (q - y) ** 2)),
  }
}

describe('validation metrics', () => {
  it.each([
    ['with', weights],
    ['without', null],
  ])('are those of the definitions %s weights', async (_, given) => {
    const { model, metrics } = await train({ rounds: 8, metrics: ALL }, given)
    const expected = byHand(predict(model, matrix), (row) => (given === null ? 1 : (given[row] ?? 0)))
    for (const metric of ALL) expect(metrics[metric]?.at(-1)).toBeCloseTo(expected[metric], 9)
    expect(metrics.auc?.length).toBe(9)
  })

  it.each(ALL)('stop training by %s and keep the best round', async (stopMetric) => {
    const sign = stopMetric === 'auc' ? -1 : 1
    const stopped = await train({ stopMetric, earlyStoppingRounds: 12 })
    const curve = [...(stopped.metrics[stopMetric] ?? [])].map((value) => sign * value)
    const best = curve.indexOf(Math.min(...curve))
    expect(stopped.bestRound).toBe(best)
    expect(stopped.model.treeStart.length - 1).toBe(best)
    expect(stopped.stopped).toBe('early')
    expect(curve.length - 1 - best).toBe(12)
    const straight = await train({ rounds: Math.max(1, best) })
    expect(best).toBeGreaterThan(0)
    expect(predictRaw(stopped.model, matrix)).toEqual(predictRaw(straight.model, matrix))
  })

  it('minImprovement makes small steps not count', async () => {
    const any = await train({ learningRate: 0.1, earlyStoppingRounds: 12 })
    const large = await train({ learningRate: 0.1, earlyStoppingRounds: 12, minImprovement: 0.02 })
    expect(large.bestRound).toBeLessThan(any.bestRound)
    const curve = large.validationLoss ?? new Float64Array()
    expect((curve[0] ?? 0) - (curve[large.bestRound] ?? 0)).toBeGreaterThan(0.02)
  })
})

describe('stopping by AUC', () => {
  const oneClass = labels.map((y, r) => (r >= 800 ? 1 : y))

  it('skips a head whose validation rows are of one class, and trains the others', async () => {
    const head = { objective: 'logistic', train: inTrain, validation: inValidation } as const
    const results = await trainHeads(
      matrix,
      [
        { ...head, name: 'flat', labels: oneClass },
        { ...head, name: 'both', labels },
      ],
      { rounds: 3, stopMetric: 'auc', earlyStoppingRounds: 2 },
    )
    expect(results).toMatchObject([
      { status: 'skipped', code: 'one-class', reason: 'all 400 validation rows have label 1: no AUC to stop by' },
      { status: 'trained', name: 'both' },
    ])
  })

  it('refuses labels that are no classes', async () => {
    const real = labels.map((y, r) => y + (r === 900 ? 0.5 : 0))
    await expect(
      trainBoosted(matrix, real, {
        objective: 'squared',
        train: inTrain,
        validation: inValidation,
        stopMetric: 'auc',
      }),
    ).rejects.toThrow(/labels\[900\]: (0|1).5 must be 0 or 1 where stopMetric is auc. Use stopMetric 'loss'/)
  })

  it('as a metric beside the loss is NaN where there is one class', async () => {
    const options = { train: inTrain, validation: inValidation, rounds: 2, metrics: ['auc'] } as const
    const result = await trainBoosted(matrix, oneClass, options)
    expect(result).toMatchObject({
      status: 'trained',
      metrics: { auc: Float64Array.of(Number.NaN, Number.NaN, Number.NaN) },
    })
  })
})

describe('early stopping', () => {
  it('never happens to a head whose validation mask selects no row', async () => {
    const result = await train({ validation: new Uint8Array(ROWS), rounds: 40, earlyStoppingRounds: 1 })
    expect(result).toMatchObject({ stopped: 'rounds', bestRound: 40, validationRows: 0, metrics: {} })
    expect(result.validationLoss).toBeUndefined()
  })
})
