import type { Context } from '../context.ts'
import { payloadJsonSchema, type PayloadVersion } from '@breakwater/viewport/payload'

/** Runs `breakwater schema`: prints the JSON Schema of the payload in a version. */
export function runSchema({ out }: Context, { payload }: { readonly payload: PayloadVersion }): void {
  out(`${JSON.stringify(payloadJsonSchema(payload), null, 2)}\n`)
}
