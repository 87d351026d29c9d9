import { swapLast } from './arrange.ts'
import { mul } from './elementwise.ts'
import { emitOne } from './graph.ts'
import type { Attribute, Value } from './graph.ts'
import { axisSize, broadcastShape } from './shape.ts'

/** How a product reads its factors. */
export interface ProductOptions {
  /** Whether the first factor's last two axes are swapped. */
  readonly ta?: boolean
  /** Whether the second's are. */
  readonly tb?: boolean
  /** Factor of the product. Default 1. */
  readonly alpha?: number
  /** For matrices: a matrix or vector that is added to the product. */
  readonly addend?: Value
}

/** alpha op(a) op(b), batched over leading axes, which broadcast; for matrices plus an addend. */
export function matmul(a: Value, b: Value, options: ProductOptions = {}): Value {
  const { ta = false, tb = false, alpha = 1, addend } = options
  const [m, inner] = ends(a, ta)
  const [other, n] = ends(b, tb)
  if (inner !== other) {
    throw new RangeError(`patchtst: graph: cannot multiply [${a.shape.join()}] by [${b.shape.join()}]`)
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n]
  const attributes = {
    ...(ta && { transA: 1 }),
    ...(tb && { transB: 1 }),
    ...(alpha !== 1 && { alpha: { float: alpha } }),
  }
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(a, b, addend, shape, attributes)
  if (addend !== undefined) throw new RangeError('patchtst: graph: only a product of matrices takes an addend')
  if (Object.keys(attributes).length === 0) return emitOne('MatMul', [a, b], { shape })
  const product = emitOne('MatMul', [ta ? swapLast(a) : a, tb ? swapLast(b) : b], { shape })
  return alpha === 1 ? product : mul(product, alpha)
}

function gemm(
  a: Value,
  b: Value,
  addend: Value | undefined,
  shape: readonly number[],
  attributes: Readonly<Record<string, Attribute>>,
): Value {
  return emitOne('Gemm', addend === undefined ? [a, b] : [a, b, addend], { shape }, attributes)
}

/** Factors of a product and of what is added to it. */
export interface LinearScale {
  readonly alpha?: number
  readonly beta?: number
}

/** alpha x w + beta b for a matrix x (m x k), weights w (k x n) and a vector b (n). */
export function linear(x: Value, w: Value, b: Value, { alpha = 1, beta = 1 }: LinearScale = {}): Value {
  const shape = [axisSize(x.shape, 0), axisSize(w.shape, 1)]
  const attributes = { ...(alpha !== 1 && { alpha: { float: alpha } }), ...(beta !== 1 && { beta: { float: beta } }) }
  return emitOne('Gemm', [x, w, b], { shape }, attributes)
}

function ends({ shape }: Value, swapped: boolean): [number, number] {
  const [first, second] = [axisSize(shape, -2), axisSize(shape, -1)]
  return swapped ? [second, first] : [first, second]
}
