import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Encoder, encoderFromJson } from '@breakwater/features'
import type { RetrievalIndex } from '@breakwater/retrieval'
import { loadIndex } from '@breakwater/retrieval/node'
import { z } from 'zod'
import { hashOf } from './files.ts'

/** What the JSON beside an index says, as far as it matters here. */
export interface IndexRecord {
  readonly stage: string
  readonly ablation: string
  readonly anchor: string
  /** The index beside it. */
  readonly file: string
  readonly sha256: string
  readonly encoder: unknown
  readonly data: { readonly schemaVersion: string }
}

const layout: z.ZodType<IndexRecord> = z.object({
  format: z.literal('breakwater-retrieval'),
  stage: z.string(),
  ablation: z.string(),
  anchor: z.string(),
  file: z.string().regex(/^[\w.-]+\.safetensors$/),
  sha256: z.string().length(64),
  encoder: z.unknown(),
  data: z.object({ schemaVersion: z.string() }),
})

/** An index with its encoder and record. */
export interface ReadIndex {
  readonly index: RetrievalIndex
  readonly encoder: Encoder
  readonly record: IndexRecord
}

/** Reads and checks the JSON beside an index. */
export async function readIndexRecord(path: string): Promise<IndexRecord> {
  if (!existsSync(path)) {
    throw new Error(
      `scorer: ${path}: the retrieval index is missing. Run \`trainer index\`, or unset VIEWPORT_RETRIEVAL_INDEX.`,
    )
  }
  const parsed = layout.safeParse(jsonOf(await readFile(path, 'utf8'), path))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `scorer: ${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Is it the JSON of an index? Run \`trainer index\` again.`,
  )
}

/** Reads the index that a record names; its hash, format and features are checked. Runs no code of the file. */
export async function readIndex(path: string, found: IndexRecord): Promise<ReadIndex> {
  const file = join(dirname(path), found.file)
  const encoder = encoderFromJson(found.encoder)
  const { index } = await loadIndex(file, { features: encoder.columns })
  // After reading: a file is replaced once and never back, so what was read before has this hash too.
  if ((await hashOf(file)) === found.sha256) return { index, encoder, record: found }
  throw new Error(
    `scorer: ${file}: its SHA-256 is not the one in ${basename(path)}: it was changed after it was written. Run \`trainer index\` again.`,
  )
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`scorer: ${path}: is not JSON. Run \`trainer index\` again, or restore the file.`, { cause })
  }
}
