import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { once } from 'node:events'
import { writeTable } from '@breakwater/features/parquet'
import type { ViewportPayload } from '../payload/outgoing.ts'
import { targetTable } from './target-table.ts'

/** Where published payloads go. */
export interface Sink {
  /** Resolves when more may come. */
  readonly write: (payload: object, viewport: ViewportPayload | undefined) => Promise<void> | void
  /** Finishes the file under its own name. */
  readonly finish: () => Promise<void>
  /** Leaves nothing behind. */
  readonly abandon: () => Promise<void>
}

/**
 * A sink for a path: `.parquet` gets a row a target, anything else a JSON line a payload. Written beside, synced,
 * renamed.
 */
export async function openSink(path: string): Promise<Sink> {
  await mkdir(dirname(path), { recursive: true })
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

function linesSink(path: string): Sink {
  const temporary = `${path}.${process.pid}.tmp`
  const stream = createWriteStream(temporary)
  const failed = new Promise<never>((_, reject) => stream.once('error', reject))
  // Awaited below; until then an error is not lost but kept here.
  failed.catch(() => undefined)
  return {
    write: (payload) => {
      if (stream.write(`${JSON.stringify(payload)}\n`)) return undefined
      return Promise.race([once(stream, 'drain').then(() => undefined), failed])
    },
    finish: async () => {
      stream.end()
      await Promise.race([once(stream, 'close'), failed])
      const file = await open(temporary, 'r+')
      try {
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    },
    abandon: async () => {
      stream.destroy()
      await rm(temporary, { force: true })
    },
  }
}
