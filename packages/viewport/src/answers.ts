import type { ReachPlace } from './heads.ts'
import type { ByHorizon, Interval, IntervalByHorizon } from './target.ts'

/** The answers of models for one row, by place; NaN where there is none. */
export interface Answers {
  readonly values: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/** A head's answer out of its range. */
export class AnswerError extends Error {}

/** The number at a place; null where there is none. Throws {@link AnswerError} where it is not finite. */
export function numberAt({ values }: Answers, place: number, head: string): number | null {
  const value = place < 0 ? Number.NaN : (values[place] ?? Number.NaN)
  if (Number.isNaN(value)) return null
  if (Number.isFinite(value)) return value
  throw new AnswerError(`viewport: ${head}=${value}: must be finite. Is the bundle damaged?`)
}

/** The probability at a place; null where there is none. Throws {@link AnswerError} where it is outside [0, 1]. */
export function probabilityAt({ values }: Answers, place: number, head: string): number | null {
  const value = place < 0 ? Number.NaN : (values[place] ?? Number.NaN)
  if (Number.isNaN(value)) return null
  if (value >= 0 && value <= 1) return value
  throw new AnswerError(`viewport: ${head}=${value}: must lie in [0, 1]. Does the predictor give raw scores?`)
}

/** The interval at a place; null where there is none. */
export function rangeAt({ low, high }: Answers, place: number): Interval | null {
  const [from, to] = [low[place] ?? Number.NaN, high[place] ?? Number.NaN]
  return place < 0 || !Number.isFinite(from) || !Number.isFinite(to) ? null : [from, to]
}

/** The interval of P(A and B) by those of P(A) and P(B | A): the products of their ends, which hold it where both hold theirs. */
export const jointInterval = (a: Interval, b: Interval): Interval => [a[0] * b[0], a[1] * b[1]]

/** Steps of a published interval: its decimals are short, as its ends are estimates. */
const STEPS = 1e4

/** An interval of a probability as it is published: rounded outward, within [0, 1]. */
export function published(range: Interval | null): Interval | null {
  if (range === null) return null
  return [Math.max(0, Math.floor(range[0] * STEPS) / STEPS), Math.min(1, Math.ceil(range[1] * STEPS) / STEPS)]
}

/** Probabilities by horizon. */
export function byHorizon(answers: Answers, places: readonly ReachPlace[]): ByHorizon {
  return eachHorizon(places, ({ place, head }) => probabilityAt(answers, place, head))
}

/** Their intervals. */
export function rangesByHorizon(answers: Answers, places: readonly ReachPlace[]): IntervalByHorizon {
  return eachHorizon(places, ({ place }) => published(rangeAt(answers, place)))
}

/**
 * A record keyed by horizons. An engine keeps small whole-number keys as an array, here of a slot for every second up to the last horizon: 4 kB
 * where there are four values. A key that cannot be removed makes it keep the few that there are.
 */
function eachHorizon<T>(places: readonly ReachPlace[], valueOf: (place: ReachPlace) => T): Record<string, T> {
  const made: Record<string, T> = {}
  for (const [i, place] of places.entries()) {
    const value = valueOf(place)
    if (i > 0) made[place.horizon] = value
    else Object.defineProperty(made, place.horizon, { value, enumerable: true, writable: true })
  }
  return made
}

/** Whether one of the places has an interval. */
export function hasInterval({ low, high }: Answers, places: Iterable<number>): boolean {
  for (const place of places) if (place >= 0 && Number.isFinite(low[place]) && Number.isFinite(high[place])) return true
  return false
}

/** Whether an answer at one of the places has no interval. */
export function lacksInterval({ values, low, high }: Answers, places: Iterable<number>): boolean {
  for (const place of places) {
    if (place >= 0 && !Number.isNaN(values[place]) && !(Number.isFinite(low[place]) && Number.isFinite(high[place])))
      return true
  }
  return false
}

/** P(not A) from P(A). */
export const mirrored = (range: Interval | null): Interval | null =>
  range === null ? null : [1 - range[1], 1 - range[0]]

/** Names of loaded heads that gave no answer. */
export function silentHeads(
  { values }: Answers,
  places: Iterable<{ readonly head: string; readonly place: number }>,
): string[] {
  const silent: string[] = []
  for (const { head, place } of places) if (place >= 0 && Number.isNaN(values[place])) silent.push(head)
  return silent
}
