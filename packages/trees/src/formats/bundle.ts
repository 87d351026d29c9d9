import { decodeModel, encodeModel } from '@breakwater/formats'
import type { OnnxModel } from '@breakwater/formats'
import { z } from 'zod'
import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { modelGraph, OPSETS } from './onnx/export.ts'
import { modelFromGraph } from './onnx/import.ts'

/** Version of the bundle's description; a reader refuses a newer one. */
export const BUNDLE_VERSION = 1

/** Any value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A row of the training data with its raw score: a reader that encodes and scores correctly gives the same. */
export interface GoldenRow {
  /** Values of the row by feature, as the encoder reads them; null for missing. */
  readonly values: Readonly<Record<string, string | number | null>>
  /** Raw score of the encoded row, to the bit. */
  readonly raw: number
}

/** The description of a bundle's model, beside the model itself. Plain JSON: no NaN, no infinities. */
export interface BundleDescription {
  /** Full name with the anchor's suffix. */
  readonly head: string
  readonly stage: string
  readonly ablation: string
  readonly anchor: string
  /** Names of the columns of the data that the encoder reads, in order. */
  readonly features: readonly string[]
  /** The fitted encoder as its own package writes it; opaque here. */
  readonly encoder: Json
  readonly dates: Readonly<Record<'train' | 'validation' | 'calibration' | 'test', readonly string[]>>
  readonly metrics: Json
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly dataHash: string
  readonly gitSha: string | null
  readonly libraryVersion: string
  readonly schemaVersion: string
  /** The fitted calibrator, or null for raw tree outputs. */
  readonly calibrator: Json
  /** Absent in a bundle whose writer had no rows. */
  readonly golden?: GoldenRow | undefined
}

/** A model with its description. */
export interface Bundle {
  readonly model: TreeModel
  readonly description: BundleDescription
}

const KEY = 'breakwater.bundle'
const GAIN_KEY = 'breakwater.gain'
const IR_VERSION = 8

const dates = z.array(z.string())
const layout = z.strictObject({
  format: z.literal('breakwater-bundle'),
  version: z.number().int(),
  objective: z.enum(['logistic', 'squared', 'absolute', 'huber', 'quantile', 'poisson', 'custom']),
  columns: z.array(z.string()).min(1),
  trees: z.number().int().nonnegative(),
  description: z.strictObject({
    head: z.string().min(1),
    stage: z.string(),
    ablation: z.string(),
    anchor: z.string(),
    features: z.array(z.string()),
    encoder: z.json(),
    dates: z.strictObject({ train: dates, validation: dates, calibration: dates, test: dates }),
    metrics: z.json(),
    timestamp: z.string(),
    dataHash: z.string(),
    gitSha: z.string().nullable(),
    libraryVersion: z.string(),
    schemaVersion: z.string(),
    calibrator: z.json(),
    golden: z
      .strictObject({
        values: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
        raw: z.number(),
      })
      .optional(),
  }),
})

/**
 * A bundle as the bytes of a standard ONNX file (see `modelGraph`), its description in the file's metadata. The same
 * model and description give the same bytes. Throws on a description that its own reader would refuse.
 */
export function encodeBundle({ model, description }: Bundle): Uint8Array {
  const header = {
    format: 'breakwater-bundle',
    version: BUNDLE_VERSION,
    objective: model.objective,
    columns: model.columns,
    trees: treeCount(model),
    description,
  }
  checkHeader(header, description.head)
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'breakwater',
    producerVersion: description.libraryVersion,
    opsets: OPSETS,
    metadata: new Map([
      [KEY, JSON.stringify(header)],
      [GAIN_KEY, toBase64(model.gain)],
    ]),
    graph: modelGraph(model),
  })
}

/**
 * The bundle that {@link encodeBundle} wrote; its model predicts the same bits. `source` names the file in errors.
 * Refuses bytes that are truncated, foreign, damaged or of a newer version. Runs no code of the file.
 */
export function decodeBundle(bytes: Uint8Array, source = 'bundle'): Bundle {
  const file = onnxOf(bytes, source)
  const text = file.metadata.get(KEY)
  if (text === undefined) {
    throw new Error(`trees: ${source}: is ONNX but not a bundle: it lacks ${KEY}. Pass a file that training wrote.`)
  }
  const header = checkHeader(parseJson(text, source), source)
  const gain = fromBase64(file.metadata.get(GAIN_KEY) ?? '')
  const { objective, columns, trees } = header
  return { model: modelFromGraph(file, { objective, columns, trees, gain }), description: header.description }
}

function onnxOf(bytes: Uint8Array, source: string): OnnxModel {
  try {
    return decodeModel(bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`trees: ${source}: ${reason}.`, { cause })
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`trees: ${source}: ${KEY} is not JSON. The file is damaged: train again.`, { cause })
  }
}

function checkHeader(value: unknown, source: string): z.infer<typeof layout> {
  const parsed = layout.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`trees: ${source}: ${KEY}.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}.`)
  }
  if (parsed.data.version > BUNDLE_VERSION) {
    throw new Error(
      `trees: ${source}: version=${parsed.data.version}: is newer than ${BUNDLE_VERSION}, the newest known. Update @breakwater/trees.`,
    )
  }
  return parsed.data
}

function toBase64(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  let binary = ''
  for (const byte of bytes) binary += String.fromCodePoint(byte)
  return btoa(binary)
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Value of each character code as a base64 digit; 255 for others. */
const DIGIT_VALUES = Uint8Array.from({ length: 256 }, (_, code) => DIGITS.indexOf(String.fromCodePoint(code)))

/** Padded base64 as floats. Several times faster than atob, whose result is a string; a bundle has 4 bytes per node. */
function fromBase64(text: string): Float32Array {
  const codes = new TextEncoder().encode(text)
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='))
  const bytes = new Uint8Array(Math.max(0, (codes.length / 4) * 3 - padding))
  codes.fill(65, codes.length - padding)
  let wrong = codes.length % 4 === 0 && bytes.length % 4 === 0 ? 0 : 128
  for (let from = 0, to = 0; from < codes.length && wrong < 128; from += 4, to += 3) {
    const a = DIGIT_VALUES[codes[from] as number] as number
    const b = DIGIT_VALUES[codes[from + 1] as number] as number
    const c = DIGIT_VALUES[codes[from + 2] as number] as number
    const d = DIGIT_VALUES[codes[from + 3] as number] as number
    wrong |= a | b | c | d
    // What lies past the end is not stored.
    bytes[to] = (a << 2) | (b >> 4)
    bytes[to + 1] = (b << 4) | (c >> 2)
    bytes[to + 2] = (c << 6) | d
  }
  if (wrong >= 128) throw new Error(`trees: bundle: ${GAIN_KEY} is damaged. Train again.`)
  return new Float32Array(bytes.buffer)
}
