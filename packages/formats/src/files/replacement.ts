import type { OpenFile } from './file-system.ts'
import { discard, prepareTarget, publish } from './target.ts'
import type { Target, WriteOptions } from './target.ts'
import { writeAll } from './write-all.ts'

/** A file being written in pieces; nothing of it is seen at its path before `commit`. */
export interface Replacement {
  /** Adds bytes, or text as UTF-8. One call at a time. A failure removes what was written, and later calls reject. */
  readonly write: (piece: Uint8Array | string) => Promise<void>
  /** Checks the length, brings the file to the disk and renames it over the path. */
  readonly commit: () => Promise<void>
  /** Removes what was written; nothing after `commit`. */
  readonly abort: () => Promise<void>
}

/** Options of {@link openReplacement}. */
export interface ReplacementOptions extends WriteOptions {
  /** Length of the content, where it is known: the space for it is checked first. */
  readonly bytes?: number | undefined
}

/**
 * Begins to write a file in pieces: whole content at `path` after `commit`, the old content until then and after any
 * failure. The folder is made where there is none. A new file has the permissions and, where the system allows it, the
 * owner of the one it replaces.
 */
export async function openReplacement(path: string, options: ReplacementOptions = {}): Promise<Replacement> {
  const target = await prepareTarget(path, options.bytes ?? null, options)
  let file: OpenFile | null = await openTemporary(target)
  let written = 0
  let failure: unknown = null
  const close = async (): Promise<void> => {
    const open = file
    file = null
    await open?.close()
  }
  const attempt = async (step: (file: OpenFile) => Promise<void>): Promise<void> => {
    if (failure !== null) throw failure as Error
    if (file === null) throw new Error(`formats: ${path}: was committed or aborted already. Open it again.`)
    try {
      target.signal?.throwIfAborted()
      await step(file)
    } catch (cause) {
      await close().catch(() => undefined)
      failure = await discard(target, cause)
      throw failure as Error
    }
  }
  return {
    write: (piece) =>
      attempt(async (open) => {
        const bytes = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece
        await writeAll(open, bytes)
        written += bytes.length
      }),
    commit: () =>
      attempt(async (open) => {
        await checkLength(open, written)
        if (target.durable) await open.sync()
        await close()
        await publish(target)
      }),
    abort: async () => {
      if (file === null) return
      await close().catch(() => undefined)
      await target.files.remove(target.temporary)
    },
  }
}

async function openTemporary(target: Target): Promise<OpenFile> {
  let file: OpenFile | null = null
  try {
    file = await target.files.open(target.temporary, 'create', target.previous?.mode)
    if (target.previous !== null) await file.inherit(target.previous)
    return file
  } catch (cause) {
    await file?.close().catch(() => undefined)
    throw await discard(target, cause)
  }
}

async function checkLength(file: OpenFile, written: number): Promise<void> {
  const size = await file.size()
  if (size !== written) throw new Error(`the file has ${size} of the ${written} bytes that were written`)
}
