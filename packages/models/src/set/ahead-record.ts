import { type Anchor, ANCHORS } from '@breakwater/features'
import { z } from 'zod'

/** What is still to come from an anchor, over all folds of a training: no head is trained on it, the law forecasts it. */
export interface AheadRecord {
  /** One of `AHEAD_QUESTIONS`, suffixed with its anchor as heads are. */
  readonly name: string
  readonly anchor: Anchor
  /** Rows of the whole data with a target, and the others by reason. */
  readonly used: number
  readonly masked: Readonly<Record<string, number>>
  /** The constant that a forecast must beat: the median of each fold's training rows, dollars; null without any. */
  readonly folds: readonly { readonly fold: number; readonly reference: number | null }[]
}

/** What is checked of such records in a file. */
export const aheadRecords: z.ZodType<readonly AheadRecord[]> = z.array(
  z.object({
    name: z.string(),
    anchor: z.enum(ANCHORS),
    used: z.number(),
    masked: z.record(z.string(), z.number()),
    folds: z.array(z.object({ fold: z.number(), reference: z.number().nullable() })),
  }),
)
