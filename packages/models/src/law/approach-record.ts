import { z } from 'zod'

/** What a shift of P(touch) saves beyond the law alone on some sessions, by the mean over its horizons of log loss. */
export interface ApproachScore {
  readonly law: number
  readonly shifted: number
  /** `law` less `shifted`, and its standard error, paired by session. */
  readonly saved: number
  readonly standardError: number
  readonly sessions: number
  readonly rows: number
}

/** How a law's shift of P(touch) was tried, and what it came to. Plain data. */
export interface ApproachFit {
  readonly isKept: boolean
  readonly reason: string
  /** Of the ensemble that stops on all validation sessions, kept or not. */
  readonly trees: number
  /** By which it was chosen: sessions that the ensemble that is scored was neither trained nor stopped on; null where too few. */
  readonly chosen: ApproachScore | null
  /** On test sessions, kept or not; null without any. */
  readonly tested: ApproachScore | null
}

const score = z.object({
  law: z.number(),
  shifted: z.number(),
  saved: z.number(),
  standardError: z.number(),
  sessions: z.number(),
  rows: z.number(),
})

/** A shift as metadata holds it. */
export const approachSchema: z.ZodType<ApproachFit> = z.object({
  isKept: z.boolean(),
  reason: z.string(),
  trees: z.number(),
  chosen: score.nullable(),
  tested: score.nullable(),
})
