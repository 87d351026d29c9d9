import * as tf from '@tensorflow/tfjs'
import type { PatchTstConfig } from '@breakwater/patchtst'
import { trainingGraph } from '#src/network/training-graph'
import { initialWeights } from '#src/network/initial'
import { weightLayout } from '#src/network/layout'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, expect, test } from 'vitest'
import { numbersIn } from './run-graph.ts'
import { network } from './tfjs-network.ts'
import type { Weights } from './tfjs-network.ts'

const SAMPLES = 5
const HORIZON = 4

const CONFIG: PatchTstConfig = {
  length: 22,
  channels: 3,
  channelNames: ['a', 'b', 'c'],
  statics: 2,
  staticNames: ['s', 't'],
  patchLength: 6,
  stride: 4,
  endPadding: true,
  layers: 2,
  width: 8,
  heads: 2,
  feedForward: 12,
  dropout: 0,
  attentionDropout: 0,
  headDropout: 0,
  norm: 'batch',
  residualAttention: true,
  instanceNorm: true,
  instanceAffine: false,
  headWidth: 6,
  tasks: { direction: true, strength: true, forecast: HORIZON },
}

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** The arrays of a micro-batch, of which the first `padding` steps of every other sample are padding. */
function microBatch(padding: number) {
  const { length, channels, statics } = CONFIG
  const mask = Float32Array.from({ length: SAMPLES * length }, (_, i) =>
    Math.floor(i / length) % 2 === 0 && i % length < padding ? 0 : 1,
  )
  return {
    x: Float32Array.from(numbersIn(SAMPLES * length * channels, 1, -2, 3)),
    mask,
    statics: Float32Array.from(numbersIn(SAMPLES * statics, 2, -1, 1)),
    'direction.target': Float32Array.of(1, 0, 0, 1, 1),
    'direction.weight': Float32Array.of(0.2, 0.3, 0, 0.1, 0.4),
    'strength.target': Float32Array.of(2, -3, 0.5, 0, 1),
    'strength.weight': Float32Array.of(0.2, 0, 0.3, 0.25, 0.25),
    'forecast.target': Float32Array.from(numbersIn(SAMPLES * HORIZON * channels, 4, -2, 3)),
    'forecast.weight': new Float32Array(SAMPLES * HORIZON * channels).fill(0.02),
  }
}

type Arrays = ReturnType<typeof microBatch>

async function ours(config: PatchTstConfig, weights: Float32Array, arrays: Arrays, masked: boolean) {
  const scaling = { staticMean: Float32Array.of(0.5, -0.5), staticScale: Float32Array.of(2, 0.5) }
  const { bytes, inputs } = trainingGraph(config, scaling, SAMPLES, masked)
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 })
  const all: Readonly<Record<string, Float32Array>> = { ...arrays, weights }
  const answer = await session.run(
    Object.fromEntries(inputs.map(({ name, shape }) => [name, new Tensor('float32', all[name] ?? [], shape)])),
  )
  await session.release()
  const list = (name: string): number[] => Array.from(answer[name]?.data as Float32Array)
  return { gradient: list('gradient'), losses: list('losses') }
}

function theirs(config: PatchTstConfig, weights: Float32Array, arrays: Arrays) {
  const { places, size } = weightLayout(config)
  const tensor = (name: keyof Arrays, shape: number[]): tf.Tensor => tf.tensor(arrays[name], shape)
  const { length, channels, statics } = config
  const scaled = tf.div(tf.sub(tensor('statics', [SAMPLES, statics]), tf.tensor1d([0.5, -0.5])), tf.tensor1d([2, 0.5]))
  const samples = {
    x: tensor('x', [SAMPLES, length, channels]) as tf.Tensor3D,
    mask: tensor('mask', [SAMPLES, length]) as tf.Tensor2D,
    statics: scaled as tf.Tensor2D,
  }
  const lossesOf = (named: Weights): tf.Tensor[] => {
    const { direction, strength, forecast } = network(config, named, samples)
    const weighted = (loss: tf.Tensor, name: keyof Arrays): tf.Tensor => tf.sum(tf.mul(loss, tensor(name, loss.shape)))
    const error = tf.abs(tf.sub(strength, tensor('strength.target', [SAMPLES])))
    // Huber's loss in one piece: comparing has no gradient there.
    const near = tf.minimum(error, 1)
    return [
      weighted(
        tf.sub(tf.softplus(direction), tf.mul(direction, tensor('direction.target', [SAMPLES]))),
        'direction.weight',
      ),
      weighted(tf.mul(near, tf.sub(error, tf.div(near, 2))), 'strength.weight'),
      weighted(tf.squaredDifference(forecast, tensor('forecast.target', forecast.shape)), 'forecast.weight'),
    ]
  }
  const asNamed = (flat: readonly tf.Tensor[]): Weights =>
    Object.fromEntries(places.map(({ name }, i) => [name, flat[i] ?? tf.scalar(0)]))
  const list = places.map(({ shape, offset, size: length_ }) =>
    tf.tensor(weights.subarray(offset, offset + length_), [...shape]),
  )
  const { grads } = tf.valueAndGrads((...flat: tf.Tensor[]) => tf.addN(lossesOf(asNamed(flat))) as tf.Scalar)(list)
  const gradient = new Float32Array(size)
  for (const [i, { offset }] of places.entries()) gradient.set(grads[i]?.dataSync() ?? [], offset)
  return { gradient, losses: lossesOf(asNamed(list)).map((loss) => loss.dataSync()[0] ?? Number.NaN) }
}

const VARIANTS: readonly { name: string; change: Partial<PatchTstConfig>; padding: number }[] = [
  { name: 'as in the paper', change: {}, padding: 0 },
  { name: 'with padding', change: {}, padding: 13 },
  { name: 'with layer norm and padding', change: { norm: 'layer' }, padding: 13 },
]

test.each(VARIANTS)('losses and the gradient of every weight agree with TensorFlow.js: $name', async (variant) => {
  const config = { ...CONFIG, ...variant.change }
  const { weights } = initialWeights(config, 3)
  const arrays = microBatch(variant.padding)
  const [here, there] = [await ours(config, weights, arrays, variant.padding > 0), theirs(config, weights, arrays)]
  for (const [i, loss] of there.losses.entries()) expect(here.losses[i]).toBeCloseTo(loss, 4)
  for (const { name, offset, size } of weightLayout(config).places) {
    const [own, other] = [here.gradient, there.gradient].map((all) => Array.from(all.slice(offset, offset + size)))
    const length = Math.hypot(...(other ?? []))
    const apart = Math.hypot(...(own ?? []).map((value, i) => value - (other?.[i] ?? Number.NaN)))
    expect.soft(apart, `${name}: difference of gradients`).toBeLessThan(Math.max(2e-4 * length, 2e-6))
  }
})
