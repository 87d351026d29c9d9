import { z } from 'zod'
import { makeEncoder } from './encode.ts'
import type { Encoder } from './encode.ts'

/** Version of the encoder's JSON; a reader refuses another. */
export const ENCODER_VERSION = 1

const layout = z.strictObject({
  format: z.literal('breakwater-encoder'),
  version: z.literal(ENCODER_VERSION),
  encodings: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ name: z.string().min(1), kind: z.literal('number') }),
        z.strictObject({ name: z.string().min(1), kind: z.literal('category'), categories: z.array(z.string()) }),
      ]),
    )
    .min(1),
})

/** The encoder as plain JSON-able data with its format and version. */
export function encoderToJson({ encodings }: Encoder): unknown {
  return { format: 'breakwater-encoder', version: ENCODER_VERSION, encodings }
}

/** The encoder that {@link encoderToJson} wrote. Throws naming the place inside the JSON that is wrong. */
export function encoderFromJson(json: unknown): Encoder {
  const parsed = layout.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(
      `features: encoder.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Train again.`,
    )
  }
  return makeEncoder(parsed.data.encodings)
}
