import type { Context } from '../context.ts'
import { payloadJsonSchema } from '../payload/json-schema.ts'

/** Runs `scorer schema`: prints the JSON Schema of the payload. */
export function runSchema({ out }: Context): void {
  out(`${JSON.stringify(payloadJsonSchema(), null, 2)}\n`)
}
