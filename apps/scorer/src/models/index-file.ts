import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Encoder, encoderFromJson } from '@breakwater/features'
import type { RetrievalIndex } from '@breakwater/retrieval'
import { loadIndex } from '@breakwater/retrieval/node'
import { z } from 'zod'

/** What stands beside an index. */
const record = z.object({
  format: z.literal('breakwater-retrieval'),
  stage: z.enum(['stage_a', 'stage_b']),
  ablation: z.string(),
  anchor: z.enum(['2min', '4min', '8min']),
  file: z.string().regex(/^[\w.-]+\.safetensors$/),
  sha256: z.string().length(64),
  encoder: z.unknown(),
  data: z.object({ schemaVersion: z.string() }),
})

/** The JSON beside an index, checked. */
export type IndexRecord = z.output<typeof record>

/** An index with its encoder and record. */
export interface ReadIndex {
  readonly index: RetrievalIndex
  readonly encoder: Encoder
  readonly record: IndexRecord
}

/** Reads and checks the JSON beside an index. */
export async function readIndexRecord(path: string): Promise<IndexRecord> {
  if (!existsSync(path)) {
    throw new Error(`scorer: ${path}: the retrieval index is missing. Run \`trainer index\`, or unset VIEWPORT_RETRIEVAL_INDEX.`)
  }
  const parsed = record.safeParse(jsonOf(await readFile(path, 'utf8'), path))
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
  const { index, metadata } = await loadIndex(file, { features: encoder.columns })
  const named = metadata['data_sha256']
  const stated = { stage: metadata['stage'], ablation: metadata['ablation'], anchor: metadata['anchor'] }
  for (const [name, value] of Object.entries(stated)) {
    const wanted: unknown = Reflect.get(found, name)
    if (value === wanted) continue
    throw new Error(
      `scorer: ${file}: ${name}=${value}: ${basename(path)} says ${String(wanted)}: the two are not of one writing (data ${named}). Run \`trainer index\` again.`,
    )
  }
  return { index, encoder, record: found }
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`scorer: ${path}: is not JSON. Run \`trainer index\` again, or restore the file.`, { cause })
  }
}
