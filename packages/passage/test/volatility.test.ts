import {
  beginVolatility,
  beginVolatilitySession,
  fitProfile,
  fitVolatility,
  forecastSessions,
  forecastVolatility,
  pushRange,
  type SessionBars,
  VOLATILITY_FEATURES,
  volatilityFeatures,
  volatilityFromJson,
  volatilityFromRange,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { normalSource, uniformSource } from './random.ts'

const MINUTES = 120

interface Simulated {
  readonly sessions: SessionBars[]
  /** True volatility of each minute of each session, price per square root of a minute. */
  readonly truth: Float64Array[]
}

/** Usual volatility by minute: twice as high at the open as in the middle. */
const usual = (minute: number): number => 1 + Math.exp(-minute / 20) + 0.5 * Math.exp(-(MINUTES - minute) / 20)

/** Sessions of a persistent log volatility times a time of day, in steps of 3 s; the price gaps overnight. */
function simulate(count: number, seed: number, persistence = 0.98): Simulated {
  const uniform = uniformSource(seed)
  const normal = normalSource(uniform)
  const truth: Float64Array[] = []
  let price = 500
  let log = 0
  const sessions = Array.from({ length: count }, () => {
    price *= 1 + 0.01 * normal()
    const volatilities = new Float64Array(MINUTES)
    const columns = { minute: [] as number[], high: [] as number[], low: [] as number[], close: [] as number[] }
    for (let minute = 0; minute < MINUTES; minute++) {
      log = persistence * log + Math.sqrt(1 - persistence ** 2) * 0.5 * normal()
      const sigma = 0.2 * Math.exp(log) * usual(minute)
      volatilities[minute] = sigma
      let high = price
      let low = price
      for (let step = 0; step < 20; step++) {
        price += (sigma / Math.sqrt(20)) * normal()
        high = Math.max(high, price)
        low = Math.min(low, price)
      }
      columns.minute.push(minute)
      columns.high.push(high)
      columns.low.push(low)
      columns.close.push(price)
    }
    truth.push(volatilities)
    return { minutes: MINUTES, ...columns }
  })
  return { sessions, truth }
}

/** Without the bars that `keep` refuses. */
function thin(session: SessionBars, keep: (minute: number) => boolean): SessionBars {
  const rows = Array.from({ length: session.minute.length }, (_, r) => r).filter((r) =>
    keep(session.minute[r] as number),
  )
  const pick = (column: ArrayLike<number>): number[] => rows.map((r) => column[r] as number)
  return {
    minutes: session.minutes,
    minute: pick(session.minute),
    high: pick(session.high),
    low: pick(session.low),
    close: pick(session.close),
  }
}

/** The average with a span, from its definition: weights (1 - 2 / (span + 1))^age over all values. */
function naiveAverage(values: readonly number[], span: number): number {
  const keep = 1 - 2 / (span + 1)
  const weights = values.map((_, i) => keep ** (values.length - 1 - i))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return values.reduce((total, value, i) => total + value * (weights[i] as number), 0) / sum
}

describe('features', () => {
  const { sessions } = simulate(3, 1)
  const [first, second, third] = sessions as [SessionBars, SessionBars, SessionBars]
  const gappy = [first, thin(second, (minute) => minute % 7 !== 3), third]
  const profile = fitProfile(gappy)

  test('are averages over all bars before, by their definition', () => {
    const state = beginVolatility()
    const ranges: number[] = []
    const returns: number[] = []
    for (const session of gappy) {
      beginVolatilitySession(state, MINUTES)
      for (let r = 0; r < session.minute.length; r++) {
        const [minute, high, low, close] = [session.minute, session.high, session.low, session.close].map(
          (column) => column[r] as number,
        ) as [number, number, number, number]
        pushRange(state, profile, { minute, high, low, close })
        ranges.push((high - low) / (2 * Math.sqrt(2 / Math.PI)) / (profile[minute] as number))
        if (r === 0) continue
        const gap = Math.sqrt(minute - (session.minute[r - 1] as number))
        returns.push(Math.abs(close - (session.close[r - 1] as number)) / gap / (profile[minute] as number))
      }
    }
    const row = Object.fromEntries(
      VOLATILITY_FEATURES.map((name, i) => [name, volatilityFeatures(state, profile)?.[i]]),
    )
    for (const span of [2, 5, 15, 60, 390, 1950]) {
      expect(row[`log_range_${span}`]).toBeCloseTo(Math.log(naiveAverage(ranges, span)), 10)
    }
    for (const span of [15, 60]) expect(row[`log_return_${span}`]).toBeCloseTo(Math.log(naiveAverage(returns, span)), 2)
    expect(row['time_of_day']).toBe(1)
    expect(row['close_decay']).toBe(1)
  })

  test('the profile is what a session usually does, whatever its level', () => {
    const { sessions: many } = simulate(60, 2)
    const fitted = fitProfile(many)
    const mean = Array.from({ length: MINUTES }, (_, i) => usual(i)).reduce((sum, u) => sum + u / MINUTES, 0)
    for (const minute of [10, 40, 60, 80, 105]) {
      expect(Math.abs((fitted[minute] as number) / (usual(minute) / mean) - 1)).toBeLessThan(0.12)
    }
    const doubled = fitProfile(
      many.map((session) => ({
        ...session,
        high: Array.from(session.high, (h, r) => h * 2 - (session.low[r] as number)),
      })),
    )
    for (const [minute, value] of doubled.entries()) expect(value).toBeCloseTo(fitted[minute] as number, 10)
  })

  test('do not move by an overnight gap, a missing minute ages nothing, and a minute without range is finite', () => {
    const state = beginVolatility()
    beginVolatilitySession(state, MINUTES)
    expect(volatilityFeatures(state, profile)).toBeUndefined()
    pushRange(state, profile, { minute: 0, high: 101, low: 100, close: 100.5 })
    const before = volatilityFeatures(state, profile)
    beginVolatilitySession(state, MINUTES)
    expect(volatilityFeatures(state, profile)).toBeUndefined()
    pushRange(state, profile, { minute: 0, high: 151, low: 150, close: 150.5 })
    const after = volatilityFeatures(state, profile)
    for (let i = 0; i < 7; i++) expect(after?.[i]).toBeCloseTo(before?.[i] as number, 12)
    pushRange(state, profile, { minute: 9, high: 150, low: 150, close: 150 })
    expect(volatilityFeatures(state, profile)?.every(Number.isFinite)).toBe(true)
  })
})

const scale = (column: ArrayLike<number>): number[] => Array.from(column, (value) => value * 8)

describe('the forecast', () => {
  const { sessions, truth } = simulate(80, 3)
  const model = fitVolatility(sessions.slice(0, 50))
  const forecasts = forecastSessions(model, sessions)

  /** Mean squared error of log forecasts of the next five minutes on unseen sessions. */
  function error(forecast: (session: number, minute: number) => number): number {
    let sum = 0
    let count = 0
    for (let s = 50; s < 80; s++) {
      for (let minute = 0; minute + 5 < MINUTES; minute++) {
        const next = (truth[s] as Float64Array).subarray(minute + 1, minute + 6)
        const wanted = 0.5 * Math.log(next.reduce((total, sigma) => total + sigma * sigma, 0) / 5)
        sum += (Math.log(forecast(s, minute)) - wanted) ** 2
        count++
      }
    }
    return sum / count
  }

  test('finds a planted volatility again, far better than time of day alone', () => {
    const ours = error((s, minute) => (forecasts[s] as Float64Array)[minute] as number)
    const byTime = error((_, minute) => 0.2 * usual(minute + 3))
    // A Kalman filter that knew the process would be off by 0.06: 0.03 of the state from noisy ranges, 0.03 of the minutes ahead.
    expect(ours).toBeLessThan(0.07)
    expect(ours).toBeLessThan(0.3 * byTime)
  })

  test('is without bias but for that of a log range, about -0.05', () => {
    let sum = 0
    for (let s = 50; s < 80; s++)
      sum += Math.log(((forecasts[s] as Float64Array)[60] as number) / ((truth[s] as Float64Array)[63] as number))
    expect(Math.abs(sum / 30)).toBeLessThan(0.15)
  })

  test('needs no later bar: the bits are the same with history cut at any bar, and bar by bar', () => {
    const uniform = uniformSource(4)
    for (let i = 0; i < 10; i++) {
      const s = Math.floor(uniform() * 20)
      const r = Math.floor(uniform() * MINUTES)
      const history = [...sessions.slice(0, s), thin(sessions[s] as SessionBars, (minute) => minute <= r)]
      expect(forecastSessions(model, history)[s]?.at(-1)).toBe((forecasts[s] as Float64Array)[r])
    }
    const state = beginVolatility()
    const [session] = sessions as [SessionBars]
    beginVolatilitySession(state, MINUTES)
    for (let r = 0; r < MINUTES; r++) {
      const bar = {
        minute: r,
        high: session.high[r] as number,
        low: session.low[r] as number,
        close: session.close[r] as number,
      }
      pushRange(state, model.profile, bar)
      expect(forecastVolatility(model, state)).toBe((forecasts[0] as Float64Array)[r])
    }
  })

  test('scales with the price', () => {
    const scaled = sessions.map((one) => ({
      ...one,
      high: scale(one.high),
      low: scale(one.low),
      close: scale(one.close),
    }))
    const eight = forecastSessions(fitVolatility(scaled.slice(0, 50)), scaled)
    for (const minute of [0, 30, 110]) {
      const ratio =
        ((eight[60] as Float64Array)[minute] as number) / ((forecasts[60] as Float64Array)[minute] as number)
      expect(Math.abs(ratio - 8)).toBeLessThan(0.08)
    }
  })

  test('survives JSON, and damaged data are refused', () => {
    expect(volatilityFromJson(JSON.parse(JSON.stringify(model)))).toEqual(model)
    expect(() => volatilityFromJson({ ...model, version: 2 })).toThrow(/passage: volatility\.version: .*version 1/)
    expect(() => volatilityFromJson({ ...model, coefficients: [1] })).toThrow(/passage: volatility\.coefficients: /)
    expect(() => volatilityFromJson({ ...model, profile: [-1] })).toThrow(/passage: volatility\.profile\.0: /)
  })
})

test('an average range of bars suggests a volatility', () => {
  expect(volatilityFromRange(1.595769121605731)).toBeCloseTo(1, 14)
  expect(volatilityFromRange(1, 5)).toBeCloseTo(0.28024956, 8)
  expect(() => volatilityFromRange(NaN)).toThrow('passage: range=NaN, minutes=1: must both be positive and finite.')
})

test('bad bars are refused', () => {
  const state = beginVolatility()
  const bar = { minute: 0, high: 2, low: 1, close: 1.5 }
  expect(() => pushRange(state, [1], bar)).toThrow('passage: bar.minute=0: must be whole, after -1 and before 0.')
  expect(() => beginVolatilitySession(state, 0)).toThrow('passage: session.minutes=0: must be a whole number')
  beginVolatilitySession(state, 390)
  expect(() => pushRange(state, [1], { ...bar, low: 3 })).toThrow(
    'passage: bar.high=2, low=3, close=1.5: must be positive',
  )
  expect(() => pushRange(state, [1], { ...bar, close: NaN })).toThrow('close=NaN')
  pushRange(state, [1], bar)
  expect(() => pushRange(state, [1], bar)).toThrow('passage: bar.minute=0: must be whole, after 0 and before 390.')
  expect(() => fitProfile([])).toThrow('passage: sessions=[]: none has a bar with high above low.')
  const short = { minutes: 3, minute: [0, 1], high: [2, 2], low: [1, 1], close: [1, 1] }
  expect(() => fitVolatility([short])).toThrow('passage: sessions: no bar is followed by 5 minutes with a range.')
})
