import { checkBar, checkMinutes, MEAN_RANGE, type MinuteRange } from './bars.ts'

const RANGE_SPANS = [2, 5, 15, 60, 390, 1950] as const
const RETURN_SPANS = [15, 60] as const
/** Minutes ahead that the forecast is for. */
export const AHEAD = 5
/** Minutes over which the open wears off, and the close comes up. */
const EDGE = 15
/**
 * Floors of range and return over price, about a fifth of a cent and a hundredth at 500: a minute without movement has
 * a logarithm.
 */
const RANGE_FLOOR = 4e-6
const RETURN_FLOOR = 2e-7

/** Columns of the regression, in order. */
export const VOLATILITY_FEATURES: readonly string[] = [
  'intercept',
  ...RANGE_SPANS.map((span) => `log_range_${span}`),
  ...RETURN_SPANS.map((span) => `log_return_${span}`),
  'log_profile_ahead',
  'time_of_day',
  'open_decay',
  'close_decay',
]

/** Exponentially weighted averages of ranges and returns over time of day; the state of a stream as plain data. */
export interface VolatilityState {
  /** Sums of weighted values and of weights, by span. */
  readonly ranges: { readonly sum: Float64Array; readonly weight: Float64Array }
  readonly returns: { readonly sum: Float64Array; readonly weight: Float64Array }
  /** Length of the session. */
  minutes: number
  /** Minute of the session's last bar; -1 before the first. */
  minute: number
  /** Close of the session's last bar; NaN before the first. */
  close: number
}

const averages = (spans: readonly number[]): VolatilityState['ranges'] => ({
  sum: new Float64Array(spans.length),
  weight: new Float64Array(spans.length),
})

/** A state before any session. */
export function beginVolatility(): VolatilityState {
  return { ranges: averages(RANGE_SPANS), returns: averages(RETURN_SPANS), minutes: 0, minute: -1, close: NaN }
}

/**
 * Begins a session of `minutes` minutes: averages stay, the move since the session before counts nowhere. Writes to the
 * state.
 */
export function beginVolatilitySession(state: VolatilityState, minutes: number): void {
  checkMinutes(minutes)
  state.minutes = minutes
  state.minute = -1
  state.close = NaN
}

/**
 * Adds a bar that has ended. Range and return are divided by the profile of their minute; a return over a gap of
 * missing minutes also by the root of its length; missing minutes themselves age nothing. Throws on a bar out of range
 * or order. Writes to the state.
 */
export function pushRange(state: VolatilityState, profile: readonly number[], bar: MinuteRange): void {
  checkBar(bar, state.minute, state.minutes)
  const usual = profileAt(profile, bar.minute)
  const range = Math.max((bar.high - bar.low) / MEAN_RANGE, RANGE_FLOOR * bar.close)
  average(state.ranges, RANGE_SPANS, range / usual)
  if (state.minute >= 0) {
    const gap = Math.sqrt(bar.minute - state.minute)
    average(state.returns, RETURN_SPANS, Math.abs(bar.close - state.close) / (gap * usual))
  }
  state.minute = bar.minute
  state.close = bar.close
}

function average({ sum, weight }: VolatilityState['ranges'], spans: readonly number[], value: number): void {
  for (const [s, span] of spans.entries()) {
    const keep = 1 - 2 / (span + 1)
    sum[s] = (sum[s] as number) * keep + value
    weight[s] = (weight[s] as number) * keep + 1
  }
}

/**
 * The regression's row ({@link VOLATILITY_FEATURES}), known at the end of the last bar pushed: for the minutes after
 * it. Logarithms of averages are price per square root of a minute. Undefined before the first bar of a session. A
 * session's first return is taken from the ranges where no earlier session gave one.
 */
export function volatilityFeatures(state: VolatilityState, profile: readonly number[]): Float64Array | undefined {
  const { ranges, returns, minute, minutes, close } = state
  if (minute < 0) return undefined
  const next = minute + 1
  let ahead = 0
  for (let j = 0; j < AHEAD; j++) ahead += profileAt(profile, next + j) ** 2 / AHEAD
  const mean = ({ sum, weight }: VolatilityState['ranges'], s: number): number =>
    (sum[s] as number) / (weight[s] as number)
  const logReturns = RETURN_SPANS.map((_, s) =>
    returns.weight[s] === 0
      ? Math.log(mean(ranges, s) * MEAN_RETURN)
      : Math.log(mean(returns, s) + RETURN_FLOOR * close),
  )
  return Float64Array.of(
    1,
    ...RANGE_SPANS.map((_, s) => Math.log(mean(ranges, s))),
    ...logReturns,
    0.5 * Math.log(ahead),
    next / profile.length,
    Math.exp(-next / EDGE),
    Math.exp(-(minutes - next) / EDGE),
  )
}

/** Mean absolute move of a Brownian path over unit time, in volatilities. */
const MEAN_RETURN = Math.sqrt(2 / Math.PI)

/** The profile of a minute; past its end that of the last. */
function profileAt(profile: readonly number[], minute: number): number {
  return profile[Math.min(minute, profile.length - 1)] as number
}
