/** Sizes of a tensor's axes; none for a scalar. */
export type Shape = readonly number[]

/** Elements of a tensor. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** The shape of an elementwise result: axes are aligned at the end, and a size of 1 stretches. Throws where they disagree. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1
    const y = b[axis - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(`patchtst: graph: cannot broadcast [${a.join()}] with [${b.join()}]`)
    }
    return x === 1 ? y : x
  })
}

/** The size of an axis, counted from the end where negative. */
export function axisSize(shape: Shape, axis: number): number {
  const size = shape.at(axis)
  if (size === undefined) throw new RangeError(`patchtst: graph: [${shape.join()}] has no axis ${axis}`)
  return size
}

/** Numbers from 0 up to `count`, without it. */
export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
