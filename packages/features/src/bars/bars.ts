/**
 * One-minute bars in time order: `rows` values in each array.
 *
 * `ts` is the START of the bar in nanoseconds since 1970 UTC; the bar covers [ts, ts + 60 s) and its values are known
 * at ts + 60 s. Prices are dollars, volume is shares. No value is NaN, except that every volume is where nobody knows the
 * volume: then there is no VWAP. low <= open, close <= high, and `ts` rises strictly; a minute without a trade has no bar.
 */
export interface Bars {
  readonly rows: number
  readonly ts: BigInt64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}
