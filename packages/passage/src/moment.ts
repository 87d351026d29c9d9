import type { SurfaceSpec } from './questions.ts'

/** Where a path stands. Prices in the level's frame: positive beyond the level, negative back from it. */
export interface Moment {
  /** Displacement of price from the level. */
  readonly displacement: number
  /** Volatility forecast, price per square root of a minute, positive. */
  readonly sigma: number
  /** Seconds left in the session; default without end. No path goes on after it. */
  readonly secondsLeft?: number
  /** What has happened since the touch; without it the questions run from the moment on. */
  readonly past?: Past
}

/** What has happened since the touch. */
export interface Past {
  /** Seconds since the touch. With `clock: 'touch'` they are taken off every horizon. */
  readonly elapsed: number
  /** Furthest displacement beyond the level since the touch; at least the displacement now. */
  readonly furthestBeyond: number
  /** Furthest distance back from the level since the touch, positive below it; at least minus the displacement now. */
  readonly furthestBack: number
}

/**
 * From when a question's horizon runs: from the moment on, or from the touch, so that what has happened since counts.
 */
export type Clock = 'moment' | 'touch'

/** Why an answer is certain: the barrier has been reached, or no time is left to reach it. */
export type SettledReason = 'reached' | 'over'

/**
 * Throws unless the moment's numbers are finite, its volatility positive, and its extremes enclose where price stands.
 */
export function checkMoment(moment: Moment): void {
  const { displacement, sigma, secondsLeft = Infinity, past } = moment
  checkFinite('displacement', displacement, true, 'must be finite')
  checkFinite('sigma', sigma, sigma > 0, 'must be positive and finite. Is the volatility forecast missing?')
  if (!(secondsLeft >= 0)) {
    throw new RangeError(`passage: moment.secondsLeft=${secondsLeft}: must be at least 0. Leave it out where unknown.`)
  }
  if (past === undefined) return
  const { elapsed, furthestBeyond, furthestBack } = past
  checkFinite('past.elapsed', elapsed, elapsed >= 0, 'must be at least 0 and finite')
  const enclosing = 'must be finite and enclose the displacement now. Take extremes that include the present price'
  checkFinite('past.furthestBeyond', furthestBeyond, furthestBeyond >= displacement, enclosing)
  checkFinite('past.furthestBack', furthestBack, furthestBack >= -displacement, enclosing)
}

function checkFinite(name: string, value: number, inRange: boolean, rule: string): void {
  if (Number.isFinite(value) && inRange) return
  throw new RangeError(`passage: moment.${name}=${value}: ${rule}.`)
}

/**
 * Seconds that a path has left of `horizon`: less what has elapsed on the clock of the touch, and none after the
 * session.
 */
function remainingSeconds(horizon: number, moment: Moment, clock: Clock): number {
  const elapsed = clock === 'touch' ? (moment.past?.elapsed ?? 0) : 0
  return Math.max(0, Math.min(horizon - elapsed, moment.secondsLeft ?? Infinity))
}

/** How far the path has been on each side, as far as the clock counts it: at the moment, or since the touch. */
export function extremes(moment: Moment, clock: Clock): { readonly beyond: number; readonly back: number } {
  const { displacement, past } = moment
  if (clock === 'moment' || past === undefined) return { beyond: displacement, back: -displacement }
  return { beyond: past.furthestBeyond, back: past.furthestBack }
}

/**
 * Why the surface's answer to a reach question (`tradeable` is side either of the band within the window) is certain:
 * 'reached' where the path is, or with the clock of the touch has been, beyond the barrier (the answer is 1), 'over'
 * where no time is left (0), undefined where the law answers.
 */
export function settled(
  question: { readonly side: 'either' | 'break' | 'bounce'; readonly threshold: number; readonly horizon: number },
  moment: Moment,
  clock: Clock = 'moment',
): SettledReason | undefined {
  const { beyond, back } = extremes(moment, clock)
  const { side, threshold } = question
  const reached = (side !== 'bounce' && beyond >= threshold) || (side !== 'break' && back >= threshold)
  if (reached) return 'reached'
  return remainingSeconds(question.horizon, moment, clock) === 0 ? 'over' : undefined
}

/** The times of a surface in minutes as the moment leaves them, to `out`: each horizon, then the window. */
export function remainingMinutes(spec: SurfaceSpec, moment: Moment, clock: Clock, out: Float64Array): Float64Array {
  const { horizons, window } = spec
  for (let j = 0; j < horizons.length; j++) out[j] = remainingSeconds(horizons[j] as number, moment, clock) / 60
  out[horizons.length] = remainingSeconds(window, moment, clock) / 60
  return out
}
