import { LISTED_FILE } from '@breakwater/formats'
import type { LawCalibrationFit } from '@breakwater/passage'
import { z } from 'zod'
import type { ServingChoice } from '../fit/serving.ts'
import { type ApproachFit, approachSchema } from '../law/approach-record.ts'

/** How the law of one fold was fitted. */
export interface LawFoldRecord {
  readonly fold: number
  readonly status: 'fitted' | 'skipped'
  readonly reason: string | null
  /** Moments that it was fitted and stopped on. */
  readonly trainRows: number
  readonly validationRows: number
  /** Sum of the training moments' uniqueness: as many moments without overlap would weigh as much. */
  readonly effectiveRows: number
  /** Trees that correct volatility and that tilt the drift. */
  readonly correctionTrees: number
  readonly tiltTrees: number
  /** How the law is shifted by what became of its forecasts, and why; null in sets from before there was any. */
  readonly calibration: LawCalibrationFit | null
  /** How a shift of P(touch) was tried; null in folds whose law is not published and in sets from before there was any. */
  readonly approach: ApproachFit | null
}

/** What one fold serves. */
export interface ServingRecord extends ServingChoice {
  readonly fold: number
}

/** The law of a set: its file, null where the last fold has none, and how each fold's was fitted. */
export interface LawRecord {
  readonly file: string | null
  readonly sha256: string | null
  /** Whether its forecast of volatility reads ranges of bars; else it is the ATR's. */
  readonly bars: boolean
  readonly folds: readonly LawFoldRecord[]
}

const finite = z.number().nullable()

const calibration = z.object({
  calibration: z.object({ volatility: z.number(), drift: z.number(), power: z.number() }),
  reason: z.string(),
  saved: finite,
  standardError: finite,
  sessions: z.number(),
  rows: z.number(),
})

/** A law as metadata holds it. */
export const lawSchema: z.ZodType<LawRecord> = z.object({
  file: z.string().regex(LISTED_FILE).nullable(),
  sha256: z.string().length(64).nullable(),
  bars: z.boolean(),
  folds: z.array(
    z.object({
      fold: z.number(),
      status: z.enum(['fitted', 'skipped']),
      reason: z.string().nullable(),
      trainRows: z.number(),
      validationRows: z.number(),
      effectiveRows: z.number(),
      correctionTrees: z.number(),
      tiltTrees: z.number(),
      calibration: calibration.nullable().default(null),
      approach: approachSchema.nullable().default(null),
    }),
  ),
})

/** What a fold serves as metadata holds it. */
export const servingSchema: z.ZodType<ServingRecord> = z.object({
  fold: z.number(),
  kind: z.enum(['law', 'heads']),
  reason: z.string(),
  saved: finite,
  standardError: finite,
  sessions: z.number(),
  rows: z.number(),
})

/** The law that details list; null where they list none. */
export function lawRecordOf(value: unknown): LawRecord | null {
  const parsed = z.object({ law: lawSchema.nullable() }).safeParse(value)
  return parsed.success ? parsed.data.law : null
}

/** What the set of details serves: the choice of its last fold; the law where they record none. */
export function servedKindOf(value: unknown): ServingRecord['kind'] {
  const parsed = z.object({ serving: z.array(servingSchema) }).safeParse(value)
  return (parsed.success ? parsed.data.serving.at(-1)?.kind : undefined) ?? 'law'
}
