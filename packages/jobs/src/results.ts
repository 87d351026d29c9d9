import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import { z } from 'zod'
import { sha256 } from './job.ts'

/** Where results are kept: one file a job, named by its id, there whole or not at all. */
export interface ResultStore {
  /** Bytes of a job's result; null where there is none that is whole. */
  readonly read: (id: string) => Promise<Uint8Array | null>
  readonly write: (id: string, content: Content) => Promise<void>
  readonly remove: (id: string) => Promise<void>
}

/** What a job makes: bytes, or pieces of bytes in order. */
export type Content = Uint8Array | readonly Uint8Array[]

const header = z.strictObject({
  format: z.literal('breakwater-result'),
  version: z.literal(1),
  job: z.string(),
  bytes: z.int().min(0),
  sha256: z.string(),
})
type Header = z.infer<typeof header>

/** The header line is short; a file whose first bytes hold no end of line is none of ours. */
const MAX_HEADER = 512
const NEWLINE = 0x0a
const ALIGNMENT = 64
const ID = /^[0-9a-f]{64}$/

/** One piece of several. */
export const joined = (content: Content): Uint8Array =>
  content instanceof Uint8Array ? content : Buffer.concat(content)

/**
 * A result as a file keeps it: a line of JSON with the job's id, the number of bytes and their SHA-256, padded to a multiple of 64 bytes, then the bytes. A file cut
 * short, and one whose bytes changed on a disk or a bus, is told from a whole one.
 */
export function encodeResult(id: string, content: Content): Uint8Array {
  const bytes = joined(content)
  const head: Header = { format: 'breakwater-result', version: 1, job: id, bytes: bytes.length, sha256: sha256(bytes) }
  const line = JSON.stringify(head)
  // Numbers in the bytes then lie on multiples of their width.
  const padded = line.padEnd(Math.ceil((line.length + 1) / ALIGNMENT) * ALIGNMENT - 1)
  return Buffer.concat([Buffer.from(`${padded}\n`), bytes])
}

/** The bytes of a job's result; null where `file` is not the whole result of that job. */
export function decodeResult(id: string, file: Uint8Array): Uint8Array | null {
  const read = headerOf(file)
  if (read?.job !== id) return null
  const bytes = new Uint8Array(file.buffer, file.byteOffset + read.length, file.length - read.length)
  return bytes.length === read.bytes && sha256(bytes) === read.sha256 ? bytes : null
}

function headerOf(file: Uint8Array): (Header & { readonly length: number }) | null {
  const end = file.subarray(0, MAX_HEADER).indexOf(NEWLINE)
  if (end < 0) return null
  try {
    return { ...header.parse(JSON.parse(new TextDecoder().decode(file.subarray(0, end)))), length: end + 1 }
  } catch {
    return null
  }
}

/**
 * Results in a folder, which many processes and machines may share: a result is written beside its name and renamed, and two that
 * write the same one write the same bytes. A file that is not whole counts as none. Results are not forced to the disk: one lost in
 * a failure of power is computed again.
 */
export function resultFolder(folder: string): ResultStore {
  const pathOf = (id: string): string => {
    if (!ID.test(id)) throw new RangeError(`jobs: id=${id}: must be 64 lower-case hex digits.`)
    return join(folder, id.slice(0, 2), `${id}.result`)
  }
  return {
    read: async (id) => {
      const file = await readFile(pathOf(id)).catch(absent)
      return file === null ? null : decodeResult(id, file)
    },
    write: (id, content) => replaceFile(pathOf(id), encodeResult(id, content), { durable: false }),
    remove: (id) => rm(pathOf(id), { force: true }),
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
