import { learningRateAt } from '#src/training/schedule'
import { adamW } from '#src/training/adamw'
import { fillDropout } from '#src/training/dropout'
import { hidePatches } from '#src/training/hidden-patches'
import { microBatches } from '#src/training/micro-batches'
import { shuffleInto, streamKey, uniformAt } from '#src/training/random'
import * as tf from '@tensorflow/tfjs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

test('the cosine rises in a line and falls to 0', () => {
  const plan = { kind: 'cosine', peak: 1, steps: 100, warmup: 0.1 } as const
  const rates = Array.from({ length: 101 }, (_, step) => learningRateAt(plan, step))
  expect(rates.slice(0, 3)).toEqual([0.1, 0.2, 0.3])
  expect(rates[10]).toBe(1)
  expect(rates[55]).toBeCloseTo(0.5, 10)
  expect(rates[100]).toBeCloseTo(0, 10)
})

test('one cycle follows PyTorch: peak / 25, peak, peak / 250000', () => {
  const plan = { kind: 'one-cycle', peak: 1e-2, steps: 10, warmup: 0.3 } as const
  const rates = Array.from({ length: 10 }, (_, step) => learningRateAt(plan, step))
  // torch.optim.lr_scheduler.OneCycleLR(max_lr=1e-2, total_steps=10, pct_start=0.3), PyTorch 2.15.
  const torch = TORCH_ONE_CYCLE
  for (const [step, rate] of rates.entries()) expect(rate).toBeCloseTo(torch[step] ?? Number.NaN, 8)
})

const TORCH_ONE_CYCLE = [
  0.0004, 0.0052, 0.01, 0.00950484632, 0.00811745654, 0.00611262022, 0.00388741978, 0.00188258346, 0.00049519368, 4e-8,
]

test('a constant rate stays', () => {
  expect(learningRateAt({ kind: 'constant', peak: 0.5, steps: 10, warmup: 0 }, 9)).toBe(0.5)
})

test('AdamW without decay takes the steps of Adam in TensorFlow.js', async () => {
  await tf.setBackend('cpu')
  const start = [0.5, -1, 2]
  const variable = tf.variable(tf.tensor1d(start))
  const adam = tf.train.adam(0.05, 0.9, 0.999, 1e-8)
  const n = start.length
  const state = {
    weights: Float32Array.from(start),
    m: new Float32Array(n),
    v: new Float32Array(n),
    decays: new Uint8Array(n),
  }
  for (let t = 1; t <= 30; t++) {
    adam.minimize(() => tf.sum<tf.Scalar>(tf.square(tf.sub(variable, 0.2))))
    const gradient = state.weights.map((weight) => 2 * (weight - 0.2))
    adamW({ ...state, gradient }, { learningRate: 0.05, weightDecay: 0.3, t, scale: 1 }, 0, n)
  }
  for (const [i, wanted] of Array.from(variable.dataSync()).entries()) expect(state.weights[i]).toBeCloseTo(wanted, 4)
})

test('weight decay shrinks the weights that decay, and a scale shortens the gradient', () => {
  const state = {
    weights: Float32Array.of(2, 2),
    m: new Float32Array(2),
    v: new Float32Array(2),
    decays: Uint8Array.of(1, 0),
    gradient: Float32Array.of(0, 0),
  }
  adamW(state, { learningRate: 0.1, weightDecay: 0.5, t: 1, scale: 1 }, 0, 2)
  expect([...state.weights]).toEqual([Math.fround(1.9), 2])
  adamW({ ...state, gradient: Float32Array.of(4, 4) }, { learningRate: 0.1, weightDecay: 0, t: 1, scale: 0.5 }, 1, 2)
  expect([...state.m]).toEqual([0, Math.fround(0.2)])
})

test('dropout drops at its rate, evenly, and bytes do not depend on how a batch is cut', () => {
  const whole = new Uint8Array(400 * 50)
  fillDropout(whole, 400, 64, 12_345, 0)
  expect(Math.abs(whole.reduce((sum, byte) => sum + byte, 0) / whole.length - 0.75)).toBeLessThan(0.01)
  for (const lane of [0, 1, 2, 3]) {
    const kept = whole.filter((_, i) => i % 4 === lane)
    expect(Math.abs(kept.reduce((sum, byte) => sum + byte, 0) / kept.length - 0.75)).toBeLessThan(0.02)
  }
  const part = new Uint8Array(400 * 20)
  fillDropout(part, 400, 64, 12_345, 30)
  expect(part).toEqual(whole.slice(400 * 30))
  expect(whole.every((byte) => byte < 2)).toBe(true)
})

test('samples whose size is no multiple of four get the same bytes in any cut too', () => {
  const whole = new Uint8Array(7 * 9)
  fillDropout(whole, 7, 128, 5, 0)
  const part = new Uint8Array(7 * 4)
  fillDropout(part, 7, 128, 5, 5)
  expect(part).toEqual(whole.slice(7 * 5))
})

test('hidden patches are those observed, in the number that the ratio says', () => {
  const share = 0.5
  const observed = Uint8Array.of(0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
  const counts = new Float64Array(12)
  for (let key = 0; key < 2000; key++) {
    const [hide, weight] = [new Float32Array(12), new Float32Array(12)]
    hidePatches(hide, weight, observed, { ratio: 0.4, key, share })
    expect(hide.reduce((sum, stays) => sum + 1 - stays, 0)).toBe(4)
    for (const [patch, stays] of hide.entries()) {
      expect(weight[patch]).toBe(stays === 0 ? share : 0)
      counts[patch] = (counts[patch] ?? 0) + 1 - stays
    }
  }
  expect([...counts.subarray(0, 2)]).toEqual([0, 0])
  for (const count of counts.subarray(2)) expect(Math.abs(count - 800)).toBeLessThan(100)
})

test('a shuffle is a permutation, and every place is as likely', () => {
  const firsts = new Float64Array(10)
  for (let key = 0; key < 5000; key++) {
    const order = new Int32Array(10)
    shuffleInto(order, streamKey(key, 1))
    expect([...order].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    firsts[order[0] ?? 0] = (firsts[order[0] ?? 0] ?? 0) + 1
  }
  for (const count of firsts) expect(Math.abs(count - 500)).toBeLessThan(100)
})

test('streams of other keys are unlike each other', () => {
  const [a, b] = [streamKey(7, 1, 0), streamKey(7, 1, 1)]
  let product = 0
  for (let i = 0; i < 10_000; i++) product += (uniformAt(a, i) - 0.5) * (uniformAt(b, i) - 0.5)
  expect(Math.abs(product / 10_000)).toBeLessThan(0.003)
})

test('micro-batches cover a batch in order, and differ by one sample at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 40 }), (samples, most) => {
      const parts = microBatches(samples, most)
      const sizes = parts.map(({ count }) => count)
      expect(parts.map(({ from }) => from)).toEqual(sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0)))
      expect(sizes.reduce((a, b) => a + b, 0)).toBe(samples)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(most)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})
