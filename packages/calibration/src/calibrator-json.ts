import { z } from 'zod'
import type { Calibrator } from './calibrator.ts'
import type { ConformalInterval } from './conformal.ts'

const probability = z.number().min(0).max(1)
const finite = z.number()
const steps = z
  .strictObject({ x: z.array(probability), y: z.array(probability) })
  .refine(({ x, y }) => x.length === y.length, 'x and y differ in length')
  .refine(({ x }) => rises(x, true), 'x does not rise')
  .refine(({ y }) => rises(y, false), 'y falls')

const layout = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('identity') }),
  z.strictObject({ kind: z.literal('platt'), slope: finite.min(0), intercept: finite }),
  z.strictObject({ kind: z.literal('beta'), a: finite.min(0), b: finite.min(0), c: finite }),
  z.strictObject({ kind: z.literal('temperature'), temperature: finite.positive() }),
  z
    .strictObject({
      kind: z.enum(['isotonic', 'centred-isotonic']),
      x: z.array(probability).min(1),
      y: z.array(probability).min(1),
    })
    .refine(({ x, y }) => x.length === y.length, 'x and y differ in length')
    .refine(({ x }) => rises(x, true), 'x does not rise')
    .refine(({ y }) => rises(y, false), 'y falls'),
  z.strictObject({ kind: z.literal('venn-abers'), low: steps, high: steps }),
])

function rises(values: readonly number[], strictly: boolean): boolean {
  return values.every((value, i) => {
    const before = values[i - 1] ?? Number.NEGATIVE_INFINITY
    return strictly ? value > before : value >= before
  })
}

/**
 * The calibrator that a JSON value holds: the inverse of JSON.stringify. Throws, naming `source` and the field, on what
 * is not a calibrator or is a damaged one (points out of order, a value outside [0, 1]). Runs no code of the value.
 */
export function calibratorFromJson(value: unknown, source = 'calibrator'): Calibrator {
  return parsed(layout, value, source)
}

const conformal = z.strictObject({
  kind: z.literal('conformal'),
  level: z.number().gt(0).lt(1),
  radius: z.number().nonnegative(),
})

/** The conformal interval that a JSON value holds; throws as {@link calibratorFromJson} does. */
export function conformalFromJson(value: unknown, source = 'calibrator'): ConformalInterval {
  return parsed(conformal, value, source)
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Error(
    `calibration: ${source}${issue?.path.map((part) => `.${String(part)}`).join('') ?? ''}: ` +
      `${issue?.message ?? 'is not valid'}. Is it a calibrator of this version? Train again.`,
  )
}
