import { type Anchor, ANCHORS } from '@breakwater/features'
import { LISTED_FILE } from '@breakwater/formats'
import type { DroppedFeature } from '@breakwater/retrieval'
import { z } from 'zod'

/** What stands in the JSON beside a retrieval index. `Evaluation` is what its writer found out about it. */
export interface IndexRecord<Evaluation = unknown> {
  readonly format: 'breakwater-retrieval'
  readonly version: number
  readonly stage: string
  readonly ablation: string
  readonly anchor: Anchor
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly gitSha: string | null
  readonly libraryVersion: string
  /** The index, relative to this file's folder. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  /** Touches in the index. */
  readonly rows: number
  readonly sessions: readonly string[]
  readonly kNeighbors: number
  /** Most neighbours from one touch cluster; null: no limit. */
  readonly episodeCap: number | null
  readonly partitions: number
  /** Matrix columns in order, and those that the distance does without. */
  readonly features: readonly string[]
  readonly dropped: readonly DroppedFeature[]
  /** The fitted encoder as `encoderToJson` of features writes it. */
  readonly encoder: unknown
  readonly data: { readonly hash: string; readonly files: readonly string[]; readonly schemaVersion: string }
  readonly evaluation: Evaluation
}

const words = z.array(z.string())
const layout: z.ZodType<IndexRecord> = z.object({
  format: z.literal('breakwater-retrieval'),
  version: z.number(),
  stage: z.string(),
  ablation: z.string(),
  anchor: z.enum(ANCHORS),
  timestamp: z.string(),
  gitSha: z.string().nullable(),
  libraryVersion: z.string(),
  file: z.string().regex(LISTED_FILE).endsWith('.safetensors'),
  sha256: z.string().length(64),
  bytes: z.number(),
  rows: z.number(),
  sessions: words,
  kNeighbors: z.number(),
  episodeCap: z.number().nullable(),
  partitions: z.number(),
  features: words,
  dropped: z.array(z.object({ name: z.string(), reason: z.enum(['no values', 'zero variance']) })),
  encoder: z.unknown(),
  data: z.object({ hash: z.string(), files: words, schemaVersion: z.string() }),
  evaluation: z.unknown(),
})

/** The record that `text` holds; `source` names the file in the error. */
export function parseIndexRecord(text: string, source: string): IndexRecord {
  const parsed = layout.safeParse(jsonOf(text, source))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `models: ${source}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Is it the JSON of an index? Run \`breakwater index\` again.`,
  )
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`models: ${source}: is not JSON. Run \`breakwater index\` again, or restore the file.`, { cause })
  }
}
