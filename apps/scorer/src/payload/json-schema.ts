import { z } from 'zod'
import { snapshotSchema } from './incoming.ts'
import { nanosecondsSchema, viewportSchema } from './outgoing.ts'

/** What is published on `levels.signals`: the snapshot as it came, with `viewport` where scoring is on. */
const payloadSchema = snapshotSchema.extend({ viewport: viewportSchema.optional() })

/**
 * The JSON Schema (draft 2020-12) of the published payload, made of the schemas that the scorer itself uses. Integers
 * of more than 53 bits are integers here too.
 */
export function payloadJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(payloadSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === nanosecondsSchema) jsonSchema.type = 'integer'
    },
  })
  return {
    title: 'levels.signals',
    description: 'Levels with the scored viewport of Breakwater, version 1.',
    ...schema,
  }
}
