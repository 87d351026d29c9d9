import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { openPromise } from 'yauzl'
import type { NpyArray } from './array.ts'
import { elementsOf } from './array.ts'
import { decodeValues } from './elements.ts'
import type { NpyHeader, NpySource } from './header.ts'
import { decodeHeader, elementsStart, HEADER_PREFIX, npyError } from './header.ts'

/** What {@link readNpz} reads. */
export interface ReadNpzOptions {
  /** Arrays to read, in any order; all of them by default. One that the file lacks is an error. */
  readonly names?: readonly string[]
}

const SUFFIX = '.npy'

/**
 * The arrays of an .npz file by name: a zip archive, stored or deflated, of one .npy file (version 1.0 or 2.0) an array.
 * Elements are float32, float64, int8, int64, bool or str, little-endian; Fortran order is turned into C order. Checks
 * the length and CRC-32 of every array it reads; runs no code: an array of pickled objects is refused. Memory: the
 * arrays read, each once. Throws naming the file, and the array where it is one's fault.
 */
export async function readNpz(file: string, { names }: ReadNpzOptions = {}): Promise<Map<string, NpyArray>> {
  const zip = await openZip(file)
  const found = new Map<string, NpyArray>()
  try {
    for await (const entry of zip.eachEntry()) {
      const array = entry.fileName.endsWith(SUFFIX) ? entry.fileName.slice(0, -SUFFIX.length) : entry.fileName
      if (names?.includes(array) === false) continue
      found.set(array, await readEntry(zip, entry, { file, array }))
    }
  } catch (error) {
    throw error instanceof Error && error.message.startsWith('formats: ') ? error : damaged(file, error)
  } finally {
    zip.close()
  }
  const absent = names?.find((name) => !found.has(name))
  if (absent !== undefined) throw npyError({ file, array: absent }, 'is not in the file. Write it again.')
  return found
}

async function openZip(file: string): Promise<ZipFile> {
  try {
    return await openPromise(file, { autoClose: false, lazyEntries: true })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new Error(`formats: ${file}: there is no such file. Pass the path of one.`, { cause })
    }
    throw new Error(`formats: ${file}: is not a whole .npz file (a zip archive). Write it again.`, { cause })
  }
}

function damaged(file: string, cause: unknown): Error {
  return new Error(`formats: ${file}: the .npz file is damaged. Write it again.`, { cause })
}

async function readEntry(zip: ZipFile, entry: Entry, source: NpySource): Promise<NpyArray> {
  if (entry.isEncrypted()) throw npyError(source, 'is encrypted. Save it without a password.')
  const reader = entryReader(entry, source)
  for await (const chunk of await zip.openReadStreamPromise(entry)) reader.add(chunk as Buffer)
  return reader.finish()
}

interface EntryReader {
  add(chunk: Buffer): void
  finish(): NpyArray
}

/** Takes an entry's bytes as they arrive: first the header, then the elements straight into their place. */
function entryReader(entry: Entry, source: NpySource): EntryReader {
  let sum = 0
  let head: Buffer = Buffer.alloc(0)
  let header: NpyHeader | null = null
  let elements = new Uint8Array()
  let at = 0
  const fill = (chunk: Uint8Array): void => {
    elements.set(chunk, at)
    at += chunk.length
  }
  const addToHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk])
    if (head.length < HEADER_PREFIX) return
    const start = elementsStart(head, source)
    if (head.length < start) return
    header = decodeHeader(head.subarray(0, start), source)
    elements = new Uint8Array(elementBytes(header, entry.uncompressedSize - start, source))
    fill(head.subarray(start))
  }
  return {
    add: (chunk) => {
      sum = crc32(chunk, sum)
      if (header === null) addToHead(chunk)
      else fill(chunk)
    },
    finish: () => {
      if (header === null) throw npyError(source, 'ends before its header does. Write it again.')
      if (sum !== entry.crc32) throw npyError(source, 'does not have the CRC-32 that the archive says: it is damaged.')
      return decodeValues(header, elements.buffer, source)
    },
  }
}

/** Bytes of the elements; throws unless the archive has as many left after the header. */
function elementBytes({ shape, itemBytes }: NpyHeader, present: number, source: NpySource): number {
  const bytes = elementsOf(shape) * itemBytes
  if (bytes === present) return bytes
  throw npyError(
    source,
    `has ${present} bytes of elements, and its shape (${shape.join(', ')}) needs ${bytes}: it is damaged.`,
  )
}
