import { z } from 'zod'
import type { HeadUncertainty } from '../fit/head-uncertainty.ts'

/** How sure heads are, as metadata holds it: by head. */
export const headUncertaintySchema: z.ZodType<Readonly<Record<string, HeadUncertainty>>> = z.record(
  z.string(),
  z.object({
    covariance: z.tuple([z.number().min(0), z.number(), z.number().min(0)]),
    centre: z.number(),
    at: z.array(z.object({ x: z.number(), trees: z.number().min(0), groups: z.number().min(0) })).min(1),
    sessions: z.number().int().min(0),
  }),
)

const listed = z.object({ headUncertainty: headUncertaintySchema.optional() })

/**
 * How sure the heads of details of any version are, by head; empty where they do not say. Throws where they say what is none; `source` names the file in
 * the error.
 */
export function headUncertaintyOf(value: unknown, source: string): ReadonlyMap<string, HeadUncertainty> {
  const parsed = listed.safeParse(value ?? {})
  if (parsed.success) return new Map(Object.entries(parsed.data.headUncertainty ?? {}))
  const [issue] = parsed.error.issues
  throw new Error(
    `models: ${source}: details.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Train the set again.`,
  )
}
