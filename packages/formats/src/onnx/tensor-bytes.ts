import type { OnnxTensor } from './model.ts'

/** How one element type is laid out: bytes an element, and typed access through a DataView (little-endian). */
const WIDTH = { float: 4, double: 8, int64: 8 } as const

/** Elements that `dims` describe: their product, 1 for a scalar. Throws where a size is negative or no integer. */
export function elementCount(dims: readonly number[]): number {
  let count = 1
  for (const size of dims) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`onnx: dims=[${dims.join(', ')}]: sizes must be integers of 0 or more`)
    }
    count *= size
  }
  return count
}

/** A tensor's values as ONNX raw data: little-endian on every machine. Checks that `dims` match the values. */
export function tensorBytes(tensor: OnnxTensor): Uint8Array {
  const { name, dims, values } = tensor
  if (elementCount(dims) !== values.length) {
    throw new RangeError(
      `onnx: tensor ${JSON.stringify(name)}: dims=[${dims.join(', ')}] do not hold its ${values.length} values`,
    )
  }
  const bytes = new Uint8Array(values.length * WIDTH[tensor.type])
  const view = new DataView(bytes.buffer)
  switch (tensor.type) {
    case 'float':
      tensor.values.forEach((x, i) => view.setFloat32(i * 4, x, true))
      break
    case 'double':
      tensor.values.forEach((x, i) => view.setFloat64(i * 8, x, true))
      break
    case 'int64':
      tensor.values.forEach((x, i) => view.setBigInt64(i * 8, x, true))
      break
    default:
      throw new TypeError(`onnx: tensor ${JSON.stringify(name)}: unknown type`)
  }
  return bytes
}

/** The inverse of {@link tensorBytes}: values of the given type; throws where the bytes are no whole number of them. */
export function tensorFromBytes(
  name: string,
  type: OnnxTensor['type'],
  dims: readonly number[],
  bytes: Uint8Array,
): OnnxTensor {
  const width = WIDTH[type]
  if (bytes.byteLength % width !== 0) throw new RangeError(`tensor ${JSON.stringify(name)} has a broken last element`)
  const buffer = littleEndian(bytes, width)
  switch (type) {
    case 'float':
      return { name, type, dims, values: new Float32Array(buffer) }
    case 'double':
      return { name, type, dims, values: new Float64Array(buffer) }
    case 'int64':
      return { name, type, dims, values: new BigInt64Array(buffer) }
    default:
      throw new TypeError(`tensor ${JSON.stringify(name)} has an unknown type`)
  }
}

const MACHINE_IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0

/** A copy of little-endian numbers of `width` bytes in the byte order of this machine. */
function littleEndian(bytes: Uint8Array, width: number): ArrayBuffer {
  const copy = new Uint8Array(bytes)
  if (MACHINE_IS_BIG_ENDIAN) for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse()
  return copy.buffer
}
