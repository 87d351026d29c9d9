import { predictPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { EpochReport, StepReport, TrainOptions } from '@breakwater/patchtst'
import { expect, test } from 'vitest'
import { auc, planted, SMALL } from './planted.ts'

const ALL: TrainOptions = {
  tasks: { direction: true, strength: true, reach: { curves: ['$1'], horizons: [60, 120] } },
  model: SMALL,
  epochs: 20,
  batchSize: 64,
  learningRate: 3e-3,
  threads: 1,
}

test('a planted pattern is learnt: direction, strength through its static, and reach', async () => {
  const [train, validation, later] = [
    planted({ samples: 600, seed: 1 }),
    planted({ samples: 200, seed: 2 }),
    planted({ samples: 300, seed: 3 }),
  ]
  const { model, history, bestEpoch } = await trainPatchTst(train, validation, ALL)
  const {
    direction = [],
    strength = new Float32Array(),
    reach = new Float32Array(),
  } = await predictPatchTst(model, later)
  expect(auc(direction, later.labels.direction ?? [])).toBeGreaterThan(0.95)
  const residuals = Array.from(strength, (value, i) => value - (later.labels.strength?.[i] ?? 0)).filter(
    Number.isFinite,
  )
  // The strength's mean square is 16 / 3; its sign alone, at the mean static of 2, leaves 4 / 3.
  expect(residuals.reduce((sum, error) => sum + error ** 2, 0) / residuals.length).toBeLessThan(0.8)
  for (let i = 0; i < later.samples; i++) {
    const [soon = Number.NaN, late = Number.NaN] = reach.subarray(2 * i, 2 * i + 2)
    expect(late).toBeGreaterThanOrEqual(soon)
    expect(late).toBeLessThanOrEqual(1)
  }
  expect(
    auc(
      reach.filter((_, i) => i % 2 === 0),
      later.labels.direction ?? [],
    ),
  ).toBeGreaterThan(0.95)
  const losses = history.map(({ validationLoss }) => validationLoss ?? Infinity)
  expect(history[bestEpoch - 1]?.validationLoss).toBe(Math.min(...losses))
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2)
})

test('shuffled labels are not learnt', async () => {
  const options = { shuffled: true }
  const [train, validation, later] = [1, 2, 3].map((seed) => planted({ samples: 400, seed, ...options }))
  if (train === undefined || later === undefined) throw new Error('no data')
  const { model, history } = await trainPatchTst(train, validation, {
    ...ALL,
    tasks: { direction: true },
    epochs: 8,
    patience: 3,
  })
  const { direction = [] } = await predictPatchTst(model, later)
  expect(Math.abs(auc(direction, later.labels.direction ?? []) - 0.5)).toBeLessThan(0.1)
  expect(Math.min(...history.map(({ validationLoss }) => validationLoss ?? 0))).toBeGreaterThan(Math.LN2 - 0.02)
})

const SHORT: TrainOptions = { ...ALL, epochs: 2, batchSize: 50 }

test('the result does not depend on the number of threads, to the bit', async () => {
  const [train, validation] = [planted({ samples: 150, seed: 4 }), planted({ samples: 70, seed: 5 })]
  const results = await Promise.all([1, 2, 3].map((threads) => trainPatchTst(train, validation, { ...SHORT, threads })))
  const [first, ...others] = results
  for (const other of others) {
    expect(other.model).toEqual(first?.model)
    expect(other.history).toEqual(first?.history)
  }
  expect(results.map(({ threads }) => threads)).toEqual([1, 2, 3])
})

test('another seed gives other weights, the same seed the same', async () => {
  const train = planted({ samples: 100, seed: 4 })
  const run = async (seed: number) => (await trainPatchTst(train, undefined, { ...SHORT, seed })).model.weights
  const [one, again, other] = [await run(1), await run(1), await run(2)]
  expect(again).toEqual(one)
  expect(other).not.toEqual(one)
})

test('training ends when the validation loss is no longer better, and keeps the best epoch', async () => {
  const [train, validation] = [
    planted({ samples: 100, seed: 6, shuffled: true }),
    planted({ samples: 60, seed: 7, shuffled: true }),
  ]
  const { history, bestEpoch } = await trainPatchTst(train, validation, {
    ...ALL,
    epochs: 60,
    patience: 2,
    learningRate: 1e-2,
  })
  expect(history.length).toBeLessThan(60)
  expect(history.length).toBe(bestEpoch + 2)
  expect(history.slice(bestEpoch).map(({ best }) => best)).toEqual([false, false])
})

test('steps and epochs are reported in order, with a falling learning rate', async () => {
  const epochs: EpochReport[] = []
  const steps: StepReport[] = []
  const { history, device } = await trainPatchTst(planted({ samples: 120, seed: 8 }), undefined, {
    ...SHORT,
    warmup: 0,
    onEpoch: (report) => epochs.push(report),
    onStep: (report) => steps.push(report),
  })
  expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [6, 2],
  ])
  expect(steps.every(({ steps: all, loss }) => all === 6 && loss > 0)).toBe(true)
  expect(epochs).toEqual(history)
  expect(epochs.map(({ validationLoss }) => validationLoss)).toEqual([undefined, undefined])
  expect((epochs[1]?.learningRate ?? 1) < (epochs[0]?.learningRate ?? 0)).toBe(true)
  expect(device).toBe('cpu')
})

test('an aborted training ends with the reason', async () => {
  const stop = new AbortController()
  const training = trainPatchTst(planted({ samples: 200, seed: 8 }), undefined, {
    ...SHORT,
    threads: 2,
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === 2) stop.abort(new Error('enough'))
    },
  })
  await expect(training).rejects.toThrow('enough')
})

test('balanced classes make up for a rare one', async () => {
  const rare = planted({ samples: 400, seed: 9, shuffled: true })
  const direction = rare.labels.direction?.map((label, i) => (label === 1 && i % 5 > 0 ? -1 : label))
  const train = { ...rare, labels: { direction: direction ?? new Int8Array() } }
  const mean = async (classWeights: 'none' | 'balanced'): Promise<number> => {
    // Layer norm settles in fewer steps.
    const model = { ...SMALL, norm: 'layer' } as const
    const options = { ...ALL, model, tasks: { direction: true }, epochs: 6, classWeights }
    const { direction: chances = new Float32Array() } = await predictPatchTst(
      (await trainPatchTst(train, undefined, options)).model,
      train,
    )
    return chances.reduce((sum, chance) => sum + chance, 0) / chances.length
  }
  // 42 of 224 labels are breaks, and nothing tells which.
  expect(Math.abs((await mean('none')) - 42 / 224)).toBeLessThan(0.08)
  expect(Math.abs((await mean('balanced')) - 1 / 2)).toBeLessThan(0.08)
})
