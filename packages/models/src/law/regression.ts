import { CHANGE_SPANS, MEAN_RANGE, numbersOf, RANGE_SPANS, type Table } from '@breakwater/features'
import { addRow, emptyEquations, solveLeastSquares } from '@breakwater/passage'
import { LAW_NUMBERS, lawPlace, numberRows, type NumberRows } from './numbers.ts'

/** A forecast of volatility from the numbers of a moment, as plain data. */
export interface VolatilityRegression {
  /** One for each of {@link VOLATILITY_REGRESSORS}. */
  readonly coefficients: readonly number[]
  /** What stands for a missing regressor: its mean in training, 0 where it was never known. */
  readonly means: readonly number[]
  /** Usual range of each minute of a session over the session's mean, by which the moments' ranges were divided; null for none. */
  readonly profile: readonly number[] | null
}

/** Columns of a moment that are volatilities of the recent past. */
export const PAST_VOLATILITIES: readonly string[] = [
  'sigma_1m',
  ...RANGE_SPANS.map((span) => `range_sigma_${span}`),
  ...CHANGE_SPANS.map((span) => `change_sigma_${span}`),
]

/** Names of what the regression sees of a moment, in order. */
export const VOLATILITY_REGRESSORS: readonly string[] = [
  'intercept',
  ...PAST_VOLATILITIES.map((name) => `log_${name}`),
  'log_profile_ahead',
  'time_of_day',
  'open_decay',
  'close_decay',
  'distance',
]

/** Against columns that are nearly the same: tiny beside their variance of about 1. */
const RIDGE = 1e-5
/** Least volatility over price, a tenth of a cent at 500: a market that stands still has a logarithm. */
export const LEAST_SHARE_OF_PRICE = 2e-6
/** Seconds of a whole session. */
export const SESSION_SECONDS: number = 390 * 60
/** Seconds in which what an open or a close adds falls to 1/e. */
export const EDGE_SECONDS: number = 15 * 60

/** What {@link fitRegression} reads. */
export interface RegressionRequest {
  readonly moments: Table
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  readonly windowSeconds: number
  readonly profile: readonly number[] | null
}

/**
 * A heterogeneous autoregression (Corsi 2009) on the numbers of moments: least squares of the logarithm of {@link rangeAhead}
 * on logarithms of averages of past ranges and returns and on the time of day. Averages that are missing (signals without bars) leave
 * the ATR. Throws RangeError where no training row has a whole window.
 */
export function fitRegression({ moments, train, windowSeconds, profile }: RegressionRequest): VolatilityRegression {
  const rows = regressorRows(moments, windowSeconds, profile)
  const targets = rangeAhead(moments, windowSeconds)
  const means = meansOf(rows, train)
  const width = VOLATILITY_REGRESSORS.length
  const equations = emptyEquations(width)
  for (let row = 0; row < moments.rows; row++) {
    const target = targets[row] as number
    if (train[row] === 0 || Number.isNaN(target)) continue
    addRow(equations, complete(rows, row, means), target)
  }
  if (equations.rows === 0) {
    throw new RangeError('models: moments: no training row has a whole label window. Pass more training sessions.')
  }
  return { coefficients: solveLeastSquares(equations, RIDGE), means, profile }
}

/** Logarithm of the forecast volatility, dollars per square root of a minute; known at each moment. Always finite. */
export function forecastRegression(model: VolatilityRegression, moments: Table, windowSeconds: number): Float64Array {
  const numbers = numberRows(moments)
  const forecast = regressionOf(model, windowSeconds)
  return Float64Array.from({ length: moments.rows }, (_, row) => forecast(numbers, row))
}

/** {@link forecastRegression} for one row of numbers at a time; batch and live forecasts come from here alone. */
export function regressionOf(
  { coefficients, means, profile }: VolatilityRegression,
  windowSeconds: number,
): (numbers: NumberRows, row: number) => number {
  const regressors = new Float64Array(coefficients.length)
  return (numbers, row) => {
    writeRegressors({ numbers, row, windowSeconds, profile }, regressors, 0)
    let sum = 0
    for (let i = 0; i < regressors.length; i++) {
      const value = regressors[i] as number
      sum += (Number.isNaN(value) ? (means[i] as number) : value) * (coefficients[i] as number)
    }
    return sum
  }
}

