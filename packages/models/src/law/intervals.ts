import { DIRECTIONS } from '@breakwater/passage'
import type { LawUncertainty } from './uncertainty.ts'

/** Ends of the interval of a probability, from its derivatives by the directions. */
export interface LawInterval {
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
/** Of the normal distribution at 97.5%. */
const Z = 1.959963984540054
/** No interval is narrower than this on either side: nothing measures what happens less often than once in 200 moments. */
const LEAST = 0.005
/** Log odds that an interval spans on either side at most. */
const MOST = 6

/**
 * Writes the 95% interval of a probability by the law's uncertainty, in log odds so that it stays within [0, 1], at least half a
 * percentage point on either side. `slopes[at + d * stride]` is its derivative by direction d. A certain probability is its own
 * interval; NaN where the uncertainty is not known.
 */
export function writeInterval(
  uncertainty: LawUncertainty | null,
  p: number,
  slopes: ArrayLike<number>,
  { at, stride, own = 0 }: IntervalPlace,
  out: LawInterval,
): void {
  if (uncertainty === null || Number.isNaN(p)) {
    out.low = Number.NaN
    out.high = Number.NaN
    return
  }
  if (p <= 0 || p >= 1) {
    out.low = p
    out.high = p
    return
  }
  const { covariance } = uncertainty
  let variance = 0
  for (let i = 0; i < SIZE; i++) {
    const slope = slopes[at + i * stride] as number
    for (let j = 0; j < SIZE; j++)
      variance += slope * (slopes[at + j * stride] as number) * (covariance[i * SIZE + j] as number)
  }
  const odds = p / (1 - p)
  const factor = Math.exp(Math.min(MOST, Z * Math.sqrt(Math.max(0, variance) / (p * (1 - p)) ** 2 + own)))
  out.low = Math.max(0, Math.min(odds / (odds + factor), p - LEAST))
  out.high = Math.min(1, Math.max((odds * factor) / (1 + odds * factor), p + LEAST))
}
