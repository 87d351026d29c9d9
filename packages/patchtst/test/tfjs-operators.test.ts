import * as tf from '@tensorflow/tfjs'
import { GELU_SCALE, scaledGelu } from '#src/engine/activate'
import { concat, expand, reshape, split, transpose } from '#src/engine/arrange'
import * as e from '#src/engine/elementwise'
import type { Value } from '#src/engine/graph'
import { logisticLoss, squaredLoss } from '#src/engine/losses'
import { batchNorm, layerNorm, softmax } from '#src/engine/normalise'
import { linear, matmul } from '#src/engine/product'
import { columnSum, meanOver, sumOver } from '#src/engine/reduce'
import { sizeOf } from '#src/engine/shape'
import { beforeAll, expect, test } from 'vitest'
import { loadGraph, numbersIn, withGradients } from './run-graph.ts'

/** An operator here and there. */
interface Pair {
  readonly name: string
  readonly shapes: readonly (readonly number[])[]
  readonly ours: (...inputs: Value[]) => Value
  readonly theirs: (...inputs: tf.Tensor[]) => tf.Tensor
  readonly positive?: boolean
}

const A = [3, 4]
const gelu = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1))

function normalise(x: tf.Tensor, g: tf.Tensor, b: tf.Tensor, axis: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, axis, true)
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), g), b)
}

const PAIRS: readonly Pair[] = [
  { name: 'add', shapes: [A, [4]], ours: (a, b) => e.add(one(a), one(b)), theirs: (a, b) => tf.add(t(a), t(b)) },
  { name: 'sub', shapes: [A, [3, 1]], ours: (a, b) => e.sub(one(a), one(b)), theirs: (a, b) => tf.sub(t(a), t(b)) },
  { name: 'mul', shapes: [A, [4]], ours: (a, b) => e.mul(one(a), one(b)), theirs: (a, b) => tf.mul(t(a), t(b)) },
  {
    name: 'div',
    shapes: [A, [3, 1]],
    ours: (a, b) => e.div(one(a), one(b)),
    theirs: (a, b) => tf.div(t(a), t(b)),
    positive: true,
  },
  { name: 'neg', shapes: [A], ours: (a) => e.neg(one(a)), theirs: (a) => tf.neg(t(a)) },
  { name: 'exp', shapes: [A], ours: (a) => e.exp(one(a)), theirs: (a) => tf.exp(t(a)) },
  { name: 'sqrt', shapes: [A], ours: (a) => e.sqrt(one(a)), theirs: (a) => tf.sqrt(t(a)), positive: true },
  { name: 'sigmoid', shapes: [A], ours: (a) => e.sigmoid(one(a)), theirs: (a) => tf.sigmoid(t(a)) },
  { name: 'softplus', shapes: [A], ours: (a) => e.softplus(one(a)), theirs: (a) => tf.softplus(t(a)) },
  { name: 'erf', shapes: [A], ours: (a) => e.erf(one(a)), theirs: (a) => tf.erf(t(a)) },
  { name: 'abs', shapes: [A], ours: (a) => e.abs(one(a)), theirs: (a) => tf.abs(t(a)) },
  {
    name: 'where',
    shapes: [A, A],
    ours: (a, b) => e.where(e.less(one(a).graph.constant([-1, 1, 1], [3, 1]), 0), one(a), one(b)),
    theirs: (a, b) =>
      tf.where(
        tf
          .tensor2d([[true], [false], [false]])
          .tile([1, 4])
          .cast('bool'),
        t(a),
        t(b),
      ),
  },
  {
    name: 'GELU',
    shapes: [A],
    ours: (a) => e.mul(scaledGelu(e.mul(one(a), GELU_SCALE)), GELU_SCALE),
    theirs: (a) => gelu(t(a)),
  },
  {
    name: 'reshape and transpose',
    shapes: [[2, 3, 4]],
    ours: (a) => reshape(transpose(one(a), [2, 0, 1]), [8, 3]),
    theirs: (a) => tf.reshape(tf.transpose(t(a), [2, 0, 1]), [8, 3]),
  },
  {
    name: 'expand',
    shapes: [[3, 1]],
    ours: (a) => expand(one(a), [2, 3, 4]),
    theirs: (a) => tf.tile(tf.reshape(t(a), [1, 3, 1]), [2, 1, 4]),
  },
  {
    name: 'split and concat',
    shapes: [[3, 6]],
    ours: (a) => {
      const [x, , z] = split(one(a), [1, 2, 3], 1)
      return concat([one(z), one(x)], 1)
    },
    theirs: (a) => tf.concat([tf.slice(t(a), [0, 3], [3, 3]), tf.slice(t(a), [0, 0], [3, 1])], 1),
  },
  {
    name: 'sum over axes',
    shapes: [[2, 3, 4]],
    ours: (a) => sumOver(one(a), [0, 2]),
    theirs: (a) => tf.sum(t(a), [0, 2], true),
  },
  {
    name: 'mean over an axis',
    shapes: [[2, 3, 4]],
    ours: (a) => meanOver(one(a), [1]),
    theirs: (a) => tf.mean(t(a), 1, true),
  },
  { name: 'column sums', shapes: [A], ours: (a) => columnSum(one(a)), theirs: (a) => tf.sum(t(a), 0) },
  { name: 'softmax', shapes: [A], ours: (a) => softmax(one(a)), theirs: (a) => tf.softmax(t(a)) },
  {
    name: 'product of matrices',
    shapes: [A, [5, 4]],
    ours: (a, b) => matmul(one(a), one(b), { tb: true }),
    theirs: (a, b) => tf.matMul(t(a), t(b), false, true),
  },
  {
    name: 'batched product',
    shapes: [
      [2, 4, 3],
      [2, 4, 5],
    ],
    ours: (a, b) => matmul(one(a), one(b), { ta: true, alpha: 0.5 }),
    theirs: (a, b) => tf.mul(tf.matMul(t(a), t(b), true), 0.5),
  },
  {
    name: 'linear layer',
    shapes: [A, [4, 5], [5]],
    ours: (x, w, b) => linear(one(x), one(w), one(b)),
    theirs: (x, w, b) => tf.add(tf.matMul(t(x), t(w)), t(b)),
  },
  {
    name: 'layer norm',
    shapes: [[5, 6], [6], [6]],
    ours: (x, g, b) => layerNorm(one(x), one(g), one(b)),
    theirs: (x, g, b) => normalise(t(x), t(g), t(b), 1),
  },
  {
    name: 'batch norm',
    shapes: [[7, 4], [4], [4]],
    ours: (x, g, b) => batchNorm(one(x), one(g), one(b)).y,
    theirs: (x, g, b) => normalise(t(x), t(g), t(b), 0),
  },
  {
    name: 'squared loss',
    shapes: [A, A, A],
    ours: (x, y, w) => squaredLoss(one(x), one(y), one(w)),
    theirs: (x, y, w) => tf.sum(tf.mul(tf.squaredDifference(t(x), t(y)), t(w))),
  },
  {
    name: 'logistic loss',
    shapes: [A, A, A],
    ours: (x, y, w) => logisticLoss(one(x), one(y), one(w)),
    theirs: (x, y, w) => tf.sum(tf.mul(tf.sub(tf.softplus(t(x)), tf.mul(t(x), t(y))), t(w))),
  },
]

