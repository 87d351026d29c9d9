/** Which side of the level is asked about: beyond it, back from it, or any. */
export type Side = 'either' | 'break' | 'bounce'

/** The sides in the order of a surface's values. */
const SIDES: readonly Side[] = ['either', 'break', 'bounce']

/** What a surface answers. Distances in price, times in seconds; both rise. */
export interface SurfaceSpec {
  /** Distances from the level, both ways, e.g. [1, 2]. The last is the band of `tradeable` and `direction`. */
  readonly thresholds: readonly number[]
  /** Horizons of the reach questions, e.g. [60, 120, 180, 300]. */
  readonly horizons: readonly number[]
  /** Horizon of `tradeable`, `direction` and the expected extremes; at least the last of `horizons`. */
  readonly window: number
}

/** One value of a surface, in its order. */
export type Question =
  | { readonly kind: 'reach'; readonly side: Side; readonly threshold: number; readonly horizon: number }
  | { readonly kind: 'tradeable' | 'direction'; readonly threshold: number; readonly horizon: number }
  | {
      /**
       * Expected furthest displacement within the window, a price: of the path from the moment on (`ahead`), or of the
       * path since the touch (`furthest`). Bounce extremes are distances back: positive below the level.
       */
      readonly kind: 'ahead' | 'furthest'
      readonly side: 'break' | 'bounce'
      readonly horizon: number
    }

/** Number of extremes at the end of a surface. */
export const EXTREMES = 4

/** Number of probabilities of a surface: reach, then tradeable, then direction. */
export function probabilityCount({ thresholds, horizons }: SurfaceSpec): number {
  return SIDES.length * thresholds.length * horizons.length + 2
}

/** Index of a reach probability among the values: threshold i, side s of either, break, bounce, horizon j. */
export function reachIndex({ horizons }: SurfaceSpec, i: number, s: number, j: number): number {
  return (i * SIDES.length + s) * horizons.length + j
}

/**
 * The questions of a surface in the order of its values: for each threshold, side and horizon a reach probability, then
 * `tradeable`, `direction`, and the expected extremes ahead (break, bounce) and furthest (break, bounce).
 */
export function surfaceQuestions(spec: SurfaceSpec): Question[] {
  const { thresholds, horizons, window } = spec
  const threshold = thresholds.at(-1) as number
  return [
    ...thresholds.flatMap((distance) =>
      SIDES.flatMap((side) =>
        horizons.map((horizon) => ({ kind: 'reach' as const, side, threshold: distance, horizon })),
      ),
    ),
    { kind: 'tradeable', threshold, horizon: window },
    { kind: 'direction', threshold, horizon: window },
    ...(['ahead', 'furthest'] as const).flatMap((kind) =>
      (['break', 'bounce'] as const).map((side) => ({ kind, side, horizon: window })),
    ),
  ]
}

/** Throws unless thresholds and horizons are positive and rise, and the window covers the horizons. */
export function checkSpec({ thresholds, horizons, window }: SurfaceSpec): void {
  checkRising('thresholds', thresholds)
  checkRising('horizons', horizons)
  if (Number.isFinite(window) && window >= (horizons.at(-1) as number)) return
  throw new RangeError(
    `passage: window=${window}: must be finite and at least the last horizon, ${horizons.at(-1)} s. Pass seconds.`,
  )
}

function checkRising(argument: string, values: readonly number[]): void {
  const rises = values.every((value, i) => Number.isFinite(value) && value > (values[i - 1] ?? 0))
  if (values.length > 0 && rises) return
  throw new RangeError(
    `passage: ${argument}=[${values.join(', ')}]: must have at least one number, all positive and rising. Sort them.`,
  )
}