/**
 * Logarithm of the volatility that the range of prices within the label window suggests: range / (mean range of a Brownian path x
 * root of its minutes). NaN where the window is not whole. Known at the end of the window.
 */
export function rangeAhead(moments: Table, windowSeconds: number): Float64Array {
  const [most, least] = [numbersOf(moments, 'excursion_max'), numbersOf(moments, 'excursion_min')]
  const price = numbersOf(moments, 'level_price')
  const scale = MEAN_RANGE * Math.sqrt(windowSeconds / 60)
  return most.map((up, row) => logAbove((up - (least[row] as number)) / scale, price[row] as number))
}

/** Logarithm of a volatility, at least that of {@link LEAST_SHARE_OF_PRICE} x price; NaN stays NaN. */
function logAbove(volatility: number, price: number): number {
  return Math.log(Math.max(volatility, LEAST_SHARE_OF_PRICE * price))
}

/** Regressors row by row, NaN where missing. */
function regressorRows(moments: Table, windowSeconds: number, profile: readonly number[] | null): Float64Array {
  const width = VOLATILITY_REGRESSORS.length
  const numbers = numberRows(moments)
  const out = new Float64Array(moments.rows * width)
  for (let row = 0; row < moments.rows; row++)
    writeRegressors({ numbers, row, windowSeconds, profile }, out, row * width)
  return out
}

const PAST_PLACES = PAST_VOLATILITIES.map(lawPlace)
const PRICE = lawPlace('level_price')
const SINCE_OPEN = lawPlace('since_open_s')
const LEFT = lawPlace('left_s')
const MOVED = lawPlace('moved')

interface RegressorRow {
  readonly numbers: NumberRows
  readonly row: number
  readonly windowSeconds: number
  readonly profile: readonly number[] | null
}

/** Writes the regressors of one row to `out` from `at` on. */
function writeRegressors({ numbers, row, windowSeconds, profile }: RegressorRow, out: Float64Array, at: number): void {
  const from = row * LAW_NUMBERS.length
  const price = numbers[from + PRICE] as number
  const since = numbers[from + SINCE_OPEN] as number
  let next = at
  out[next++] = 1
  for (let i = 0; i < PAST_PLACES.length; i++) {
    out[next++] = logAbove(numbers[from + (PAST_PLACES[i] as number)] as number, price)
  }
  out[next++] = profile === null ? 0 : profileAhead(profile, since, windowSeconds)
  out[next++] = since / SESSION_SECONDS
  out[next++] = Math.exp(-since / EDGE_SECONDS)
  out[next++] = Math.exp(-(numbers[from + LEFT] as number) / EDGE_SECONDS)
  out[next] = Math.abs(numbers[from + MOVED] as number)
}

/** Half the logarithm of the mean square of the profile over the minutes of the window; past the session's end its last minute's. */
export function profileAhead(profile: readonly number[], sinceOpen: number, windowSeconds: number): number {
  if (Number.isNaN(sinceOpen)) return Number.NaN
  const first = Math.floor(sinceOpen / 60)
  const minutes = Math.max(1, Math.round(windowSeconds / 60))
  let sum = 0
  for (let j = 0; j < minutes; j++) sum += (profile[Math.min(first + j, profile.length - 1)] as number) ** 2
  return 0.5 * Math.log(sum / minutes)
}

function meansOf(rows: Float64Array, train: Uint8Array): number[] {
  const width = VOLATILITY_REGRESSORS.length
  return VOLATILITY_REGRESSORS.map((_, i) => {
    let [sum, known] = [0, 0]
    for (let row = 0; row < train.length; row++) {
      const value = rows[row * width + i] as number
      if (train[row] === 0 || Number.isNaN(value)) continue
      sum += value
      known++
    }
    return known === 0 ? 0 : sum / known
  })
}

function complete(rows: Float64Array, row: number, means: readonly number[]): Float64Array {
  return rows
    .slice(row * means.length, (row + 1) * means.length)
    .map((value, i) => (Number.isNaN(value) ? (means[i] as number) : value))
}
