import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openReplacement, replaceFile, replaceFileBy, replaceFileByCopy } from '@breakwater/formats/node'
import type { FileSystem } from '@breakwater/formats/node'
import { writeNpz } from '@breakwater/formats/npz'

/** One way to replace a file. */
export interface Form {
  readonly name: string
  /** Replaces `path` by content of the form's own, through the file system given. */
  readonly write: (path: string, files?: FileSystem) => Promise<void>
}

const TEXT = 'All the figures of a set, one after another. '.repeat(400)
const PIECES = Array.from({ length: 40 }, (_, i) => new TextEncoder().encode(`${String(i).repeat(300)}\n`))

/** Every form of the writer, and a codec that writes through it. */
export const FORMS: readonly Form[] = [
  { name: 'text', write: (path, files) => replaceFile(path, TEXT, { files }) },
  { name: 'pieces', write: (path, files) => replaceFile(path, PIECES.values(), { files }) },
  {
    name: 'a stream of pieces',
    write: async (path, files) => {
      const replacement = await openReplacement(path, { files })
      for (const piece of PIECES) await replacement.write(piece)
      await replacement.commit()
    },
  },
  {
    name: 'another library',
    write: (path, files) =>
      replaceFileBy(
        path,
        async (temporary) => {
          // A library writes through the same disk, and passes on no code.
          if (files === undefined) return writeFileSync(temporary, TEXT)
          const file = await files.open(temporary, 'create')
          try {
            for (let rest = new TextEncoder().encode(TEXT); rest.length > 0;) {
              rest = rest.subarray(await file.write(rest))
            }
          } finally {
            await file.close()
          }
        },
        { files },
      ),
  },
  {
    name: 'a copy',
    write: (path, files) => {
      const source = join(path, '..', '..', 'source.txt')
      writeFileSync(source, TEXT)
      return replaceFileByCopy(path, source, { files })
    },
  },
  {
    name: 'an .npz archive',
    write: (path, files) =>
      writeNpz(
        path,
        { X: { type: 'float32', shape: [4000], values: Float32Array.from({ length: 4000 }, (_, i) => i) } },
        { files },
      ),
  },
]

/** The content that a form writes. */
export async function contentWritten(form: Form, path: string): Promise<string> {
  await form.write(path)
  return readFileSync(path, 'latin1')
}
