import { ones, reshape } from './arrange.ts'
import { add, div, mul, neg, sqrt, sub } from './elementwise.ts'
import { asComposite, emitOne } from './graph.ts'
import type { Value } from './graph.ts'
import { matmul } from './product.ts'
import { columnMean, columnSum, meanOver, sumOver } from './reduce.ts'
import { axisSize } from './shape.ts'

const EPSILON = 1e-5

/** Softmax over the last axis. */
export function softmax(x: Value): Value {
  return emitOne('Softmax', [x], { shape: x.shape }, { axis: -1 })
}

/** Layer normalisation of a matrix's rows: gamma (x - mean) / sqrt(variance + 1e-5) + beta. */
export function layerNorm(x: Value, gamma: Value, beta: Value): Value {
  const [rows, width] = [axisSize(x.shape, 0), axisSize(x.shape, 1)]
  // The runtime keeps means and inverse deviations in 32 bits.
  const statistic = { shape: [rows, 1], dtype: 'float' } as const
  const outputs = [{ shape: x.shape }, statistic, statistic]
  // Gain and shift come after, so that the gradient can use the plain scores again: the kernel is dearer than two passes.
  const inputs = [x, ones(x, [width])]
  const attributes = { axis: -1, epsilon: { float: EPSILON } }
  const [plain, , stored] = x.graph.emit('LayerNormalization', inputs, outputs, attributes)
  if (plain === undefined || stored === undefined)
    throw new Error('patchtst: graph: layer normalisation gave no output')
  const pullback = (adjoint: Value): Value[] => {
    const inverse = asFloat(stored)
    const scaled = mul(adjoint, plain)
    const toPlain = mul(adjoint, gamma)
    const along = mul(plain, rowMean(scaled, gamma))
    const toX = mul(sub(toPlain, add(along, rowMean(adjoint, gamma))), inverse)
    return [toX, columnSum(scaled), columnSum(adjoint)]
  }
  return asComposite(add(mul(plain, gamma), beta), { inputs: [x, gamma, beta], pullback })
}

/** The mean over the columns of a matrix, each times its factor: (rows x 1), by one product. */
function rowMean(x: Value, factors: Value): Value {
  const width = axisSize(x.shape, 1)
  return matmul(x, reshape(factors, [width, 1]), { alpha: 1 / width })
}

/** A statistic in the graph's own float type. */
function asFloat(x: Value): Value {
  const to = x.graph.float
  return x.dtype === to ? x : emitOne('Cast', [x], { shape: x.shape, dtype: to }, { to: 11 })
}

/** A batch-normalised matrix and what it was normalised by. */
export interface NormalisedBatch {
  readonly y: Value
  /** (columns). No gradient flows through these. */
  readonly mean: Value
  readonly variance: Value
}

/**
 * Batch normalisation of a matrix's columns by the mean and (biased) variance of its own rows. With `weight` (rows x 1,
 * summing to 1 over the rows) the statistics are weighted: rows of weight 0 do not count.
 * dx = scale (dy - w (sum dy + xhat sum(dy xhat))), after Ioffe and Szegedy 2015.
 */
export function batchNorm(x: Value, gamma: Value, beta: Value, weight?: Value): NormalisedBatch {
  const average = (rows: Value): Value => (weight === undefined ? columnMean(rows) : columnSum(mul(rows, weight)))
  const mean = average(x)
  const centred = sub(x, mean)
  const variance = average(mul(centred, centred))
  const inverse = div(ones(variance, variance.shape), sqrt(add(variance, EPSILON)))
  const scale = mul(gamma, inverse)
  const y = add(mul(centred, scale), beta)
  const pullback = (adjoint: Value): Value[] => {
    const shift = columnSum(adjoint)
    const along = columnSum(mul(adjoint, centred))
    // The statistics' share: the same row for all rows, times each row's weight.
    const common = add(mul(centred, mul(along, mul(inverse, inverse))), shift)
    const share = weight === undefined ? mul(common, 1 / axisSize(x.shape, 0)) : mul(common, weight)
    return [mul(sub(adjoint, share), scale), mul(along, inverse), shift]
  }
  return { y: asComposite(y, { inputs: [x, gamma, beta], pullback }), mean, variance }
}

/** Normalisation of a matrix's columns by stored statistics. */
export function storedNorm(x: Value, gamma: Value, beta: Value, mean: Value, variance: Value): Value {
  const scale = div(gamma, sqrt(add(variance, EPSILON)))
  return add(mul(x, scale), add(mul(mean, neg(scale)), beta))
}

/** Per-instance mean and deviation over the last axis where `mask` is 1: for x of any shape and a mask that broadcasts. */
export function instanceStatistics(x: Value, mask: Value | undefined): { mean: Value; deviation: Value } {
  const last = x.shape.length - 1
  const average = (values: Value): Value =>
    mask === undefined ? meanOver(values, [last]) : div(sumOver(mul(values, mask), [last]), sumOver(mask, [last]))
  const mean = average(x)
  const centred = sub(x, mean)
  return { mean, deviation: sqrt(add(average(mul(centred, centred)), EPSILON)) }
}
