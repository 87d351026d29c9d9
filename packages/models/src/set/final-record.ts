import { z } from 'zod'

/** The fit of all sessions, as metadata holds it. */
export interface FinalRecord {
  /** Sessions that the served models were fitted on, in order. */
  readonly dates: readonly string[]
  readonly rows: number
  /** The fold whose choice of what is served, calibration of the law and uncertainty the fit keeps. */
  readonly fold: number
  readonly heads: readonly {
    readonly name: string
    /** The median of those of the folds that trained the head. */
    readonly trees: number
    readonly trainRows: number
    /** The fold whose map it keeps. */
    readonly calibratorFold: number
  }[]
  /** Null where the last fold has none. */
  readonly law: {
    readonly trainRows: number
    readonly effectiveRows: number
    readonly correctionTrees: number
    readonly tiltTrees: number
    readonly approachTrees: number
  } | null
  /** Which figures are whose, for a person. */
  readonly figures: string
}

/** What is said of the figures of a final fit. */
export const FINAL_FIGURES =
  'none: these models were fitted on every session, the tested ones too; the figures of the metadata are those of the walk-forward folds'

/** A final fit as metadata holds it. */
export const finalSchema: z.ZodType<FinalRecord> = z.object({
  dates: z.array(z.string()),
  rows: z.number(),
  fold: z.number(),
  heads: z.array(z.object({ name: z.string(), trees: z.number(), trainRows: z.number(), calibratorFold: z.number() })),
  law: z
    .object({
      trainRows: z.number(),
      effectiveRows: z.number(),
      correctionTrees: z.number(),
      tiltTrees: z.number(),
      approachTrees: z.number().default(0),
    })
    .nullable(),
  figures: z.string(),
})
