import type { DocumentValue, NumberArray } from './document.ts'

/** Arrays and objects may lie this deep in one another. */
const MAX_DEPTH = 64

const LIST: Readonly<
  Record<string, { readonly size: number; readonly make: (view: DataView, n: number) => NumberArray }>
> = {
  i: { size: 1, make: (v, n) => Int8Array.from({ length: n }, (_, k) => v.getInt8(k)) },
  U: { size: 1, make: (v, n) => Uint8Array.from({ length: n }, (_, k) => v.getUint8(k)) },
  I: { size: 2, make: (v, n) => Int16Array.from({ length: n }, (_, k) => v.getInt16(2 * k)) },
  l: { size: 4, make: (v, n) => Int32Array.from({ length: n }, (_, k) => v.getInt32(4 * k)) },
  L: { size: 8, make: (v, n) => BigInt64Array.from({ length: n }, (_, k) => v.getBigInt64(8 * k)) },
  d: { size: 4, make: (v, n) => Float32Array.from({ length: n }, (_, k) => v.getFloat32(4 * k)) },
  D: { size: 8, make: (v, n) => Float64Array.from({ length: n }, (_, k) => v.getFloat64(8 * k)) },
}

/**
 * Reads one UBJSON document (draft 12, https://ubjson.org; big-endian) of numbers, strings, booleans, null, arrays and
 * objects. A typed array becomes a typed array; a 64-bit integer outside one becomes a number and must be a safe one. Refused, as XGBoost
 * writes none: high-precision numbers, typed objects, typed arrays of anything but numbers. Throws an error with the byte
 * at which the document is wrong. Reads no further than the bytes go and allocates no more than they can hold.
 */
export function readUbjson(bytes: Uint8Array): DocumentValue {
  const reader = new Cursor(bytes)
  const value = readValue(reader, reader.marker(), 0)
  if (reader.at !== bytes.length) throw reader.wrong('more bytes follow the document')
  return value
}

class Cursor {
  at = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true })

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  wrong(what: string): Error {
    return new Error(`byte ${this.at}: ${what}`)
  }

  /** The next `size` bytes, which are passed over. */
  take(size: number): DataView {
    if (size > this.bytes.length - this.at) throw this.wrong(`${size} bytes should follow, but the file ends`)
    const taken = new DataView(this.view.buffer, this.view.byteOffset + this.at, size)
    this.at += size
    return taken
  }

  /** The next marker; 'N' (no operation) is passed over. */
  marker(): string {
    let code = this.take(1).getUint8(0)
    while (code === 0x4e) code = this.take(1).getUint8(0)
    return String.fromCodePoint(code)
  }

  /** The next marker without passing over it. */
  peek(): string {
    const before = this.at
    const marker = this.marker()
    this.at = before
    return marker
  }

  text(): string {
    const length = this.count()
    const view = this.take(length)
    try {
      return this.utf8.decode(view)
    } catch (cause) {
      throw new Error(this.wrong('a string is not UTF-8').message, { cause })
    }
  }

  /** A length: a marker of an integer type and its value. */
  count(): number {
    const marker = this.marker()
    const value = 'iUIlL'.includes(marker) ? readNumber(this, marker) : -1
    if (!(value >= 0)) throw this.wrong('a length should stand here')
    return value
  }
}

function readNumber(reader: Cursor, marker: string): number {
  const { size, make } = LIST[marker] as (typeof LIST)[string]
  const [value] = make(reader.take(size), 1)
  if (typeof value !== 'bigint') return value as number
  if (BigInt.asIntN(54, value) !== value) throw reader.wrong(`the integer ${value} is beyond 2^53`)
  return Number(value)
}

function readValue(reader: Cursor, marker: string, depth: number): DocumentValue {
  if (depth > MAX_DEPTH) throw reader.wrong(`values lie more than ${MAX_DEPTH} deep in one another`)
  if (Object.hasOwn(LIST, marker)) return readNumber(reader, marker)
  switch (marker) {
    case 'Z':
      return null
    case 'T':
      return true
    case 'F':
      return false
    case 'S':
      return reader.text()
    case 'C':
      return String.fromCodePoint(reader.take(1).getUint8(0))
    case '[':
      return readArray(reader, depth)
    case '{':
      return readObject(reader, depth)
    default:
      throw reader.wrong(`${JSON.stringify(marker)} is no UBJSON marker`)
  }
}

function readArray(reader: Cursor, depth: number): DocumentValue {
  const next = reader.peek()
  if (next === '$') return readTypedArray(reader)
  const values: DocumentValue[] = []
  if (next === '#') {
    reader.marker()
    const count = reader.count()
    for (let k = 0; k < count; k++) values.push(readValue(reader, reader.marker(), depth + 1))
    return values
  }
  for (let marker = reader.marker(); marker !== ']'; marker = reader.marker()) {
    values.push(readValue(reader, marker, depth + 1))
  }
  return values
}

function readTypedArray(reader: Cursor): DocumentValue {
  reader.marker()
  const type = String.fromCodePoint(reader.take(1).getUint8(0))
  const list = Object.hasOwn(LIST, type) ? LIST[type] : undefined
  if (list === undefined) throw reader.wrong(`a typed array of ${JSON.stringify(type)} is not known`)
  if (reader.marker() !== '#') throw reader.wrong('a typed array should state its length')
  const count = reader.count()
  return list.make(reader.take(count * list.size), count)
}

function readObject(reader: Cursor, depth: number): DocumentValue {
  const entries: [string, DocumentValue][] = []
  const next = reader.peek()
  if (next === '$') throw reader.wrong('a typed object is not known')
  if (next === '#') {
    reader.marker()
    const count = reader.count()
    for (let k = 0; k < count; k++) entries.push([reader.text(), readValue(reader, reader.marker(), depth + 1)])
    return Object.fromEntries(entries)
  }
  while (reader.peek() !== '}') entries.push([reader.text(), readValue(reader, reader.marker(), depth + 1)])
  reader.marker()
  return Object.fromEntries(entries)
}
