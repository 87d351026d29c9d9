import { checkCount, checkLevel } from './check.ts'
import { normalQuantile } from './normal.ts'

/** A closed interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Wilson's (1927) score interval for a rate seen as `successes` of `trials` independent ones, both whole numbers, at
 * `level` (default 0.95). It stays inside [0, 1] and has a width even where every trial agrees. Throws without trials.
 */
export function wilsonInterval(successes: number, trials: number, level: number = 0.95): Interval {
  checkCount('trials', trials, 1)
  checkCount('successes', successes, 0)
  checkLevel(level)
  if (successes > trials) {
    throw new RangeError(`calibration: successes=${successes}: must be at most trials=${trials}. Are they swapped?`)
  }
  return wilson(successes / trials, trials, level)
}

/** The same for a rate of `trials` that need not be whole: as many independent ones as overlapping rows are worth. */
export function wilson(rate: number, trials: number, level: number): Interval {
  const z = normalQuantile((1 + level) / 2)
  const scale = 1 + z ** 2 / trials
  const centre = (rate + z ** 2 / (2 * trials)) / scale
  const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2))
  return { low: rate === 0 ? 0 : Math.max(0, centre - half), high: rate === 1 ? 1 : Math.min(1, centre + half) }
}
