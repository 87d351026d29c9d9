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

/**
 * Values of a repeated int64 field, one value or a packed list of them: both forms are legal in a file, also mixed. All must
 * be safe integers.
 */
export function readInts(wire: WireType, reader: BinaryReader): Float64Array {
  if (wire !== WireType.LengthDelimited) return Float64Array.of(readInt(wire, reader))
  const packed = reader.bytes()
  let count = 0
  for (const byte of packed) if (byte < 0x80) count++
  const values = new Float64Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    // Most values are small; a comparison with a byte past the end is false.
    const first = packed[at] as number
    const second = packed[at + 1] as number
    const third = packed[at + 2] as number
    if (first < 0x80) {
      values[i] = first
      at += 1
    } else if (second < 0x80) {
      values[i] = (first & 0x7f) | (second << 7)
      at += 2
    } else if (third < 0x80) {
      values[i] = (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14)
      at += 3
    } else {
      const rest = new BinaryReader(packed.subarray(at))
      values[i] = readInt(WireType.Varint, rest)
      at += rest.pos
    }
  }
  if (at !== packed.length) throw new RangeError('a list of integers is cut short')
  return values
}

/** The parts of a repeated field one after another. */
export function joined(parts: readonly Float64Array[]): Float64Array {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The first byte of a length-delimited field with a number below 16. */
const delimitedTag = (field: number): number => (field << 3) | WireType.LengthDelimited

/**
 * Appends the texts of a repeated field to `out`: the one whose tag was just read, and those that follow it at once. Lists of
 * texts repeat a few words, so the last text of each short length is kept and its bytes compared before decoding anew.
 */
export function readTexts(bytes: Uint8Array, field: number, wire: WireType, reader: BinaryReader, out: string[]): void {
  const known: (Known | undefined)[] = []
  const tag = delimitedTag(field)
  for (;;) {
    const start = reader.pos + 1
    const length = bytes[start - 1] as number
    const same = known[length]
    if (same !== undefined && start + length <= bytes.length && sameBytes(bytes, same.start, start, length)) {
      out.push(same.text)
      reader.pos = start + length
    } else {
      const text = readText(wire, reader)
      out.push(text)
      if (length < 0x80) known[length] = { start, text }
    }
    if (bytes[reader.pos] !== tag) return
    reader.pos++
  }
}

interface Known {
  readonly start: number
  readonly text: string
}

function sameBytes(bytes: Uint8Array, one: number, other: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[one + i] !== bytes[other + i]) return false
  return true
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
