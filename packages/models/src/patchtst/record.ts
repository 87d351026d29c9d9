import { type Anchor, ANCHORS } from '@breakwater/features'
import type { StaticFill } from '@breakwater/patchtst'
import { z } from 'zod'

/** What stands in the model file beside the network, under the key `breakwater`: all that later commands need. */
export interface ModelRecord {
  readonly format: 'breakwater-patchtst'
  readonly version: 1
  /** Of the labels, and what they were made with; null where the sequence files do not record it. */
  readonly anchor: string | null
  readonly thresholds: readonly number[] | null
  readonly signalsHash: string | null
  readonly trainDates: readonly string[]
  readonly validationDates: readonly string[]
  readonly trainSamples: number
  readonly validationSamples: number
  readonly statics: StaticFill
  /** Constant forecasts from the training samples: the share of breaks, the median strength. */
  readonly reference: { readonly direction: number | null; readonly strength: number | null }
  readonly seed: number
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly gitSha: string | null
  readonly libraryVersion: string
}

const names = z.array(z.string())
const modelRecord = z.object({
  format: z.literal('breakwater-patchtst'),
  version: z.literal(1),
  anchor: z.string().nullable(),
  thresholds: z.array(z.number()).nullable(),
  signalsHash: z.string().nullable(),
  trainDates: names,
  validationDates: names,
  trainSamples: z.number(),
  validationSamples: z.number(),
  statics: z.object({ kept: names, values: z.array(z.number()), flagged: names, names }),
  reference: z.object({ direction: z.number().nullable(), strength: z.number().nullable() }),
  seed: z.number(),
  timestamp: z.string(),
  gitSha: z.string().nullable(),
  libraryVersion: z.string(),
})

/** Key of the record in the model's metadata. */
export const RECORD_KEY = 'breakwater'

/** The record of a loaded model; `source` names the file in the error. */
export function parseRecord(details: Readonly<Record<string, string>>, source: string): ModelRecord {
  const text = details[RECORD_KEY]
  const parsed = modelRecord.safeParse(text === undefined ? undefined : jsonOf(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `models: ${source}: ${RECORD_KEY}.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Train it with \`breakwater patchtst\`.`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fileAbout = z.object({ anchor: z.string(), thresholds: z.array(z.number()), signals_hash: z.string() })

/** What a model records about its sequence files. */
export interface FileAbout {
  readonly anchor: string
  readonly thresholds: readonly number[]
  readonly signalsHash: string
}

/** Reads the metadata of a sequence file; null where it records nothing. */
export function aboutFile(metadata: string): FileAbout | null {
  const parsed = fileAbout.safeParse(jsonOf(metadata))
  if (!parsed.success) return null
  const { anchor, thresholds, signals_hash: signalsHash } = parsed.data
  return { anchor, thresholds, signalsHash }
}

/** The anchor called `name`; throws on any other word. */
export function anchorNamed(name: string | null, source: string): Anchor {
  const anchor = ANCHORS.find((each) => each === name)
  if (anchor !== undefined) return anchor
  throw new Error(
    `models: ${source}: anchor=${name}: must be one of ${ANCHORS.join(', ')}. Train it on files of \`breakwater sequences\`.`,
  )
}
