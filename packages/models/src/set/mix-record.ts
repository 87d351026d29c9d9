import { type Anchor, ANCHORS } from '@breakwater/features'
import { MIX_KINDS, type StageModels } from '@breakwater/viewport'
import { z } from 'zod'
import type { SetMix } from '../fit/mix.ts'

const finite = z.number().nullable()
const term = z.object({ saved: finite, standardError: finite })

/** A mix as metadata holds it. */
export const mixSchema: z.ZodType<SetMix> = z.object({
  kind: z.enum(MIX_KINDS),
  neighbours: z.number(),
  episodeCap: z.number(),
  fits: z.array(
    z.object({
      fold: z.number(),
      anchor: z.enum(ANCHORS),
      neighbours: finite,
      gate: finite,
      reasons: z.object({ neighbours: z.string(), gate: z.string() }),
      tested: z.object({ neighbours: term, gate: term }),
      rows: z.number(),
      sessions: z.number(),
    }),
  ),
})

/** How neighbours and gate enter what the set of details serves at an anchor: its kind, and the terms of the last fold; null where it says nothing. */
export function mixOfDetails(value: unknown, anchor: Anchor): NonNullable<StageModels['mix']> | null {
  const parsed = z.object({ mix: mixSchema }).safeParse(value)
  if (!parsed.success) return null
  const { kind, fits } = parsed.data.mix
  const last = fits.findLast((one) => one.anchor === anchor)
  if (last === undefined) return { kind, fitted: null }
  const { neighbours, gate, reasons } = last
  return { kind, fitted: { neighbours, gate, reasons } }
}
