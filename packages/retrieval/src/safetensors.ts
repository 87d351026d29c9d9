/** Typed arrays by safetensors' names of element types; those used here. */
export interface Elements {
  readonly F64: Float64Array
  readonly I64: BigInt64Array
  readonly F32: Float32Array
  readonly I32: Int32Array
  readonly U32: Uint32Array
  readonly I8: Int8Array
  readonly U8: Uint8Array
}

/** One of safetensors' names of element types. */
export type Dtype = keyof Elements
/** A typed array that a file may hold. */
export type TensorData = Elements[Dtype]

interface ElementType<D extends Dtype> {
  new (buffer: ArrayBufferLike, at: number, length: number): Elements[D]
  readonly BYTES_PER_ELEMENT: number
}

const DTYPES: { readonly [D in Dtype]: ElementType<D> } = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I8: Int8Array,
  U8: Uint8Array,
}

/** One named tensor. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** Where a tensor lies: type, shape, and bytes from the first byte after the header. */
export interface TensorPlace {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/** A file's header. */
export interface Header {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, TensorPlace>
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number
}

const LENGTH_BYTES = 8
/** Data begins at a multiple of this, so that every element type can be viewed where it lies, mapped or read. */
const ALIGNMENT = 64
/** The format's own limit for headers. */
const MOST_HEADER = 100_000_000

/** Tensors in the order in which they are written: wide elements first, so that each lies on a multiple of its width. */
export function writeOrder(tensors: ReadonlyMap<string, Tensor>): [name: string, tensor: Tensor][] {
  return [...tensors].toSorted(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
}

/**
 * The header of a safetensors file: the length of a JSON text in 8 bytes, little-endian, and the text, padded with spaces
 * (https://github.com/huggingface/safetensors). Tensors follow in `writeOrder` without gaps.
 */
export function encodeHeader(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata }
  let at = 0
  for (const [name, { shape, data }] of writeOrder(tensors)) {
    entries[name] = { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] }
    at += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(entries))
  const whole = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(whole).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(whole - LENGTH_BYTES), true)
  bytes.set(text, LENGTH_BYTES)
  return bytes
}

function dtypeOf(data: TensorData): Dtype {
  const found = (Object.keys(DTYPES) as Dtype[]).find((name) => data instanceof DTYPES[name])
  if (found === undefined) throw new TypeError('retrieval: safetensors: this element type is not written here')
  return found
}

/** Where the header of a file ends, from its first 8 bytes. Throws where they are no length that fits the file. */
export function headerEnd(first: Uint8Array, fileBytes: number, source: string): number {
  if (first.length < LENGTH_BYTES) throw foreign(source, `${first.length} bytes are too few`)
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true)
  if (length > BigInt(MOST_HEADER) || length + BigInt(LENGTH_BYTES) > BigInt(fileBytes)) {
    throw foreign(source, `its header would be ${length} bytes of ${fileBytes}`)
  }
  return LENGTH_BYTES + Number(length)
}

/** Reads a header and checks that its tensors fill the file exactly, one after another. */
export function decodeHeader(bytes: Uint8Array, fileBytes: number, source: string): Header {
  const end = headerEnd(bytes, fileBytes, source)
  const { __metadata__: metadata = {}, ...rest } = objectOf(jsonOf(bytes.slice(LENGTH_BYTES, end), source), source)
  const places = Object.entries(rest).map(([name, value]) => [name, placeOf(value, name, source)] as const)
  let at = 0
  for (const [name, { start, end: to }] of places.toSorted(([, a], [, b]) => a.start - b.start)) {
    if (start !== at) throw foreign(source, `tensor ${name} begins at ${start}, not at ${at}`)
    at = to
  }
  if (end + at !== fileBytes) {
    throw foreign(source, `its tensors end at ${end + at} and the file at ${fileBytes}: it was cut off or added to`)
  }
  return { metadata: strings(metadata, source), tensors: new Map(places), dataStart: end }
}

function jsonOf(bytes: Uint8Array, source: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw foreign(source, 'its header is not JSON', cause)
  }
}

function objectOf(value: unknown, source: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw foreign(source, 'its header is not an object')
}

function strings(value: unknown, source: string): Record<string, string> {
  const metadata = objectOf(value, source)
  if (Object.values(metadata).every((text) => typeof text === 'string')) return metadata as Record<string, string>
  throw foreign(source, 'its metadata are not strings')
}

function placeOf(value: unknown, name: string, source: string): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = objectOf(value, source)
  const known = (Object.keys(DTYPES) as Dtype[]).find((one) => one === dtype)
  if (known === undefined || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw foreign(source, `tensor ${name} has no type, shape and place that are known here`)
  }
  const [start = 0, end = 0] = offsets
  if (end - start !== shape.reduce((a, b) => a * b, 1) * DTYPES[known].BYTES_PER_ELEMENT) {
    throw foreign(source, `tensor ${name} has ${end - start} bytes, which its shape ${shape.join(' x ')} does not`)
  }
  return { dtype: known, shape, start, end }
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)

/** The elements of a tensor where they lie in `buffer`, without a copy. Throws where they are not aligned. */
export function viewTensor(
  buffer: ArrayBufferLike,
  { dataStart }: Pick<Header, 'dataStart'>,
  { dtype, start, end }: TensorPlace,
  source: string,
): TensorData {
  const Elements = DTYPES[dtype]
  const at = dataStart + start
  if (at % Elements.BYTES_PER_ELEMENT !== 0) throw foreign(source, `a ${dtype} tensor begins at byte ${at}`)
  return new Elements(buffer, at, (end - start) / Elements.BYTES_PER_ELEMENT)
}

/** The error for a file that is no index of this package. */
export function foreign(source: string, why: string, cause?: unknown): Error {
  return new Error(
    `retrieval: ${source}: is not a whole retrieval index: ${why}. Give a file that \`trainer index\` wrote, or write it again.`,
    { cause },
  )
}
