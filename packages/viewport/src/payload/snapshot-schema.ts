import { z } from 'zod'
import { MAX_MS } from '../door/incoming.ts'
import { snapshotLimits } from '../door/limits.ts'

const limits = snapshotLimits()
const price = z.number().positive()
const reading = z.union([z.number(), z.string(), z.boolean(), z.null()])

const barSchema = z
  .object({
    ts: z.int().positive().describe('Start of the minute, milliseconds since 1970 UTC.'),
    open: price,
    high: price,
    low: price,
    close: price,
    volume: z.number().min(0),
  })
  .meta({ id: 'bar', description: 'A one-minute bar that has ended.' })

const levelSchema = z
  .object({
    id: z.string().min(1),
    kind: z.string().min(1).describe('PM_HIGH, ROUND, USER_HOTZONE, ...; kinds that training never saw are allowed.'),
    price: price.describe('Dollars.'),
    physics: z
      .record(z.string(), reading)
      .optional()
      .describe('Readings of order book, tape and options under the names of the signals columns; null is missing.'),
  })
  .meta({ id: 'level', description: 'A price level as the Core Service knows it.' })

const snapshot = z.object({
  ts: z.int().positive().max(MAX_MS).describe('Milliseconds since 1970 UTC; does not go back.'),
  spy: z.object({
    spot: price.describe('Dollars.'),
    bid: price.nullable().optional(),
    ask: price.nullable().optional(),
  }),
  levels: z.array(levelSchema).max(limits.maxLevels),
  bars: z
    .array(barSchema)
    .max(limits.maxBars)
    .optional()
    .describe('Bars that ended since the last snapshot, oldest first.'),
  jump: z.boolean().optional().describe('true where a jump of price in this snapshot is real.'),
})

/** The schema of a snapshot as the door reads it. Unknown fields are let through. */
export const snapshotSchema: z.ZodObject = snapshot
