import type { RetrievalIndex } from './index-data.ts'

/** The same index in memory that threads share: arrays that are shared already stay, others are copied once. */
export function shareIndex(index: RetrievalIndex): RetrievalIndex {
  return shared(index) as RetrievalIndex
}

function shared(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? value : copied(value as Elements)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shared(part)]))
}

type Elements = Int8Array | Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array

function copied(view: Elements): Elements {
  const Type = view.constructor as new (buffer: SharedArrayBuffer) => Elements
  const bytes = new SharedArrayBuffer(view.byteLength)
  new Uint8Array(bytes).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return new Type(bytes)
}
