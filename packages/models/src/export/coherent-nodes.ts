import type { HeadSpec } from '../law/outcomes.ts'
import type { Arithmetic } from './arithmetic.ts'

type Thresholds = Pick<HeadSpec, 'thresholds' | 'horizons'>

/** Sides in the order of a surface: either, break, bounce. */
const SIDES = 3

/** Place of a reach probability among the values of a surface; tradeable and direction follow the last. */
export const reachPlace = ({ horizons }: Thresholds, threshold: number, side: number, horizon: number): number =>
  (threshold * SIDES + side) * horizons.length + horizon

/** Number of reach probabilities of a surface, and so the place of tradeable; direction is the next. */
export const reachCount = ({ thresholds, horizons }: Thresholds): number => SIDES * thresholds.length * horizons.length

/**
 * `makeCoherent` of passage: reach, P(the band is left) and P(it is left through the break side), put in order. One result a question, any
 * shape, the same for all.
 */
export function coherentNodes(
  { add, max, min, sub }: Arithmetic,
  spec: Thresholds,
  given: readonly string[],
): string[] {
  const values = [...given]
  const { thresholds, horizons } = spec
  const place = (i: number, s: number, j: number): number => reachPlace(spec, i, s, j)
  const value = (i: number, s: number, j: number): string => values[place(i, s, j)] as string
  const raise = (s: number): void => {
    for (let i = thresholds.length - 1; i >= 0; i--) {
      for (let j = 0; j < horizons.length; j++) {
        const shorter = j > 0 ? [value(i, s, j - 1)] : []
        const further = i + 1 < thresholds.length ? [value(i + 1, s, j)] : []
        values[place(i, s, j)] = min(max(value(i, s, j), ...shorter, ...further), 1)
      }
    }
  }
  raise(1)
  raise(2)
  for (let i = 0; i < thresholds.length; i++) {
    for (let j = 0; j < horizons.length; j++) {
      const [up, down] = [value(i, 1, j), value(i, 2, j)]
      values[place(i, 0, j)] = min(add(up, down), max(up, down, value(i, 0, j)), 1)
    }
  }
  raise(0)
  const at = reachCount(spec)
  const last = thresholds.length - 1
  const left = min(max(values[at] as string, value(last, 0, horizons.length - 1)), 1)
  const lows = horizons.map((_, j) => sub(value(last, 0, j), value(last, 2, j)))
  const highs = horizons.map((_, j) => sub(left, sub(value(last, 0, j), value(last, 1, j))))
  values[at] = left
  values[at + 1] = min(left, ...highs, max(...lows, 0, values[at + 1] as string))
  return values
}

/** `projectCoherent` of passage: coherent probabilities near given ones, direction conditional in both. */
export function projectedNodes(ops: Arithmetic, spec: Thresholds, given: readonly string[]): string[] {
  const { div, less, min, mul, where } = ops
  const at = reachCount(spec)
  const direction = given[at + 1] as string
  const values = coherentNodes(ops, spec, [...given.slice(0, at + 1), mul(direction, given[at] as string)])
  const left = values[at] as string
  values[at + 1] = where(less(0, left), min(div(values[at + 1] as string, left), 1), direction)
  return values
}
