/** A named array of 32-bit floats, row-major. */
export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** What a file holds. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, NamedTensor>
}

const LENGTH_BYTES = 8
const ALIGNMENT = 64
/** The format's own limit for headers. */
const MOST_HEADER = 100_000_000

/**
 * 32-bit tensors as a safetensors file (https://github.com/huggingface/safetensors): the length of a JSON header in 8 bytes,
 * little-endian, the header padded with spaces, then the tensors without gaps. The same input gives the same bytes.
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata }
  let at = 0
  for (const { name, shape, data } of tensors) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] }
    at += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(entries))
  const start = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(start + at)
  bytes.fill(0x20, LENGTH_BYTES, start)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(start - LENGTH_BYTES), true)
  bytes.set(text, LENGTH_BYTES)
  let place = start
  for (const { data } of tensors) {
    for (const x of data) {
      view.setFloat32(place, x, true)
      place += 4
    }
  }
  return bytes
}

/** Reads what {@link encodeSafetensors} wrote; `source` names the file in errors. Refuses tensors that are not 32-bit floats. */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < LENGTH_BYTES) throw foreign(source, `${bytes.length} bytes are too few`)
  const length = view.getBigUint64(0, true)
  if (length > BigInt(MOST_HEADER) || length + BigInt(LENGTH_BYTES) > BigInt(bytes.length)) {
    throw foreign(source, `its header would be ${length} bytes of ${bytes.length}`)
  }
  const start = LENGTH_BYTES + Number(length)
  const { __metadata__: metadata = {}, ...entries } = headerOf(bytes.subarray(LENGTH_BYTES, start), source)
  const tensors = new Map<string, NamedTensor>()
  let at = 0
  for (const [name, entry] of Object.entries(entries)) {
    const { shape, from, to } = placeOf(entry, name, source)
    if (from !== at || start + to > bytes.length) throw foreign(source, `tensor ${name} does not lie in it`)
    at = to
    const data = new Float32Array((to - from) / 4)
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(start + from + 4 * i, true)
    tensors.set(name, { name, shape, data })
  }
  if (start + at !== bytes.length)
    throw foreign(source, `its tensors end at ${start + at} and the file at ${bytes.length}`)
  return { metadata: textsOf(metadata, source), tensors }
}

function headerOf(bytes: Uint8Array, source: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), source)
  } catch (cause) {
    throw foreign(source, 'its header is not JSON', cause)
  }
}

function placeOf(entry: unknown, name: string, source: string): { shape: number[]; from: number; to: number } {
  const { dtype, shape, data_offsets: offsets } = objectOf(entry, source)
  if (dtype !== 'F32' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw foreign(source, `tensor ${name} is not of 32-bit floats with a shape and a place`)
  }
  const [from = 0, to = 0] = offsets
  if (to - from !== 4 * shape.reduce((size, count) => size * count, 1)) {
    throw foreign(source, `tensor ${name} has ${to - from} bytes, which its shape ${shape.join(' x ')} does not`)
  }
  return { shape, from, to }
}

function objectOf(value: unknown, source: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw foreign(source, 'its header is not an object')
}

function textsOf(value: unknown, source: string): Record<string, string> {
  const texts = objectOf(value, source)
  if (Object.values(texts).every((text) => typeof text === 'string')) return texts as Record<string, string>
  throw foreign(source, 'its metadata are not strings')
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)

function foreign(source: string, why: string, cause?: unknown): Error {
  return new Error(`patchtst: ${source}: not a whole safetensors file: ${why}. Give the file as it was written.`, {
    cause,
  })
}
