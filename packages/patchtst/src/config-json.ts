import { z } from 'zod'
import type { PatchTstConfig } from './config.ts'

const count = z.int().positive()
const rate = z.number().min(0).lt(1)
const names = z.array(z.string())

const tasks = z.object({
  direction: z.boolean().optional(),
  strength: z.boolean().optional(),
  reach: z.object({ curves: names, horizons: z.array(z.number()) }).optional(),
  forecast: count.optional(),
})

const schema = z.strictObject({
  length: count,
  channels: count,
  channelNames: names,
  statics: z.int().min(0),
  staticNames: names,
  tasks,
  patchLength: count,
  stride: count,
  endPadding: z.boolean(),
  layers: count,
  width: count,
  heads: count,
  feedForward: count,
  dropout: rate,
  attentionDropout: rate,
  headDropout: rate,
  norm: z.enum(['batch', 'layer']),
  residualAttention: z.boolean(),
  instanceNorm: z.boolean(),
  instanceAffine: z.boolean(),
  headWidth: count,
})

/** A model's description as it is kept in files; `refuse` makes the error where it is none. */
export function configFromJson(text: string, refuse: (why: string, cause: unknown) => Error): PatchTstConfig {
  try {
    const { tasks: given, ...network } = schema.parse(JSON.parse(text))
    return { ...network, tasks: withoutAbsent(given) }
  } catch (cause) {
    throw refuse('its description cannot be read', cause)
  }
}

function withoutAbsent({ direction, strength, reach, forecast }: z.infer<typeof tasks>): PatchTstConfig['tasks'] {
  return {
    ...(direction !== undefined && { direction }),
    ...(strength !== undefined && { strength }),
    ...(reach !== undefined && { reach }),
    ...(forecast !== undefined && { forecast }),
  }
}
