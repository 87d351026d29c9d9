/** Typed arrays by safetensors' names of element types; those that are read and written here. */
export interface TensorElements {
  readonly F64: Float64Array
  readonly I64: BigInt64Array
  readonly F32: Float32Array
  readonly I32: Int32Array
  readonly U32: Uint32Array
  readonly I8: Int8Array
  readonly U8: Uint8Array
}

/** One of safetensors' names of element types. */
export type Dtype = keyof TensorElements
/** A typed array that a file may hold. */
export type TensorData = TensorElements[Dtype]

/** One tensor, row-major; an empty shape is a single value. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** What a file holds. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of the file's header. */
  readonly tensors: ReadonlyMap<string, Tensor & { readonly dtype: Dtype }>
  /** The bytes of all tensors: the file after its header. */
  readonly data: Uint8Array
}

interface ElementType<D extends Dtype> {
  new (buffer: ArrayBufferLike, at: number, length: number): TensorElements[D]
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

const LENGTH_BYTES = 8
/** Data begins at a multiple of this, so that every element type can be viewed where it lies, mapped or read. */
const ALIGNMENT = 64
/** The format's own limit for headers. */
const MAX_HEADER = 100_000_000
const METADATA = '__metadata__'

/**
 * Tensors as the pieces of a safetensors file (https://github.com/huggingface/safetensors), in order: the length of a JSON
 * header in 8 bytes, little-endian, and the header, padded with spaces to a multiple of 64; then the tensors without gaps,
 * wide elements first, so that each lies on a multiple of its width. The tensors' own memory is given, not copied. The same
 * input gives the same bytes. For little-endian machines, which all that run Node today are but one.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): readonly Uint8Array[] {
  const ordered = [...tensors].toSorted(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  const entries: Record<string, unknown> = { [METADATA]: metadata }
  let at = 0
  for (const [name, { shape, data }] of ordered) {
    checkTensor(name, shape, data)
    entries[name] = { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] }
    at += data.byteLength
  }
  const bytes = ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return [headerBytes(JSON.stringify(entries)), ...bytes]
}

function headerBytes(json: string): Uint8Array {
  const text = new TextEncoder().encode(json)
  const whole = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(whole).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(whole - LENGTH_BYTES), true)
  bytes.set(text, LENGTH_BYTES)
  return bytes
}

function checkTensor(name: string, shape: readonly number[], data: TensorData): void {
  if (name === METADATA || name === '__proto__') {
    throw new RangeError(`formats: tensors: ${name} is not a name for a tensor. Choose another.`)
  }
  if (data.length !== elementsIn(shape)) {
    throw new RangeError(
      `formats: tensors: ${name} has ${data.length} elements, and its shape ${shape.join(' x ')} ${elementsIn(shape)}. Correct the shape.`,
    )
  }
}

function dtypeOf(data: TensorData): Dtype {
  const dtype = (Object.keys(DTYPES) as Dtype[]).find((name) => data instanceof DTYPES[name])
  if (dtype === undefined) throw new TypeError('formats: safetensors: this element type is not written here')
  return dtype
}

/** Makes the error for bytes that are no whole safetensors file from a clause on what is wrong. */
export type Refusal = (why: string, cause?: unknown) => Error

/**
 * Reads a safetensors file. Tensors are views of `bytes`, shared memory included, unless it begins at an address that is no
 * multiple of 8: then it is copied once. Checks that the tensors fill the file exactly, one after another, that each has
 * the bytes of its shape, and that it lies on a multiple of its width; runs no code. Throws what `refuse` makes.
 */
export function decodeSafetensors(bytes: Uint8Array, refuse: Refusal): SafetensorsFile {
  const file = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  const start = headerEnd(file, refuse)
  const { [METADATA]: metadata = {}, ...rest } = objectOf(jsonOf(file.slice(LENGTH_BYTES, start), refuse), refuse)
  const places = Object.entries(rest).map(([name, value]) => [name, placeOf(value, name, refuse)] as const)
  let at = 0
  // An empty tensor begins where the next one does.
  for (const [name, { from, to }] of places.toSorted(([, a], [, b]) => a.from - b.from || a.to - b.to)) {
    if (from !== at) throw refuse(`tensor ${name} begins at ${from}, not at ${at}`)
    at = to
  }
  if (start + at !== file.length) {
    throw refuse(`its tensors end at ${start + at} and the file at ${file.length}: it was cut off or added to`)
  }
  const data = file.subarray(start)
  const tensors = new Map(places.map(([name, place]) => [name, viewOf(data, place, refuse)]))
  return { metadata: textsOf(metadata, refuse), tensors, data }
}

function headerEnd(bytes: Uint8Array, refuse: Refusal): number {
  if (bytes.length < LENGTH_BYTES) throw refuse(`${bytes.length} bytes are too few`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER) || length + BigInt(LENGTH_BYTES) > BigInt(bytes.length)) {
    throw refuse(`its header would be ${length} bytes of ${bytes.length}`)
  }
  return LENGTH_BYTES + Number(length)
}

function jsonOf(bytes: Uint8Array, refuse: Refusal): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw refuse('its header is not JSON', cause)
  }
}

function objectOf(value: unknown, refuse: Refusal): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refuse('its header is not an object')
}

function textsOf(value: unknown, refuse: Refusal): Record<string, string> {
  const texts = objectOf(value, refuse)
  if (Object.values(texts).every((text) => typeof text === 'string')) return texts as Record<string, string>
  throw refuse('its metadata are not strings')
}

/** Where a tensor lies: bytes from the first byte after the header. */
interface TensorPlace {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

function placeOf(value: unknown, name: string, refuse: Refusal): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = objectOf(value, refuse)
  const known = (Object.keys(DTYPES) as Dtype[]).find((one) => one === dtype)
  if (known === undefined || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw refuse(`tensor ${name} has no type, shape and place that are known here`)
  }
  const [from = 0, to = 0] = offsets
  if (to - from !== elementsIn(shape) * DTYPES[known].BYTES_PER_ELEMENT) {
    throw refuse(`tensor ${name} has ${to - from} bytes, which its shape ${shape.join(' x ')} does not`)
  }
  return { dtype: known, shape, from, to }
}

const elementsIn = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)

function viewOf(data: Uint8Array, { dtype, shape, from, to }: TensorPlace, refuse: Refusal): Tensor & { dtype: Dtype } {
  const Elements = DTYPES[dtype]
  const at = data.byteOffset + from
  if (at % Elements.BYTES_PER_ELEMENT !== 0) throw refuse(`a ${dtype} tensor begins at byte ${at}`)
  return { dtype, shape, data: new Elements(data.buffer, at, (to - from) / Elements.BYTES_PER_ELEMENT) }
}
