/** Values of an array by the name of their element type. */
export interface NpyValues {
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly int8: Int8Array
  readonly int64: BigInt64Array
  /** 0 or 1 a byte. */
  readonly bool: Uint8Array
  /** Unicode strings; NumPy pads them with NUL, so a string cannot end in one. */
  readonly text: readonly string[]
}

/** Element types that are read and written here. */
export type NpyType = keyof NpyValues

/** An array of the element type `T`, in C order (the last index runs fastest); no dimension is a single value. */
export interface TypedNpyArray<T extends NpyType> {
  readonly type: T
  readonly shape: readonly number[]
  readonly values: NpyValues[T]
}

/** An array of any of the element types. */
export type NpyArray = { readonly [T in NpyType]: TypedNpyArray<T> }[NpyType]

/** Number of elements of a shape: the product of its lengths, 1 without any. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}
