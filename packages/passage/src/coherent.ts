import { probabilityCount, reachIndex, type SurfaceSpec } from './questions.ts'

/**
 * Puts the probabilities of a mixture in order, in place: `values` holds reach, P(the band is left), P(it is left
 * through the break side). Sums over weights of exact probabilities are in order already; rounding and tables move them
 * by 1e-8, and this moves them back by no more. Sides first become monotone (in rising horizon and falling threshold,
 * each at least what it must contain), then `either` is held between the larger side and their sum and made monotone,
 * which keeps it below the sum, since sums are monotone too. P(break side first) is held between what is left by the
 * break side alone and what is left less the bounce side alone; the first never exceeds the second once the sides are
 * in order.
 */
export function makeCoherent(spec: SurfaceSpec, values: Float64Array): void {
  for (let s = 1; s <= 2; s++) raise(spec, values, s)
  clampEither(spec, values)
  raise(spec, values, 0)
  const at = probabilityCount(spec) - 2
  const last = spec.thresholds.length - 1
  const lastHorizon = spec.horizons.length - 1
  const left = Math.min(1, Math.max(values[at] as number, values[reachIndex(spec, last, 0, lastHorizon)] as number))
  const bounds = firstBounds(spec, values, left)
  values[at] = left
  values[at + 1] = Math.min(bounds.high, Math.max(bounds.low, values[at + 1] as number))
}

/**
 * Coherent probabilities near given ones, in place: `values` are in the order of `surfaceQuestions`, as far as `direction`, which is
 * conditional, all in [0, 1]; what follows them stays. For forecasts that were made one by one: {@link makeCoherent} with direction
 * times tradeable in place of direction. Coherent values keep theirs but for rounding. Throws RangeError on values that are no probabilities.
 */
export function projectCoherent(spec: SurfaceSpec, values: Float64Array): void {
  const count = probabilityCount(spec)
  for (let k = 0; k < count; k++) {
    if ((values[k] as number) >= 0 && (values[k] as number) <= 1) continue
    throw new RangeError(`passage: values[${k}]=${values[k]}: must be a probability. Leave out rows without one.`)
  }
  const direction = values[count - 1] as number
  values[count - 1] = direction * (values[count - 2] as number)
  makeCoherent(spec, values)
  const left = values[count - 2] as number
  values[count - 1] = left > 0 ? Math.min(1, (values[count - 1] as number) / left) : direction
}

/** Least majorant of one side's probabilities that rises with the horizon and falls with the threshold. */
function raise(spec: SurfaceSpec, values: Float64Array, s: number): void {
  const { thresholds, horizons } = spec
  for (let i = thresholds.length - 1; i >= 0; i--) {
    for (let j = 0; j < horizons.length; j++) {
      const at = reachIndex(spec, i, s, j)
      const shorter = j > 0 ? (values[reachIndex(spec, i, s, j - 1)] as number) : 0
      const further = i + 1 < thresholds.length ? (values[reachIndex(spec, i + 1, s, j)] as number) : 0
      values[at] = Math.min(1, Math.max(values[at] as number, shorter, further))
    }
  }
}

function clampEither(spec: SurfaceSpec, values: Float64Array): void {
  const { thresholds, horizons } = spec
  for (let i = 0; i < thresholds.length; i++) {
    for (let j = 0; j < horizons.length; j++) {
      const at = reachIndex(spec, i, 0, j)
      const up = values[reachIndex(spec, i, 1, j)] as number
      const down = values[reachIndex(spec, i, 2, j)] as number
      values[at] = Math.min(1, up + down, Math.max(up, down, values[at] as number))
    }
  }
}

/**
 * Least and greatest P(break side first) given the reach probabilities of the band and the probability that it is left.
 */
function firstBounds(spec: SurfaceSpec, values: Float64Array, left: number): { low: number; high: number } {
  const last = spec.thresholds.length - 1
  let low = 0
  let high = left
  for (let j = 0; j < spec.horizons.length; j++) {
    const any = values[reachIndex(spec, last, 0, j)] as number
    low = Math.max(low, any - (values[reachIndex(spec, last, 2, j)] as number))
    high = Math.min(high, left - (any - (values[reachIndex(spec, last, 1, j)] as number)))
  }
  return { low, high }
}

/**
 * The largest breach among a surface's probabilities (the layout of `surfaceQuestions`, direction conditional), 0 where
 * there is none: outside [0, 1], falling with the horizon, rising with the threshold, a side above `either`, `either`
 * above the sum of sides, the band reached above `tradeable`, or direction at odds with the sides. NaN counts as
 * infinite.
 */
export function incoherence(spec: SurfaceSpec, values: ArrayLike<number>): number {
  const at = probabilityCount(spec) - 2
  const { thresholds, horizons } = spec
  const value = (i: number, s: number, j: number): number => values[reachIndex(spec, i, s, j)] as number
  let worst = 0
  const demand = (small: number, large: number): void => {
    const breach = small - large
    if (!(breach <= worst)) worst = Number.isNaN(breach) ? Infinity : breach
  }
  for (let k = 0; k < at + 2; k++) {
    demand(0, values[k] as number)
    demand(values[k] as number, 1)
  }
  for (let i = 0; i < thresholds.length; i++) {
    for (let j = 0; j < horizons.length; j++) {
      demand(value(i, 1, j), value(i, 0, j))
      demand(value(i, 2, j), value(i, 0, j))
      demand(value(i, 0, j), value(i, 1, j) + value(i, 2, j))
      for (let s = 0; s < 3; s++) {
        if (j > 0) demand(value(i, s, j - 1), value(i, s, j))
        if (i > 0) demand(value(i, s, j), value(i - 1, s, j))
      }
    }
  }
  const band = thresholds.length - 1
  const left = values[at] as number
  const breakFirst = left * (values[at + 1] as number)
  for (let j = 0; j < horizons.length; j++) {
    demand(value(band, 0, j), left)
    demand(value(band, 0, j) - value(band, 2, j), breakFirst)
    demand(value(band, 0, j) - value(band, 1, j), left - breakFirst)
  }
  return worst
}
