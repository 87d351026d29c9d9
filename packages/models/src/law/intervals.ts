import { studentQuantile } from '@breakwater/calibration'
import { DIRECTIONS } from '@breakwater/passage'
import type { LawUncertainty } from './uncertainty.ts'

/** Ends of the interval of a probability. */
export interface ProbabilityInterval {
  low: number
  high: number
}

/** Where the derivatives of a probability stand. */
export interface IntervalPlace {
  readonly at: number
  readonly stride: number
  /** Variance of its log odds beside that of the directions; default 0. */
  readonly own?: number
}

const SIZE = DIRECTIONS.length
const LEVEL = 0.95
/** No interval is narrower than this on either side: nothing measures what happens less often than once in 200 moments. */
const LEAST = 0.005
/** Log odds that an interval spans on either side at most, where its width is known. */
const MOST = 6

/**
 * How many standard deviations, measured on so many sessions, a 95% interval spans on either side: Student's t with one degree of freedom less than
 * sessions. Infinite with fewer than two, which say nothing about what sessions differ by.
 */
export function deviationsOf(sessions: number): number {
  return sessions < 2 ? Infinity : studentQuantile((1 + LEVEL) / 2, sessions - 1)
}

/** Half of the 95% interval of a probability in log odds, from its derivatives by the directions: `slopes[at + d * stride]` is that by direction d. */
export type LawSpread = (p: number, slopes: ArrayLike<number>, place: IntervalPlace) => number

/**
 * Halves of a law's intervals by the delta method: Student's t, by the smaller of the numbers of sessions that the law was fitted and stopped on, times
 * the standard deviation of the log odds. NaN where the uncertainty is not known, infinite where one of the numbers is below two.
 */
export function lawSpread(uncertainty: LawUncertainty | null): LawSpread {
  if (uncertainty === null) return () => Number.NaN
  const { covariance, sessions } = uncertainty
  const deviations = deviationsOf(Math.min(sessions.train, sessions.validation))
  return (p, slopes, { at, stride, own = 0 }) => {
    if (!(p > 0 && p < 1) || deviations === Infinity) return deviations
    let variance = 0
    for (let i = 0; i < SIZE; i++) {
      const slope = slopes[at + i * stride] as number
      for (let j = 0; j < SIZE; j++)
        variance += slope * (slopes[at + j * stride] as number) * (covariance[i * SIZE + j] as number)
    }
    return deviations * Math.sqrt(Math.max(0, variance) / (p * (1 - p)) ** 2 + own)
  }
}

/**
 * Writes the interval of a probability that spans `half` log odds on either side, so that it stays within [0, 1], and at least half a percentage point.
 * A certain probability is its own interval. An infinite half is the interval [0, 1]; NaN gives NaN.
 */
export function writeInterval(p: number, half: number, out: ProbabilityInterval): void {
  if (Number.isNaN(p) || Number.isNaN(half)) {
    out.low = Number.NaN
    out.high = Number.NaN
  } else if (p <= 0 || p >= 1) {
    out.low = p
    out.high = p
  } else if (half === Infinity) {
    out.low = 0
    out.high = 1
  } else {
    const odds = p / (1 - p)
    const factor = Math.exp(Math.min(MOST, half))
    out.low = Math.max(0, Math.min(odds / (odds + factor), p - LEAST))
    out.high = Math.min(1, Math.max((odds * factor) / (1 + odds * factor), p + LEAST))
  }
}
