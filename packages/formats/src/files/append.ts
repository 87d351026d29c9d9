import { dirname } from 'node:path'
import { writeFailure } from './failure.ts'
import type { OpenFile } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import type { WriteOptions } from './target.ts'
import { writeAll } from './write-all.ts'

/** A file that only grows, by whole records. */
export interface Appender {
  /** Adds one record, whole or not at all. One call at a time. */
  readonly append: (record: Uint8Array) => Promise<void>
  /** Brings the file to the disk and closes it. */
  readonly close: () => Promise<void>
}

/** Begins a file of records with `header`. Throws where something lies at the path already. */
export async function createAppender(
  path: string,
  header: Uint8Array,
  { files = nodeFileSystem }: Pick<WriteOptions, 'files'> = {},
): Promise<Appender> {
  const file = await files.open(path, 'create').catch((cause: unknown) => {
    throw writeFailure({ path, deed: 'written', state: 'nothing was changed' }, cause)
  })
  let length = 0
  const append = async (record: Uint8Array): Promise<void> => {
    await appendWhole(file, { path, length, record })
    length += record.length
  }
  try {
    await append(header)
    await files.syncFolder(dirname(path))
  } catch (cause) {
    await file.close().catch(() => undefined)
    await files.remove(path).catch(() => undefined)
    throw writeFailure({ path, deed: 'written', state: 'no file was written' }, cause)
  }
  return {
    append,
    close: async () => {
      try {
        await file.sync()
        await file.close()
      } catch (cause) {
        throw writeFailure({ path, deed: 'brought to the disk', state: 'its last records may be lost' }, cause)
      }
    },
  }
}

/**
 * Adds one line to a file, which is made where there is none: the whole line with its line end, or nothing. What follows
 * the last line end, which a killed process or a loss of power cut short, is removed first: its recording never returned.
 * Where `durable` is true (the default) the line is on the disk when the promise resolves.
 */
export async function appendLine(
  path: string,
  line: string,
  { durable = true, files = nodeFileSystem }: Pick<WriteOptions, 'durable' | 'files'> = {},
): Promise<void> {
  if (line.includes('\n')) throw new RangeError(`formats: line=${JSON.stringify(line)}: must be one line. Split it.`)
  const state = 'the lines before it are unchanged'
  try {
    const file = await files.open(path, 'append')
    try {
      const length = await wholeLines(file)
      await appendWhole(file, { path, length, record: new TextEncoder().encode(`${line}\n`) })
      if (durable) await file.sync()
      if (durable && length === 0) await files.syncFolder(dirname(path))
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw writeFailure({ path, deed: 'appended to', state }, cause)
  }
}

interface Addition {
  readonly path: string
  /** Length of the file before it. */
  readonly length: number
  readonly record: Uint8Array
}

async function appendWhole(file: OpenFile, { path, length, record }: Addition): Promise<void> {
  try {
    await writeAll(file, record)
  } catch (cause) {
    let state = 'the records before it are unchanged'
    try {
      await file.truncate(length)
    } catch {
      state += ', and a part of the new one follows them'
    }
    throw writeFailure({ path, deed: 'appended to', state }, cause)
  }
}

const LINE_END = 0x0a
const PIECE = 65_536

/** Cuts off what follows the last line end; resolves to the length that is left. */
async function wholeLines(file: OpenFile): Promise<number> {
  const size = await file.size()
  let end = size
  while (end > 0) {
    const from = end === size ? end - 1 : Math.max(0, end - PIECE)
    const at = (await file.read(from, end - from)).lastIndexOf(LINE_END)
    if (at >= 0) {
      end = from + at + 1
      break
    }
    end = from
  }
  if (end < size) await file.truncate(end)
  return end
}
