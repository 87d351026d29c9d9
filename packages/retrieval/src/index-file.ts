import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { decodeSafetensors, encodeSafetensors } from '@breakwater/formats'
import type { Dtype, SafetensorsFile, TensorElements } from '@breakwater/formats'
import { replaceFile } from '@breakwater/formats/node'
import type { RetrievalIndex } from './index-data.ts'
import { foreign, fromTensors, toTensors } from './index-tensors.ts'
import type { TakeTensor } from './index-tensors.ts'

/** What {@link saveIndex} wrote. */
export interface SavedIndex {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of the whole file, 64 lower-case hex digits. */
  readonly sha256: string
}

/** Metadata key under which the SHA-256 of the tensors' bytes is kept. */
const HASH_KEY = 'data_sha256'
/** One read or write: below every platform's limit of 2 GiB. */
const CHUNK = 2 ** 28

/**
 * Writes an index as one safetensors file, whole or not at all. The vectors are written from where
 * they lie. `details` are more strings for the file's metadata (which dates, which data); the same index and details give
 * the same bytes.
 */
export async function saveIndex(
  path: string,
  index: RetrievalIndex,
  details: Readonly<Record<string, string>> = {},
): Promise<SavedIndex> {
  const { tensors, metadata } = toTensors(index)
  const taken = Object.keys(details).find((key) => key in metadata || key === HASH_KEY)
  if (taken !== undefined) throw new RangeError(`retrieval: details.${taken}: is the index's own name. Choose another.`)
  const [, ...data] = encodeSafetensors(tensors, {})
  const dataHash = createHash('sha256')
  for (const piece of data) updateHash(dataHash, piece)
  const whole = encodeSafetensors(tensors, { ...metadata, ...details, [HASH_KEY]: dataHash.digest('hex') })
  await replaceFile(path, whole)
  const fileHash = createHash('sha256')
  for (const piece of whole) updateHash(fileHash, piece)
  return { path, bytes: whole.reduce((sum, { length }) => sum + length, 0), sha256: fileHash.digest('hex') }
}

function updateHash(hash: ReturnType<typeof createHash>, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK))
}

/** What a loaded index must be. */
export interface LoadOptions {
  /** Features in order, as the caller will give them in a query; an index of others is refused. */
  readonly features?: readonly string[]
}

/** An index with the strings that were saved beside it. */
export interface LoadedIndex {
  readonly index: RetrievalIndex
  /** SHA-256 of the whole file as it was read, 64 lower-case hex digits. */
  readonly sha256: string
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Reads an index into one piece of memory that threads can share, and views it there: nothing is copied. Checks format,
 * version, lengths, types, the hash of the data and, where given, the features; runs no code. Cost: reading and hashing.
 */
export async function loadIndex(path: string, { features }: LoadOptions = {}): Promise<LoadedIndex> {
  if (!existsSync(path)) {
    throw new Error(`retrieval: ${path}: the retrieval index is missing. Run \`breakwater index\` first.`)
  }
  const bytes = await readWhole(path)
  const file = decodeSafetensors(bytes, (why, cause) => foreign(path, why, cause))
  const dataHash = createHash('sha256')
  updateHash(dataHash, file.data)
  if (dataHash.digest('hex') !== file.metadata[HASH_KEY]) {
    throw foreign(path, 'the SHA-256 of its data is not the one in its metadata: it was changed after it was written')
  }
  const index = fromTensors(file.metadata, taker(file, path), path)
  if (features !== undefined) checkFeatures(index, features, path)
  const fileHash = createHash('sha256')
  updateHash(fileHash, bytes)
  return { index, metadata: file.metadata, sha256: fileHash.digest('hex') }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(new SharedArrayBuffer(size))
    let at = 0
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, size - at), at)
      if (bytesRead === 0) throw foreign(path, `it ended at byte ${at} of ${size} while it was read`)
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

function taker({ tensors }: SafetensorsFile, source: string): TakeTensor {
  return <D extends Dtype>(name: string, dtype: D, shape: readonly (number | null)[]) => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw foreign(source, `it has no tensor ${name}`)
    const fits =
      tensor.shape.length === shape.length && shape.every((size, i) => size === null || size === tensor.shape[i])
    if (tensor.dtype !== dtype || !fits) {
      throw foreign(
        source,
        `tensor ${name} is ${tensor.dtype} ${tensor.shape.join(' x ')}, not ${dtype} ${shape.map((size) => size ?? 'any').join(' x ')}`,
      )
    }
    return tensor.data as TensorElements[D]
  }
}

/** Throws unless the index was fitted on exactly these features in this order, naming the first that differs. */
export function checkFeatures({ normaliser }: RetrievalIndex, features: readonly string[], source: string): void {
  const length = Math.max(features.length, normaliser.features.length)
  for (let i = 0; i < length; i++) {
    if (features[i] === normaliser.features[i]) continue
    throw new Error(
      `retrieval: ${source}: feature ${i} of the index is ${normaliser.features[i] ?? 'absent'}, and ${features[i] ?? 'none'} was asked for. Use the index of this feature set, or write it again.`,
    )
  }
}
