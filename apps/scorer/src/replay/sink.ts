import { openReplacement } from '@breakwater/formats/node'
import { writeTable } from '@breakwater/features/parquet'
import { type AnyViewportPayload, targetTable } from '@breakwater/viewport/payload'

/** Where published payloads go. */
export interface Sink {
  /** Resolves when more may come. */
  readonly write: (payload: object, viewport: AnyViewportPayload | undefined) => Promise<void> | void
  /** Finishes the file under its own name. */
  readonly finish: () => Promise<void>
  /** Leaves nothing behind. */
  readonly abandon: () => Promise<void>
}

/** Characters that are gathered before they go to the file. */
const FLUSHED_LENGTH = 65_536

/**
 * A sink for a path: `.parquet` gets a row per target, anything else a JSON line per payload. The file is replaced whole or not
 * at all.
 */
export async function openSink(path: string): Promise<Sink> {
  return path.endsWith('.parquet') ? parquetSink(path) : linesSink(path)
}

function parquetSink(path: string): Sink {
  const table = targetTable()
  return {
    write: (_, viewport) => {
      if (viewport !== undefined) table.add(viewport)
    },
    finish: () => writeTable(path, table.finish()),
    abandon: () => Promise.resolve(),
  }
}

async function linesSink(path: string): Promise<Sink> {
  const file = await openReplacement(path)
  let lines = ''
  const flush = async (): Promise<void> => {
    const full = lines
    lines = ''
    await file.write(full)
  }
  return {
    write: (payload) => {
      lines += `${JSON.stringify(payload)}\n`
      return lines.length < FLUSHED_LENGTH ? undefined : flush()
    },
    finish: async () => {
      await flush()
      await file.commit()
    },
    abandon: file.abort,
  }
}
