import { GELU_SCALE, scaledGelu } from '#src/engine/activate'
import { concat, expand, reshape, split, transpose } from '#src/engine/arrange'
import * as e from '#src/engine/elementwise'
import type { Value } from '#src/engine/graph'
import { logisticLoss, smoothL1Loss, squaredLoss } from '#src/engine/losses'
import { batchNorm, instanceStatistics, layerNorm, softmax, storedNorm } from '#src/engine/normalise'
import { linear, matmul } from '#src/engine/product'
import { columnMean, columnSum, meanOver, sumAll, sumOver } from '#src/engine/reduce'
import { sizeOf } from '#src/engine/shape'
import { describe, expect, test } from 'vitest'
import { loadGraph, numbersIn, withGradients } from './run-graph.ts'

/** An operator on inputs of given shapes. */
interface Case {
  readonly name: string
  readonly shapes: readonly (readonly number[])[]
  readonly build: (inputs: Value[]) => Value
  /** Whether inputs must be above 0. */
  readonly positive?: boolean
  /** Whether it has no 64-bit kernel. */
  readonly single?: boolean
}

function on(
  name: string,
  shapes: readonly (readonly number[])[],
  build: (...inputs: Value[]) => Value,
  more?: Partial<Case>,
): Case {
  return { name, shapes, build: (inputs) => build(...inputs), ...more }
}

const A = [3, 4]
const one = (x: Value | undefined): Value => {
  if (x === undefined) throw new Error('no value')
  return x
}

const ELEMENTWISE: readonly Case[] = [
  on('add, broadcast over rows', [A, [4]], (a, b) => e.add(a, b)),
  on('sub, broadcast over columns', [A, [3, 1]], (a, b) => e.sub(a, b)),
  on('sub from a number', [A], (a) => e.subtractFrom(2, a)),
  on('mul, broadcast', [A, [4]], (a, b) => e.mul(a, b)),
  on('mul of a value with itself', [A], (a) => e.mul(a, a)),
  on(
    'mul, broadcast over an inner axis',
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
    (a, b) => e.mul(a, b),
  ),
  on('div, broadcast', [A, [3, 1]], (a, b) => e.div(a, b), { positive: true }),
  on('neg', [A], (a) => e.neg(a)),
  on('exp', [A], (a) => e.exp(a)),
  on('sqrt', [A], (a) => e.sqrt(a), { positive: true }),
  on('sigmoid', [A], (a) => e.sigmoid(a)),
  on('softplus', [A], (a) => e.softplus(a), { single: true }),
  on('erf', [A], (a) => e.erf(a), { single: true }),
  on('abs', [A], (a) => e.abs(a)),
  on('where', [A, A], (a, b) => e.where(e.less(a, b), e.mul(a, 2), e.exp(b))),
  on('scaled GELU', [A], (a) => scaledGelu(e.mul(a, GELU_SCALE)), { single: true }),
]

const ARRANGEMENT: readonly Case[] = [
  on('reshape and transpose', [[2, 3, 4]], (a) => reshape(transpose(e.exp(a), [2, 0, 1]), [8, 3])),
  on('expand', [[3, 1]], (a) => expand(a, [2, 3, 4])),
  on('expand over leading axes', [[2, 3]], (a) => e.exp(expand(a, [4, 2, 3]))),
  on('concat, one value twice', [A, [3, 2]], (a, b) => concat([a, b, a], 1)),
  on('split, one part unused', [[3, 6]], (a) => {
    const [x, , z] = split(a, [1, 2, 3], 1)
    return concat([e.exp(one(z)), one(x)], 1)
  }),
]

const REDUCTION: readonly Case[] = [
  on('sum over axes', [[2, 3, 4]], (a) => e.exp(sumOver(a, [0, 2]))),
  on('mean over an axis', [[2, 3, 4]], (a) => e.exp(meanOver(a, [1]))),
  on('sum of all', [A], (a) => e.exp(e.mul(sumAll(a), 0.1))),
  on('column sums', [A], (a) => e.exp(columnSum(a))),
  on('column means', [A], (a) => e.exp(columnMean(a))),
  on('softmax', [A], (a) => softmax(a)),
]

