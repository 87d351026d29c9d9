import { z } from 'zod'
import { nanosecondsSchema, viewportSchema, viewportSchemaV1 } from './schema.ts'
import { snapshotSchema } from './snapshot-schema.ts'
import { type PayloadVersion, VIEWPORT_VERSION } from './types.ts'

/**
 * The JSON Schema (draft 2020-12) of the published payload (the snapshot as it came, with `viewport` where scoring is on) in a version, made of the schemas
 * that the scorer itself uses. Integers
 * of more than 53 bits are integers here too.
 */
export function payloadJsonSchema(version: PayloadVersion = VIEWPORT_VERSION): Readonly<Record<string, unknown>> {
  const viewport = version === 1 ? viewportSchemaV1 : viewportSchema
  const schema = z.toJSONSchema(snapshotSchema.extend({ viewport: viewport.optional() }), {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === nanosecondsSchema) jsonSchema.type = 'integer'
    },
  })
  return {
    title: 'levels.signals',
    description: `Levels with the scored viewport of Breakwater, version ${version}.`,
    ...schema,
  }
}
