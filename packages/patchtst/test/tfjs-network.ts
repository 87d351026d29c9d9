import * as tf from '@tensorflow/tfjs'
import type { PatchTstConfig } from '@breakwater/patchtst'

/** Weights by name. */
export type Weights = Readonly<Record<string, tf.Tensor>>

/** Samples of a network. */
export interface Samples {
  /** (samples x length x channels). */
  readonly x: tf.Tensor3D
  /** (samples x length). */
  readonly mask: tf.Tensor2D
  /** (samples x statics), normalised. */
  readonly statics: tf.Tensor2D | undefined
}

/** What the heads give. */
export interface Outputs {
  readonly direction: tf.Tensor1D
  readonly strength: tf.Tensor1D
  /** (samples x horizon x channels). */
  readonly forecast: tf.Tensor3D
}

/**
 * PatchTST written a second time, in TensorFlow.js and as plainly as possible, training mode without dropout: patches by
 * slices, attention without any folding, masked means by sums.
 */
export function network(config: PatchTstConfig, w: Weights, { x, mask, statics }: Samples): Outputs {
  const { length, channels, width } = config
  const samples = x.shape[0]
  const weight = (name: string): tf.Tensor => w[name] ?? tf.scalar(Number.NaN)
  const steps = tf.reshape(mask, [samples, 1, length])
  const byChannel = tf.mul(tf.transpose(x, [0, 2, 1]), steps)
  const count = tf.sum(steps, 2, true)
  const mean = tf.div(tf.sum(byChannel, 2, true), count)
  const centred = tf.mul(tf.sub(byChannel, mean), steps)
  const deviation = tf.sqrt(tf.add(tf.div(tf.sum(tf.square(centred), 2, true), count), 1e-5))
  const scaled = tf.div(centred, deviation)
  const patches = cut(config, scaled)
  const patchCount = patches.shape[2] ?? 0
  const observed = tf.cast(tf.greater(tf.sum(cut(config, steps), 3), 0), 'float32')
  const rows = samples * channels
  const embedded = tf.add(
    dense(tf.reshape(patches, [rows * patchCount, config.patchLength]), weight, 'embedding'),
    tf.tile(weight('position'), [rows, 1]),
  )
  const keys = tf.reshape(tf.tile(observed, [1, channels, 1]), [rows, 1, 1, patchCount])
  const tokenWeight = tf.reshape(keys, [rows * patchCount, 1])
  let tokens: tf.Tensor = embedded
  let scores: tf.Tensor | undefined
  for (let layer = 0; layer < config.layers; layer++) {
    const attended = attention(config, weight, `layers.${layer}`, tokens, scores, keys)
    scores = attended.scores
    tokens = norm(config, weight, `layers.${layer}.norm1`, tf.add(tokens, attended.y), tokenWeight)
    const inner = gelu(dense(tokens, weight, `layers.${layer}.feedforward1`))
    tokens = norm(
      config,
      weight,
      `layers.${layer}.norm2`,
      tf.add(tokens, dense(inner, weight, `layers.${layer}.feedforward2`)),
      tokenWeight,
    )
  }
  const byPatch = tf.reshape(tokens, [samples, channels, patchCount, width])
  const seen = tf.reshape(observed, [samples, 1, patchCount, 1])
  const kept = tf.mul(byPatch, seen)
  const pooled = tf.reshape(tf.div(tf.sum(kept, 2), tf.sum(seen, 2)), [samples, channels * width])
  const joined = statics === undefined ? pooled : tf.concat([pooled, statics], 1)
  const hidden = gelu(dense(joined, weight, 'head.hidden'))
  const plain = dense(tf.reshape(kept, [rows, patchCount * width]), weight, 'head.forecast')
  const level = tf.add(tf.mul(tf.reshape(plain, [samples, channels, -1]), deviation), mean)
  return {
    direction: tf.reshape(dense(hidden, weight, 'head.direction'), [samples]),
    strength: tf.reshape(dense(hidden, weight, 'head.strength'), [samples]),
    forecast: tf.transpose(level, [0, 2, 1]) as tf.Tensor3D,
  }
}

function cut({ patchLength, stride, length }: PatchTstConfig, x: tf.Tensor): tf.Tensor {
  const [samples = 0, channels = 0] = x.shape
  const last = tf.slice(x, [0, 0, length - 1], [samples, channels, 1])
  const padded = tf.concat([x, tf.tile(last, [1, 1, stride])], 2)
  const parts: tf.Tensor[] = []
  for (let end = length + stride; end - patchLength >= 0; end -= stride) {
    parts.unshift(tf.slice(padded, [0, 0, end - patchLength], [samples, channels, patchLength]))
  }
  return tf.stack(parts, 2)
}

function attention(
  { width, heads }: PatchTstConfig,
  weight: (name: string) => tf.Tensor,
  layer: string,
  tokens: tf.Tensor,
  before: tf.Tensor | undefined,
  keys: tf.Tensor,
): { y: tf.Tensor; scores: tf.Tensor } {
  const count = keys.shape[3] ?? 1
  const depth = width / heads
  const all = dense(tokens, weight, `${layer}.attention.in`)
  const [q, k, v] = [0, 1, 2].map((part) =>
    tf.transpose(tf.reshape(tf.slice(all, [0, part * width], [-1, width]), [-1, count, heads, depth]), [0, 2, 1, 3]),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor]
  const own = tf.div(tf.matMul(q, k, false, true), Math.sqrt(depth))
  const scores = before === undefined ? own : tf.add(own, before)
  const chances = tf.softmax(tf.sub(scores, tf.mul(tf.sub(1, keys), 1e9)))
  const mixed = tf.reshape(tf.transpose(tf.matMul(chances, v), [0, 2, 1, 3]), [-1, width])
  return { y: dense(mixed, weight, `${layer}.attention.out`), scores }
}

function norm(
  config: PatchTstConfig,
  weight: (name: string) => tf.Tensor,
  name: string,
  x: tf.Tensor,
  tokenWeight: tf.Tensor,
): tf.Tensor {
  const average = (rows: tf.Tensor): tf.Tensor =>
    config.norm === 'layer'
      ? tf.mean(rows, 1, true)
      : tf.div(tf.sum(tf.mul(rows, tokenWeight), 0, true), tf.sum(tokenWeight))
  const centred = tf.sub(x, average(x))
  const deviation = tf.sqrt(tf.add(average(tf.square(centred)), 1e-5))
  return tf.add(tf.mul(tf.div(centred, deviation), weight(`${name}.gamma`)), weight(`${name}.beta`))
}

function dense(x: tf.Tensor, weight: (name: string) => tf.Tensor, name: string): tf.Tensor {
  return tf.add(tf.matMul(x, weight(`${name}.weight`)), weight(`${name}.bias`))
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1))
}
