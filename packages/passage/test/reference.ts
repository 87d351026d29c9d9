import { readFileSync } from 'node:fs'

type Digits = string

/** What test/fixtures/make_reference.py wrote, in 20 of 50 digits. */
interface Reference {
  readonly hit: readonly (readonly [d: number, m: number, value: Digits, byDistance: Digits, byDrift: Digits])[]
  readonly first: readonly (readonly [
    x: number,
    y: number,
    m: number,
    value: Digits,
    byUp: Digits,
    byDown: Digits,
    byDrift: Digits,
  ])[]
  readonly maximum: readonly (readonly [c: number, m: number, value: Digits])[]
}

export const reference = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
) as Reference

/** The difference of a number from the one wanted, in units of the larger of 1 and that. */
export function distance(value: number, wanted: number | string): number {
  return Math.abs(value - Number(wanted)) / Math.max(1, Math.abs(Number(wanted)))
}
