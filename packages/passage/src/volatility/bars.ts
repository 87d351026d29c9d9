/** A one-minute bar. `minute` counts from the session's open: 0 is the first minute. */
export interface MinuteRange {
  readonly minute: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** The bars of one session as columns, in rising order of minutes; a minute without a trade is absent. */
export interface SessionBars {
  /** Length of the session in minutes, e.g. 390, or 210 on a half day. */
  readonly minutes: number
  readonly minute: ArrayLike<number>
  readonly high: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly close: ArrayLike<number>
}

/** Mean range of a driftless Brownian path over unit time, in volatilities: 2 sqrt(2 / pi). */
export const MEAN_RANGE: number = 2 * Math.sqrt(2 / Math.PI)

/**
 * Volatility, price per square root of a minute, that an average range of bars suggests: range / (1.5958
 * sqrt(minutes)). With the average true range of one-minute bars it is the forecast where there are no bars. Throws
 * unless both are positive.
 */
export function volatilityFromRange(range: number, minutes = 1): number {
  if (Number.isFinite(range) && range > 0 && Number.isFinite(minutes) && minutes > 0) {
    return range / (MEAN_RANGE * Math.sqrt(minutes))
  }
  throw new RangeError(
    `passage: range=${range}, minutes=${minutes}: must both be positive and finite. Is the average true range missing?`,
  )
}

/** Bar r of a session. */
export function barAt({ minute, high, low, close }: SessionBars, r: number): MinuteRange {
  return { minute: minute[r] as number, high: high[r] as number, low: low[r] as number, close: close[r] as number }
}

/**
 * Throws unless the bar's prices are positive, finite and in order, and its minute is whole, in the session and after
 * `last`.
 */
export function checkBar({ minute, high, low, close }: MinuteRange, last: number, minutes: number): void {
  if (!Number.isInteger(minute) || minute <= last || minute >= minutes) {
    throw new RangeError(
      `passage: bar.minute=${minute}: must be whole, after ${last} and before ${minutes}. Begin a session before its first bar.`,
    )
  }
  if (low > 0 && low <= close && close <= high && Number.isFinite(high)) return
  throw new RangeError(
    `passage: bar.high=${high}, low=${low}, close=${close}: must be positive, finite, and low <= close <= high.`,
  )
}

/** Throws unless `minutes` is a whole number of at least 1. */
export function checkMinutes(minutes: number): void {
  if (Number.isSafeInteger(minutes) && minutes >= 1) return
  throw new RangeError(`passage: session.minutes=${minutes}: must be a whole number of at least 1.`)
}
