import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { OpenFile } from './file-system.ts'

const PIECE = 2 ** 20

/** SHA-256 of an open file's bytes, 64 lower-case hex digits; for a file that no other process can see yet. */
export async function hashOpenFile(file: Pick<OpenFile, 'read' | 'size'>): Promise<string> {
  const hash = createHash('sha256')
  const size = await file.size()
  for (let at = 0; at < size;) {
    const piece = await file.read(at, Math.min(PIECE, size - at))
    if (piece.length === 0) throw new Error(`the file ended at byte ${at} of ${size} while it was read`)
    hash.update(piece)
    at += piece.length
  }
  return hash.digest('hex')
}

/** SHA-256 of the file at a path, 64 lower-case hex digits, in constant memory. Rejects with the system's error. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) hash.update(piece as Uint8Array)
  return hash.digest('hex')
}
