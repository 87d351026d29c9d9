import { openReplacement } from './replacement.ts'
import type { WriteOptions } from './target.ts'

/** Content of a file: text (as UTF-8), bytes, or pieces of bytes in order. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Replaces a file: `path` holds the whole content when the promise resolves, and what it held before where it rejects.
 * The content goes to a temporary file in the same folder, which is written until every byte is taken, measured, brought
 * to the disk and renamed over the path. The folder is made where there is none. A symbolic link at the path is refused.
 * An error of a source of pieces is passed on; every other one names the file, the cause and the fix.
 */
export async function replaceFile(path: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  const pieces = piecesOf(content)
  const replacement = await openReplacement(path, { ...options, bytes: lengthOf(pieces) })
  try {
    for await (const piece of pieces) await replacement.write(piece)
  } catch (error) {
    await replacement.abort()
    throw error
  }
  await replacement.commit()
}

type Pieces = readonly Uint8Array[] | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

function piecesOf(content: FileContent): Pieces {
  if (typeof content === 'string') return [new TextEncoder().encode(content)]
  return content instanceof Uint8Array ? [content] : content
}

/** Bytes of all pieces, where they are known before the first is taken. */
function lengthOf(pieces: Pieces): number | undefined {
  if (!Array.isArray(pieces)) return undefined
  let bytes = 0
  for (const { length } of pieces as readonly Uint8Array[]) bytes += length
  return bytes
}
