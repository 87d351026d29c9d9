import type { NpyArray, NpyType, NpyValues } from './array.ts'
import { elementsOf } from './array.ts'
import type { NpyHeader, NpySource } from './header.ts'
import { npyError } from './header.ts'

const UCS4 = 4
const LARGEST_CODE_POINT = 0x10_ff_ff

/** Bytes of one element: those of the type, or of the longest string. */
export function itemBytesOf(type: NpyType, values: NpyValues[NpyType]): number {
  if (ArrayBuffer.isView(values)) return values.BYTES_PER_ELEMENT
  if (type !== 'text') throw new TypeError(`formats: npz: values of type ${type} must be a typed array`)
  // NumPy has strings of length 0 too, but reads them as of length 1.
  return UCS4 * values.reduce((most, text) => Math.max(most, Array.from(text).length), 1)
}

/** The bytes of values: those in memory for numbers (no copy), UCS-4 padded with NUL for strings. */
export function encodeValues(values: NpyValues[NpyType], itemBytes: number): Uint8Array {
  if (ArrayBuffer.isView(values)) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const points = new Uint32Array((values.length * itemBytes) / UCS4)
  for (const [i, text] of values.entries()) {
    if (text.endsWith('\0')) throw new RangeError(`formats: npz: string ${i} ends in NUL, which NumPy would drop`)
    points.set(
      Array.from(text, (character) => character.codePointAt(0) ?? 0),
      (i * itemBytes) / UCS4,
    )
  }
  return new Uint8Array(points.buffer)
}

/** The array in `bytes`, whose buffer it keeps where the elements are numbers in C order. */
export function decodeValues(header: NpyHeader, bytes: ArrayBuffer, source: NpySource): NpyArray {
  const { shape, fortranOrder } = header
  const order = fortranOrder && shape.length > 1 ? rowMajorPlaces(shape) : null
  switch (header.type) {
    case 'float32':
      return { type: 'float32', shape, values: reordered(new Float32Array(bytes), order) }
    case 'float64':
      return { type: 'float64', shape, values: reordered(new Float64Array(bytes), order) }
    case 'int8':
      return { type: 'int8', shape, values: reordered(new Int8Array(bytes), order) }
    case 'int64':
      return { type: 'int64', shape, values: reordered(new BigInt64Array(bytes), order) }
    case 'bool':
      return { type: 'bool', shape, values: reordered(new Uint8Array(bytes), order) }
    case 'text':
      return { type: 'text', shape, values: picked(decodeText(header, bytes, source), order) }
    default:
      throw npyError(source, 'has elements that are not read here')
  }
}

/** For each element in C order, its place in Fortran order. */
function rowMajorPlaces(shape: readonly number[]): Uint32Array {
  const strides = shape.map((_, axis) => elementsOf(shape.slice(0, axis)))
  return Uint32Array.from({ length: elementsOf(shape) }, (_, element) => {
    let [rest, place] = [element, 0]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number
      place += (rest % length) * (strides[axis] as number)
      rest = Math.floor(rest / length)
    }
    return place
  })
}

function reordered<V extends Exclude<NpyValues[NpyType], readonly string[]>>(values: V, order: Uint32Array | null): V {
  if (order === null) return values
  const out = values.slice() as V
  for (let i = 0; i < order.length; i++) out[i] = values[order[i] as number] as V[number]
  return out
}

function picked(values: readonly string[], order: Uint32Array | null): readonly string[] {
  return order === null ? values : Array.from(order, (place) => values[place] ?? '')
}

function decodeText({ shape, itemBytes }: NpyHeader, bytes: ArrayBuffer, source: NpySource): string[] {
  const width = itemBytes / UCS4
  const points = new Uint32Array(bytes)
  return Array.from({ length: elementsOf(shape) }, (_, i) => {
    let end = (i + 1) * width
    while (end > i * width && points[end - 1] === 0) end--
    let text = ''
    for (let at = i * width; at < end; at++) {
      const point = points[at] as number
      if (point > LARGEST_CODE_POINT) throw npyError(source, `string ${i} is not Unicode: the file is damaged.`)
      text += String.fromCodePoint(point)
    }
    return text
  })
}
