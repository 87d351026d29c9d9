import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Reads one known field from the reader and returns true, or returns false so that the field is skipped. */
export type FieldHandler = (field: number, wire: WireType, reader: BinaryReader) => boolean

/** Walks the fields of one message; `handle` reads those it knows, others are skipped. Throws on a truncated message. */
export function readMessage(bytes: Uint8Array, message: string, handle: FieldHandler): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag()
    if (!handle(field, wire, reader)) reader.skip(wire, field)
    if (reader.pos > reader.len) throw new RangeError(`${message} ends inside field ${field}`)
  }
}

/** A length-delimited field as a view of the file's bytes (not a copy). */
export function readBytes(wire: WireType, reader: BinaryReader): Uint8Array {
  expectWire(wire, WireType.LengthDelimited)
  return reader.bytes()
}

/** A UTF-8 field; text that is not UTF-8 is refused. */
export function readText(wire: WireType, reader: BinaryReader): string {
  expectWire(wire, WireType.LengthDelimited)
  return reader.string(true)
}

/** An int64 or enum field that must fit a safe integer. */
export function readInt(wire: WireType, reader: BinaryReader): number {
  expectWire(wire, WireType.Varint)
  const value = Number(reader.int64())
  if (!Number.isSafeInteger(value)) throw new RangeError(`integer ${value} exceeds 2^53`)
  return value
}

/** A 32-bit float field. */
export function readFloat(wire: WireType, reader: BinaryReader): number {
  expectWire(wire, WireType.Bit32)
  if (reader.pos + 4 > reader.len) throw new RangeError('a float is cut short')
  return reader.float()
}

/** Appends a repeated int64 field to `out`; both the packed and the one-by-one form are legal in a file. */
export function readInts(wire: WireType, reader: BinaryReader, out: number[]): void {
  if (wire !== WireType.LengthDelimited) {
    out.push(readInt(wire, reader))
    return
  }
  const packed = new BinaryReader(reader.bytes())
  while (packed.pos < packed.len) out.push(readPackedInt(packed))
}

/** Most packed values are below 2^31 and take the fast path; negative and larger ones take ten or more than four bytes. */
function readPackedInt(packed: BinaryReader): number {
  const start = packed.pos
  const small = packed.uint32()
  if (packed.pos <= packed.len && packed.pos - start <= 4) return small
  packed.pos = start
  return readInt(WireType.Varint, packed)
}

/** Appends a repeated 32-bit float field to `out`, packed or not. */
export function readFloats(wire: WireType, reader: BinaryReader, out: number[]): void {
  if (wire === WireType.Bit32) {
    out.push(readFloat(wire, reader))
    return
  }
  const bytes = readBytes(wire, reader)
  if (bytes.length % 4 !== 0) throw new RangeError('a list of floats is cut short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += 4) out.push(view.getFloat32(at, true))
}

function expectWire(wire: WireType, expected: WireType): void {
  if (wire !== expected) throw new RangeError(`a field has wire type ${wire} where ${expected} belongs`)
}
