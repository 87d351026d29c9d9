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

/** Integers of a list: 32 bits where all fit, else floats that hold integers below 2^53 exactly. */
export type Integers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

/**
 * Values of a repeated int64 field, one value or a packed list of them: both forms are legal in a file, also mixed. All must
 * be safe integers.
 */
export function readInts(wire: WireType, reader: BinaryReader): Integers {
  if (wire !== WireType.LengthDelimited) return narrowed(Float64Array.of(readInt(wire, reader)))
  const packed = reader.bytes()
  let count = 0
  for (let i = 0; i < packed.length; i++) if ((packed[i] as number) < 0x80) count++
  // Where every value takes one byte, as most lists of a tree ensemble have it, the bytes are the values.
  if (count === packed.length) return new Int32Array(packed)
  return readShortInts(packed, count) ?? narrowed(readAnyInts(packed))
}

/** The `count` values of a packed list if each takes at most four bytes, which holds 28 bits; else undefined. */
function readShortInts(packed: Uint8Array, count: number): Int32Array<ArrayBuffer> | undefined {
  const values = new Int32Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    let byte = packed[at++] as number
    let value = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 21) return undefined
      byte = packed[at++] as number
      value |= (byte & 0x7f) << shift
    }
    values[i] = value
  }
  return at === packed.length ? values : undefined
}

function readAnyInts(packed: Uint8Array): Float64Array<ArrayBuffer> {
  const reader = new BinaryReader(packed)
  const values: number[] = []
  while (reader.pos < reader.len) values.push(readInt(WireType.Varint, reader))
  return Float64Array.from(values)
}

function narrowed(values: Float64Array<ArrayBuffer>): Integers {
  return values.every((value) => value === (value | 0)) ? Int32Array.from(values) : values
}

/** The parts of a repeated field one after another. */
export function joined(parts: readonly Integers[]): Integers {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return narrowed(Float64Array.from(parts.flatMap((part) => [...part])))
}

/** The first byte of a length-delimited field with a number below 16. */
const delimitedTag = (field: number): number => (field << 3) | WireType.LengthDelimited

/**
 * The texts of a repeated field: the one whose tag was just read, and those that follow it at once. Lists of texts repeat a
 * few words, so the last text of each short length is kept and its bytes compared before decoding anew.
 */
export function readTexts(bytes: Uint8Array, field: number, wire: WireType, reader: BinaryReader): string[] {
  const known = Array.from({ length: 0x80 }, (): ShortText | undefined => undefined)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = delimitedTag(field)
  const out: string[] = []
  out.length = shortTexts(bytes, tag, reader.pos)
  let count = 0
  let at = reader.pos
  do {
    const start = at + 1
    const length = bytes[at] as number
    const same = length < 0x80 ? known[length] : undefined
    if (same !== undefined && start + length <= bytes.length && sameBytes(view, same.start, start, length)) {
      out[count++] = same.text
      at = start + length
    } else {
      reader.pos = at
      const text = sharedText(readText(wire, reader))
      out[count++] = text
      if (length < 0x80) known[length] = { start, text }
      at = reader.pos
    }
    reader.pos = at
    // The next field, if it is of the same list, begins with the same tag.
  } while (bytes[at++] === tag)
  return out
}

/** How many texts of less than 128 bytes follow one another from `from` on, the first one's tag already read. */
function shortTexts(bytes: Uint8Array, tag: number, from: number): number {
  let count = 0
  let at = from
  while (at < bytes.length) {
    const length = bytes[at] as number
    if (length >= 0x80) return count
    count++
    at += 1 + length
    if (bytes[at] !== tag) return count
    at++
  }
  return count
}

/** A short text that was read before, and where. */
interface ShortText {
  readonly start: number
  readonly text: string
}

/** The same text as the engine keeps it for names of properties: once, so that comparing it with a literal is comparing addresses. */
function sharedText(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text
}

function sameBytes(view: DataView, one: number, other: number, length: number): boolean {
  let i = 0
  for (; i + 4 <= length; i += 4) if (view.getUint32(one + i) !== view.getUint32(other + i)) return false
  for (; i < length; i++) if (view.getUint8(one + i) !== view.getUint8(other + i)) return false
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
