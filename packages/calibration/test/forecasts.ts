import * as fc from 'fast-check'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Probabilities, many of them tied, each with an outcome. */
export const anyForecasts: fc.Arbitrary<{ readonly p: number[]; readonly y: number[] }> = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 4 }).map((k) => k / 4),
      ),
      fc.constantFrom(0, 1),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) => ({ p: rows.map(([p]) => p), y: rows.map(([, y]) => y) }))

/** Uniform numbers in [0, 1) from a seed. */
export function uniforms(seed: number): () => number {
  const random = xoroshiro128plus(seed)
  return () => uniformFloat64(random)
}

/** Rows whose outcomes come true as often as they are forecast. */
export function calibrated(rows: number, seed: number): { readonly p: Float64Array; readonly y: Uint8Array } {
  const random = uniforms(seed)
  const p = Float64Array.from({ length: rows }, random)
  return { p, y: Uint8Array.from(p, (forecast) => Number(random() < forecast)) }
}

/** How far two scores lie apart: 0 where neither exists, infinite where only one does. */
export function apart(a: number | null, b: number | null): number {
  if (a === null || b === null) return a === b ? 0 : Number.POSITIVE_INFINITY
  return Math.abs(a - b)
}