const flags = [false, true]
const PRODUCTS: readonly Case[] = [
  ...flags.flatMap((ta) =>
    flags.map((tb) =>
      on(`product of matrices, swapped ${ta} ${tb}`, [ta ? [4, 3] : A, tb ? [5, 4] : [4, 5]], (a, b) =>
        matmul(a, b, { ta, tb, alpha: 0.7 }),
      ),
    ),
  ),
  ...flags.flatMap((ta) =>
    flags.map((tb) =>
      on(`batched product, swapped ${ta} ${tb}`, [ta ? [2, 4, 3] : [2, 3, 4], tb ? [2, 5, 4] : [2, 4, 5]], (a, b) =>
        matmul(a, b, { ta, tb, alpha: 0.7 }),
      ),
    ),
  ),
  on(
    'batched product with a matrix',
    [
      [2, 3, 4],
      [4, 5],
    ],
    (a, b) => matmul(a, b),
  ),
  on('linear layer', [[6, 4], [4, 5], [5]], (x, w, b) => linear(x, w, b)),
  on('linear layer with factors', [[6, 4], [4, 5], [5]], (x, w, b) => linear(x, w, b, { alpha: 0.7, beta: 1.3 })),
  on('a value that two products read', [A, [4, 4]], (x, w) => {
    const y = matmul(x, w)
    return e.add(matmul(y, w), matmul(y, w, { tb: true }))
  }),
]

const NORMS: readonly Case[] = [
  on('layer norm', [[5, 6], [6], [6]], (x, g, b) => layerNorm(x, g, b)),
  on('batch norm', [[7, 4], [4], [4]], (x, g, b) => batchNorm(x, g, b).y),
  on('batch norm, weighted rows', [[7, 4], [4], [4]], (x, g, b) => {
    const weight = x.graph.constant([0.2, 0, 0.1, 0.3, 0.1, 0.3, 0], [7, 1])
    return batchNorm(x, g, b, weight).y
  }),
  on('stored norm', [[7, 4], [4], [4]], (x, g, b) => {
    const { graph } = x
    return storedNorm(x, g, b, graph.constant([0.1, 0.2, 0, -1], [4]), graph.constant([1, 2, 0.5, 0.1], [4]))
  }),
  on('instance statistics over observed steps', [[2, 5]], (x) => {
    const mask = x.graph.constant([0, 0, 1, 1, 1, 1, 1, 1, 1, 1], [2, 5])
    const { mean, deviation } = instanceStatistics(x, mask)
    return e.div(e.sub(x, mean), deviation)
  }),
]

const LOSSES: readonly Case[] = [
  on('logistic loss', [[6]], (x) => logisticLoss(x, x.graph.constant([1, 0, 0, 1, 1, 0], [6]), weights(x)), {
    single: true,
  }),
  on('smooth L1', [[6], [6]], (x, y) => smoothL1Loss(e.mul(x, 2), y, weights(x))),
  on('squared loss', [[6], [6]], (x, y) => squaredLoss(x, y, weights(x))),
]

function weights({ graph }: Value): Value {
  return graph.constant([1, 0.5, 0, 2, 1, 1], [6])
}

const GROUPS = { ELEMENTWISE, ARRANGEMENT, REDUCTION, PRODUCTS, NORMS, LOSSES }

describe.each(Object.entries(GROUPS))('%s', (_, cases) => {
  test.each(cases)(
    'the gradient of $name agrees with central differences',
    async ({ shapes, build, positive, single }) => {
      const float = single === true ? 'float' : 'double'
      const [step, tolerance] = single === true ? [1e-2, 4e-3] : [1e-5, 1e-7]
      const seeded = shapes.map((shape, i) => numbersIn(sizeOf(shape), i + 1, positive === true ? 0.5 : -1.5, 1.5))
      const inputs = seeded.map((list) => (float === 'float' ? Float32Array.from(list) : Float64Array.from(list)))
      const graph = await loadGraph(float, shapes, withGradients(build, numbersIn(200, 9, -1, 1)))
      const [, ...claimed] = await graph.run(inputs)
      for (const [at, input] of inputs.entries()) {
        const scale = Math.max(1, ...(claimed[at] ?? []).map(Math.abs))
        for (let i = 0; i < input.length; i++) {
          const kept = input[i] ?? 0
          input[i] = kept + step
          const above = input[i] ?? 0
          const up = (await graph.run(inputs))[0]?.[0] ?? Number.NaN
          input[i] = kept - step
          const width = above - (input[i] ?? 0)
          const down = (await graph.run(inputs))[0]?.[0] ?? Number.NaN
          input[i] = kept
          const found = claimed[at]?.[i] ?? Number.NaN
          expect(Math.abs(found - (up - down) / width) / scale, `input ${at}, element ${i}`).toBeLessThan(tolerance)
        }
      }
      await graph.close()
    },
  )
})
