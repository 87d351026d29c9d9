import { Buffer } from 'node:buffer'
import type { NpyType } from './array.ts'

/** The header of an .npy array. */
export interface NpyHeader {
  readonly type: NpyType
  readonly shape: readonly number[]
  /** Whether the first index runs fastest. */
  readonly fortranOrder: boolean
  /** Bytes of one element. */
  readonly itemBytes: number
}

/** Where an array lies, for messages: the file and the array's name. */
export interface NpySource {
  readonly file: string
  readonly array: string
}

const MAGIC = Buffer.from('\u0093NUMPY', 'latin1')
/** Magic and two bytes of version. */
const PREAMBLE = 8
const ALIGNMENT = 64
/** A header of version 1.0 has two bytes for its length. */
const MOST_SHORT = 65_535
/** Longer headers are not of the arrays that are read here. */
const MOST_HEADER = 1_048_576
/** Bytes that tell how long the header is, whichever the version. */
export const HEADER_PREFIX = 12

const UCS4 = 4
const NUMERIC: Readonly<Record<string, { readonly type: NpyType; readonly itemBytes: number }>> = {
  '<f4': { type: 'float32', itemBytes: 4 },
  '<f8': { type: 'float64', itemBytes: 8 },
  '|i1': { type: 'int8', itemBytes: 1 },
  '<i8': { type: 'int64', itemBytes: 8 },
  '|b1': { type: 'bool', itemBytes: 1 },
}

/** The error for an array that cannot be read or written. */
export function npyError({ file, array }: NpySource, why: string, cause?: unknown): Error {
  return new Error(`formats: ${file}: array ${array}: ${why}`, { cause })
}

/**
 * Header of an .npy array in C order (numpy.lib.format): magic, version, length, and a Python literal padded with spaces
 * so that the elements begin at a multiple of 64 bytes. Version 1.0, or 2.0 where the literal does not fit.
 */
export function encodeHeader({ type, shape, itemBytes }: Omit<NpyHeader, 'fortranOrder'>): Uint8Array {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const literal = `{'descr': '${descrOf(type, itemBytes)}', 'fortran_order': False, 'shape': (${lengths}), }`
  const short = literal.length + ALIGNMENT <= MOST_SHORT
  const start = PREAMBLE + (short ? 2 : 4)
  const whole = Math.ceil((start + literal.length + 1) / ALIGNMENT) * ALIGNMENT
  const bytes = Buffer.alloc(whole, ' ')
  MAGIC.copy(bytes)
  bytes.writeUInt8(short ? 1 : 2, MAGIC.length)
  bytes.writeUInt8(0, MAGIC.length + 1)
  if (short) bytes.writeUInt16LE(whole - start, PREAMBLE)
  else bytes.writeUInt32LE(whole - start, PREAMBLE)
  bytes.write(literal, start, 'latin1')
  bytes.write('\n', whole - 1, 'latin1')
  return bytes
}

function descrOf(type: NpyType, itemBytes: number): string {
  if (type === 'text') return `<U${itemBytes / UCS4}`
  return Object.keys(NUMERIC).find((descr) => NUMERIC[descr]?.type === type) ?? ''
}

/** Where the elements begin, from an array's first {@link HEADER_PREFIX} bytes. Throws where it is no .npy array. */
export function elementsStart(first: Uint8Array, source: NpySource): number {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  if (bytes.length < HEADER_PREFIX || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw npyError(source, "is not in NumPy's .npy format. Write the file with numpy.savez.")
  }
  const version = bytes.readUInt8(MAGIC.length)
  if (version !== 1 && version !== 2) {
    throw npyError(
      source,
      `has .npy version ${version}.${bytes.readUInt8(MAGIC.length + 1)}: versions 1.0 and 2.0 are read.`,
    )
  }
  const start = PREAMBLE + (version === 1 ? 2 : 4)
  const length = version === 1 ? bytes.readUInt16LE(PREAMBLE) : bytes.readUInt32LE(PREAMBLE)
  if (length > MOST_HEADER)
    throw npyError(source, `has a header of ${length} bytes: it is damaged, or of structured elements.`)
  return start + length
}

/** Reads a header, given whole. Throws on pickled objects, which are code, and on element types not read here. */
export function decodeHeader(header: Uint8Array, source: NpySource): NpyHeader {
  const text = Buffer.from(header.buffer, header.byteOffset, header.byteLength).toString('latin1')
  const literal = text.slice(text.indexOf('{')).trim()
  const field = (name: string, value: string): string | undefined =>
    new RegExp(`'${name}':\\s*(?:${value})\\s*[,}]`).exec(literal)?.[1]
  const shape = field('shape', '\\(([\\d, ]*)\\)')
  const order = field('fortran_order', '(True|False)')
  const descr = field('descr', "'([^']*)'")
  if (/'descr':\s*(?:'[|<>=]?O|\[)/.test(literal)) throw npyError(source, refusal(literal))
  if (shape === undefined || order === undefined || descr === undefined) {
    throw npyError(source, `has a header that cannot be read: ${literal.slice(0, 200)}`)
  }
  const lengths = shape.split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]))
  return { ...elementOf(descr, source), shape: lengths, fortranOrder: order === 'True' }
}

function refusal(literal: string): string {
  return /O\b|object/.test(literal)
    ? 'contains pickled Python objects, which could run code when they are loaded. Save it with a plain element type, such as float32 or str.'
    : 'has structured elements. Save each field as an array of its own.'
}

function elementOf(descr: string, source: NpySource): Pick<NpyHeader, 'type' | 'itemBytes'> {
  const known = NUMERIC[descr]
  if (known !== undefined) return known
  const width = /^<U(\d+)$/.exec(descr)?.[1]
  if (width !== undefined) return { type: 'text', itemBytes: Number(width) * UCS4 }
  throw npyError(
    source,
    `has elements of type ${descr}: float32, float64, int8, int64, bool and str in little-endian order are read. Convert it.`,
  )
}
