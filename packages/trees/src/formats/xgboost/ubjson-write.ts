import type { DocumentValue, NumberArray } from './document.ts'

/**
 * Writes one UBJSON document in the manner of XGBoost: big-endian, lengths as 64-bit integers, arrays with a length,
 * objects with an end, typed arrays for typed arrays, a number as the smallest integer type that holds it, else as a 32-bit
 * float. Inverse of `readUbjson` for such values.
 */
export function writeUbjson(value: DocumentValue): Uint8Array {
  const out = new Buffer8()
  writeValue(out, value)
  return out.bytes()
}

/** Bytes that grow. */
class Buffer8 {
  private data = new Uint8Array(1 << 16)
  private view = new DataView(this.data.buffer)
  private length = 0
  private readonly utf8 = new TextEncoder()

  bytes(): Uint8Array {
    return this.data.slice(0, this.length)
  }

  /** Room for `size` more bytes: the view and where they begin. */
  private room(size: number): { readonly view: DataView; readonly at: number } {
    const at = this.length
    this.length += size
    if (this.length > this.data.length) {
      const grown = new Uint8Array(Math.max(this.length, 2 * this.data.length))
      grown.set(this.data)
      this.data = grown
      this.view = new DataView(grown.buffer)
    }
    return { view: this.view, at }
  }

  marks(marks: string): void {
    const { view, at } = this.room(marks.length)
    for (let k = 0; k < marks.length; k++) view.setUint8(at + k, marks.codePointAt(k) as number)
  }

  count(value: number): void {
    this.marks('L')
    this.numbers('L', [value])
  }

  text(value: string): void {
    const encoded = this.utf8.encode(value)
    this.count(encoded.length)
    const { at } = this.room(encoded.length)
    this.data.set(encoded, at)
  }

  numbers(type: keyof typeof SETTERS, values: ArrayLike<number>): void {
    const { size, set } = SETTERS[type]
    const { view, at } = this.room(size * values.length)
    for (let k = 0; k < values.length; k++) set(view, at + size * k, values[k] as number)
  }
}

const SETTERS = {
  U: { size: 1, set: (view: DataView, at: number, x: number): void => view.setUint8(at, x) },
  i: { size: 1, set: (view: DataView, at: number, x: number): void => view.setInt8(at, x) },
  I: { size: 2, set: (view: DataView, at: number, x: number): void => view.setInt16(at, x) },
  l: { size: 4, set: (view: DataView, at: number, x: number): void => view.setInt32(at, x) },
  L: { size: 8, set: (view: DataView, at: number, x: number): void => view.setBigInt64(at, BigInt(x)) },
  d: { size: 4, set: (view: DataView, at: number, x: number): void => view.setFloat32(at, x) },
  D: { size: 8, set: (view: DataView, at: number, x: number): void => view.setFloat64(at, x) },
}

function typeOf(values: NumberArray): keyof typeof SETTERS {
  if (values instanceof Float32Array) return 'd'
  if (values instanceof Int32Array) return 'l'
  if (values instanceof Uint8Array) return 'U'
  if (values instanceof Int8Array) return 'i'
  if (values instanceof Int16Array) return 'I'
  return 'D'
}

function integerType(value: number): keyof typeof SETTERS {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'd'
  if (value >= -128 && value < 128) return 'i'
  if (value >= -32768 && value < 32768) return 'I'
  return value >= -(2 ** 31) && value < 2 ** 31 ? 'l' : 'L'
}

function writeNumber(out: Buffer8, value: number): void {
  const type = integerType(value)
  out.marks(type)
  out.numbers(type, [value])
}

function writeValue(out: Buffer8, value: DocumentValue): void {
  if (value === null) out.marks('Z')
  else if (typeof value === 'boolean') out.marks(value ? 'T' : 'F')
  else if (typeof value === 'number') writeNumber(out, value)
  else if (typeof value === 'string') {
    out.marks('S')
    out.text(value)
  } else if (ArrayBuffer.isView(value)) {
    const type = value instanceof BigInt64Array ? 'L' : typeOf(value)
    out.marks(`[$${type}#`)
    out.count(value.length)
    out.numbers(type, value instanceof BigInt64Array ? Array.from(value, Number) : value)
  } else if (Array.isArray(value)) writeList(out, value as readonly DocumentValue[])
  else writeObject(out, value as { readonly [key: string]: DocumentValue })
}

function writeList(out: Buffer8, values: readonly DocumentValue[]): void {
  out.marks('[#')
  out.count(values.length)
  for (const value of values) writeValue(out, value)
}

function writeObject(out: Buffer8, object: { readonly [key: string]: DocumentValue }): void {
  out.marks('{')
  for (const [key, value] of Object.entries(object)) {
    out.text(key)
    writeValue(out, value)
  }
  out.marks('}')
}
