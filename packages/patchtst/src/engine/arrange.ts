import { emitOne } from './graph.ts'
import type { Value } from './graph.ts'
import { axisSize, indices, sameShape, sizeOf } from './shape.ts'
import type { Shape } from './shape.ts'

/** The same elements in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new RangeError(`patchtst: graph: cannot reshape [${x.shape.join()}] to [${shape.join()}]`)
  }
  return emitOne('Reshape', [x, x.graph.integers(shape)], { shape, dtype: x.dtype })
}

/** Axis i of the result is axis `order[i]` of x. */
export function transpose(x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => axisSize(x.shape, axis))
  return emitOne('Transpose', [x], { shape, dtype: x.dtype }, { perm: order })
}

/** The last two axes swapped. */
export function swapLast(x: Value): Value {
  const last = x.shape.length - 1
  return transpose(x, [...indices(last - 1), last, last - 1])
}

/** Repeats x along axes of size 1, and new ones in front. */
export function expand(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  // A size of 1 leaves an axis as it is, whatever its size at run time.
  const lead = shape.length - x.shape.length
  const stretch = shape.map((size, axis) => (size === x.shape[axis - lead] ? 1 : size))
  return emitOne('Expand', [x, x.graph.integers(stretch)], { shape })
}

/** Zeros. */
export function zeros({ graph }: Value, shape: Shape): Value {
  return expand(graph.constant([0], []), shape)
}

/** Ones. */
export function ones({ graph }: Value, shape: Shape): Value {
  return expand(graph.constant([1], []), shape)
}

/** Values one after another along an axis (0 or more). */
export function concat(values: readonly [Value, ...Value[]], axis: number): Value {
  const [first] = values
  if (values.length === 1) return first
  const size = values.reduce((sum, { shape }) => sum + axisSize(shape, axis), 0)
  return emitOne('Concat', values, { shape: first.shape.with(axis, size) }, { axis })
}

/** Parts of given sizes along an axis (0 or more). */
export function split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x]
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total !== axisSize(x.shape, axis)) {
    throw new RangeError(`patchtst: graph: parts ${sizes.join()} do not fill axis ${axis} of [${x.shape.join()}]`)
  }
  const outputs = sizes.map((size) => ({ shape: x.shape.with(axis, size) }))
  return x.graph.emit('Split', [x, x.graph.integers(sizes)], outputs, { axis })
}

/** Rows `rows` (a matrix of indices, row-major) of x along an axis, which becomes two axes. No gradient. */
export function gather(x: Value, rows: readonly (readonly number[])[], axis: number): Value {
  const dims = [rows.length, rows[0]?.length ?? 0]
  const shape = x.shape.toSpliced(axis, 1, ...dims)
  return emitOne('Gather', [x, x.graph.integers(rows.flat(), dims)], { shape }, { axis })
}