function one(x: Value | undefined): Value {
  if (x === undefined) throw new Error('no value')
  return x
}

function t(x: tf.Tensor | undefined): tf.Tensor {
  if (x === undefined) throw new Error('no tensor')
  return x
}

beforeAll(async () => {
  await tf.setBackend('cpu')
})

test.each(PAIRS)(
  '$name gives the values and gradients of TensorFlow.js',
  async ({ shapes, ours, theirs, positive }) => {
    const inputs = shapes.map((shape, i) =>
      Float32Array.from(numbersIn(sizeOf(shape), i + 5, positive === true ? 0.5 : -1.5, 1.5)),
    )
    const weights = numbersIn(200, 3, -1, 1)
    const build = (values: Value[]): Value => ours(...values)
    const graph = await loadGraph('float', shapes, withGradients(build, weights))
    const answers = await graph.run(inputs)
    await graph.close()
    const scalarOf = (...tensors: tf.Tensor[]): tf.Scalar => {
      const y = theirs(...tensors)
      return tf.sum(tf.mul(y, tf.tensor(weights.slice(0, y.size), y.shape)))
    }
    const tensors = inputs.map((input, i) => tf.tensor(input, [...(shapes[i] ?? [])]))
    const { value, grads } = tf.valueAndGrads(scalarOf)(tensors)
    for (const [i, expected] of [value, ...grads].entries()) {
      const wanted = Array.from(expected.dataSync())
      expect(answers[i]).toHaveLength(wanted.length)
      for (const [at, number] of wanted.entries()) expect(answers[i]?.[at], `${i}, ${at}`).toBeCloseTo(number, 4)
    }
  },
)
