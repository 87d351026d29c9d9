import { type Anchor, ANCHORS } from '@breakwater/features'
import { z } from 'zod'

/** A figure with its 95% interval by sessions; null where it does not exist, for a reason. */
export interface GainScore {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reason?: string | undefined
}

/**
 * What is lost of the log loss where the law's tilt sees a column of other sessions in place of its own, in nats, paired by session; above 0
 * where the column adds something.
 */
export interface ColumnGain {
  readonly column: string
  /** Mean over the heads of the anchor that ask for a probability of the means over their rows. */
  readonly gain: GainScore
  /** Of direction alone. */
  readonly direction: GainScore
}

/** What each column adds beyond the law, through its tilt: the law itself does not move. */
export interface ColumnGains {
  readonly anchor: Anchor
  /** Touches of the last fold's test rows, and their sessions. */
  readonly rows: number
  readonly sessions: number
  readonly heads: number
  /** How many other sessions each session's values are taken from; losses are their mean. */
  readonly swaps: number
  /** All columns at once. Columns that say the same stand in for each other, so it may be more than their sum. */
  readonly all: Omit<ColumnGain, 'column'>
  /** Columns that the tilt splits on most, by falling gain. */
  readonly columns: readonly ColumnGain[]
  /** The other columns that it splits on, together; null where there are none. */
  readonly others: (Omit<ColumnGain, 'column'> & { readonly columns: readonly string[] }) | null
}

/** Why it is not known what columns add beyond the law. */
export interface NoColumnGains {
  readonly reason: string
}

const score = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().optional(),
})
const gains = { gain: score, direction: score }

/** What is checked of such gains in a file. */
export const columnGainsSchema: z.ZodType<ColumnGains | NoColumnGains> = z.union([
  z.object({
    anchor: z.enum(ANCHORS),
    rows: z.number(),
    sessions: z.number(),
    heads: z.number(),
    swaps: z.number(),
    all: z.object(gains),
    columns: z.array(z.object({ column: z.string(), ...gains })),
    others: z.object({ columns: z.array(z.string()), ...gains }).nullable(),
  }),
  z.object({ reason: z.string() }),
])
