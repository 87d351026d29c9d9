import { barAt, MEAN_RANGE, type SessionBars } from './bars.ts'
import { addRow, emptyEquations, solveLeastSquares } from './least-squares.ts'
import { forecastVolatility, VOLATILITY_VERSION, type VolatilityModel } from './model.ts'
import { fitProfile } from './profile.ts'
import {
  AHEAD,
  beginVolatility,
  beginVolatilitySession,
  pushRange,
  VOLATILITY_FEATURES,
  volatilityFeatures,
} from './stream.ts'

/** Against columns that are nearly the same: tiny beside their variance of about 1. */
const RIDGE = 1e-5

/**
 * A heterogeneous autoregression (Corsi 2009) of volatility on ranges (Parkinson 1980): least squares, on every bar
 * that is followed by five minutes with a range, of log(range of these / (1.5958 sqrt 5)) on logarithms of averages of
 * past ranges and returns with the time of day divided out, and on the time of day. Sessions in order. Throws on bars
 * out of range and where no bar is followed by five minutes.
 */
export function fitVolatility(sessions: readonly SessionBars[]): VolatilityModel {
  const profile = fitProfile(sessions)
  const equations = emptyEquations(VOLATILITY_FEATURES.length)
  const state = beginVolatility()
  for (const session of sessions) {
    const ahead = rangesAhead(session)
    beginVolatilitySession(state, session.minutes)
    for (let r = 0; r < session.minute.length; r++) {
      pushRange(state, profile, barAt(session, r))
      const features = volatilityFeatures(state, profile)
      const range = ahead[r] as number
      if (features !== undefined && range > 0)
        addRow(equations, features, Math.log(range / (MEAN_RANGE * Math.sqrt(AHEAD))))
    }
  }
  if (equations.rows === 0) {
    throw new RangeError(
      `passage: sessions: no bar is followed by ${AHEAD} minutes with a range. Pass longer sessions.`,
    )
  }
  return { version: VOLATILITY_VERSION, profile, coefficients: solveLeastSquares(equations, RIDGE) }
}

/** High less low of the five minutes after each bar; NaN where the session ends before, or no bar lies in them. */
function rangesAhead(session: SessionBars): Float64Array {
  const bars = session.minute.length
  return Float64Array.from({ length: bars }, (_, r) => {
    const { minute } = barAt(session, r)
    if (minute + AHEAD >= session.minutes) return NaN
    let high = -Infinity
    let low = Infinity
    for (let k = r + 1; k < bars && (session.minute[k] as number) <= minute + AHEAD; k++) {
      high = Math.max(high, session.high[k] as number)
      low = Math.min(low, session.low[k] as number)
    }
    return high - low
  })
}

/**
 * The forecast at the end of every bar of sessions in order, one array a session, by the state that live use pushes
 * bars to: the same bits. Averages begin with the first session given.
 */
export function forecastSessions(model: VolatilityModel, sessions: readonly SessionBars[]): Float64Array[] {
  const state = beginVolatility()
  return sessions.map((session) => {
    beginVolatilitySession(state, session.minutes)
    return Float64Array.from({ length: session.minute.length }, (_, r) => {
      pushRange(state, model.profile, barAt(session, r))
      return forecastVolatility(model, state) as number
    })
  })
}
