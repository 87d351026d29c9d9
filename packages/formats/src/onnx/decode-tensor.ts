import { elementTypeOf } from './element-type.ts'
import type { OnnxTensor } from './model.ts'
import { elementCount, tensorFromBytes } from './tensor-bytes.ts'
import { readBytes, readFloats, readInt, readInts, readMessage, readText } from './wire.ts'

/** What a TensorProto may carry its values in, before the data type decides which one counts. */
interface TensorParts {
  name: string
  code: number
  readonly dims: number[]
  raw: Uint8Array | undefined
  readonly floats: number[]
  readonly ints: bigint[]
  readonly doubles: number[]
}

/** One TensorProto: float, double or int64, in raw or typed storage. Throws on other types and on external storage. */
export function decodeTensor(bytes: Uint8Array): OnnxTensor {
  const parts = readParts(bytes)
  const type = elementTypeOf(parts.code)
  if (type !== 'float' && type !== 'double' && type !== 'int64') {
    throw new RangeError(`tensor ${JSON.stringify(parts.name)} has element type ${type}, which is not supported`)
  }
  const tensor = parts.raw ? tensorFromBytes(parts.name, type, parts.dims, parts.raw) : typedTensor(parts, type)
  if (elementCount(parts.dims) !== tensor.values.length) {
    throw new RangeError(`tensor ${JSON.stringify(parts.name)} has dims that do not match its values`)
  }
  return tensor
}

function readParts(bytes: Uint8Array): TensorParts {
  const parts: TensorParts = { name: '', code: 0, dims: [], raw: undefined, floats: [], ints: [], doubles: [] }
  readMessage(bytes, 'TensorProto', (field, wire, reader) => {
    if (field === 1) parts.dims.push(...readInts(wire, reader))
    else if (field === 2) parts.code = readInt(wire, reader)
    else if (field === 4) readFloats(wire, reader, parts.floats)
    else if (field === 7) readBigInts(readBytes(wire, reader), parts.ints)
    else if (field === 8) parts.name = readText(wire, reader)
    else if (field === 9) parts.raw = readBytes(wire, reader)
    else if (field === 10) readDoubles(readBytes(wire, reader), parts.doubles)
    else if (field === 14 && readInt(wire, reader) === 1) throw new RangeError('tensor data is outside the file')
    else return field === 14
    return true
  })
  return parts
}

function typedTensor(parts: TensorParts, type: OnnxTensor['type']): OnnxTensor {
  const { name, dims } = parts
  if (type === 'float') return { name, type, dims, values: Float32Array.from(parts.floats) }
  if (type === 'double') return { name, type, dims, values: Float64Array.from(parts.doubles) }
  return { name, type, dims, values: BigInt64Array.from(parts.ints) }
}

function readDoubles(packed: Uint8Array, out: number[]): void {
  if (packed.length % 8 !== 0) throw new RangeError('a list of doubles is cut short')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let at = 0; at < packed.length; at += 8) out.push(view.getFloat64(at, true))
}

/** Packed int64 varints, whole range. */
function readBigInts(packed: Uint8Array, out: bigint[]): void {
  let value = 0n
  let shift = 0n
  for (const byte of packed) {
    value |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (byte < 0x80) {
      out.push(BigInt.asIntN(64, value))
      value = 0n
      shift = 0n
    } else if (shift > 63n) throw new RangeError('an integer runs over 64 bits')
  }
  if (shift !== 0n) throw new RangeError('a list of integers is cut short')
}
