import { Buffer } from 'node:buffer'
import { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { replaceFile } from '../files/replace-file.ts'
import type { WriteOptions } from '../files/target.ts'
import type { NpyArray, NpyType, NpyValues } from './array.ts'
import { elementsOf } from './array.ts'
import { encodeValues, itemBytesOf } from './elements.ts'
import { encodeHeader, npyError } from './header.ts'

/** An array whose values come in pieces, in C order, so that it never is in memory as a whole. */
export type NpyStream = {
  readonly [T in Exclude<NpyType, 'text'>]: {
    readonly type: T
    readonly shape: readonly number[]
    readonly chunks: Iterable<NpyValues[T]> | AsyncIterable<NpyValues[T]>
  }
}[Exclude<NpyType, 'text'>]

/** How {@link writeNpz} writes. */
export interface WriteNpzOptions extends WriteOptions {
  /** Deflate the arrays instead of storing them. Default false, as numpy.savez does. */
  readonly compress?: boolean
}

/** Bytes handed to the archive at a time. */
const PIECE = 1 << 20
const ITEM_BYTES = { float32: 4, float64: 8, int8: 1, int64: 8, bool: 1 } as const
/** The least date that zip knows, local time: the same arrays give the same bytes. */
const EPOCH = new Date(1980, 0, 1)

/**
 * Writes arrays as one .npz file that `numpy.load` reads without pickle, whole or not at all (`replaceFile`). Bytes go
 * to the disk as they arrive; memory beyond the arrays given is a few megabytes. The same arrays give the same bytes.
 * Throws where an array has not the elements of its shape; the path then keeps what it held.
 */
export async function writeNpz(
  file: string,
  arrays: Readonly<Record<string, NpyArray | NpyStream>>,
  { compress = false, ...options }: WriteNpzOptions = {},
): Promise<void> {
  await replaceFile(file, archiveOf(file, arrays, compress), options)
}

/** The bytes of the archive, begun when the first is asked for; a source that fails makes it fail. */
async function* archiveOf(
  file: string,
  arrays: Readonly<Record<string, NpyArray | NpyStream>>,
  compress: boolean,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile()
  const output = new PassThrough()
  const fail = (error: Error): void => void output.destroy(error)
  zip.on('error', fail)
  zip.outputStream.pipe(output)
  for (const [name, array] of Object.entries(arrays)) {
    const source = Readable.from(npyBytes(file, name, array), { objectMode: false })
    source.on('error', fail)
    zip.addReadStream(source, `${name}.npy`, { compress, mtime: EPOCH, forceDosTimestamp: true })
  }
  zip.end()
  yield* output as AsyncIterable<Uint8Array>
}

async function* npyBytes(file: string, array: string, given: NpyArray | NpyStream): AsyncGenerator<Buffer> {
  const { type, shape } = given
  const itemBytes = 'chunks' in given ? ITEM_BYTES[given.type] : itemBytesOf(type, given.values)
  yield Buffer.from(encodeHeader({ type, shape, itemBytes }))
  let elements = 0
  for await (const values of 'chunks' in given ? given.chunks : [given.values]) {
    elements += values.length
    const bytes = encodeValues(values, itemBytes)
    for (let at = 0; at < bytes.length; at += PIECE) {
      yield Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(PIECE, bytes.length - at))
    }
  }
  const wanted = elementsOf(shape)
  if (elements !== wanted) {
    throw npyError({ file, array }, `shape=[${shape.join(', ')}] has ${wanted} elements, and ${elements} were given.`)
  }
}
