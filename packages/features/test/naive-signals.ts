/**
 * The signals table a second time, straight from its definitions: every value looks through all bars and keeps those that it
 * may use. Slow and without state; the judge of the streaming code.
 */
import { newYorkCalendar } from '@breakwater/features'
import type { Bars, Session } from '@breakwater/features'
import { rowsOf } from './synthetic-bars.ts'

/** A bar with its start in minutes since 1970. */
export interface NaiveBar {
  readonly minute: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** A touch as the definitions find it. */
export interface NaiveTouch {
  readonly minute: number
  readonly kind: string
  readonly price: number
  readonly sign: number
}

const calendar = newYorkCalendar()
const minuteOf = (ns: bigint): number => Number(ns / 60_000_000_000n)
const EPSILON = 1e-8
const last = <T>(values: readonly T[], back = 0): T | undefined => values[values.length - 1 - back]
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const orNaN = (value: number | undefined): number => value ?? Number.NaN

/** All bars, for the functions below. */
export function naiveBars(bars: Bars): NaiveBar[] {
  return rowsOf(bars).map(([ts, open, high, low, close, volume]) => ({
    minute: minuteOf(ts),
    open,
    high,
    low,
    close,
    volume,
  }))
}

function sessionOf(date: string): Session {
  const session = calendar.sessionOf(date)
  if (session === null) throw new Error(`${date} is no session`)
  return session
}

const openOf = (date: string): number => minuteOf(sessionOf(date).openNs)
const closeOf = (date: string): number => minuteOf(sessionOf(date).closeNs)

/** Bars of the day, pre-market included, that have ended by minute `until`. */
function dayBars(bars: readonly NaiveBar[], date: string, until: number): NaiveBar[] {
  const from = minuteOf(sessionOf(date).preOpenNs)
  return bars.filter(({ minute }) => minute >= from && minute < closeOf(date) && minute + 1 <= until)
}

const regular = (bars: readonly NaiveBar[], date: string, until: number): NaiveBar[] =>
  dayBars(bars, date, until).filter(({ minute }) => minute >= openOf(date))

/** Up to three trading days before `date`, oldest first, up to the first one that the bars lack. */
function priorDates(bars: readonly NaiveBar[], date: string): string[] {
  const dates: string[] = []
  let previous = calendar.previousSession(date).date
  while (dates.length < 3 && dayBars(bars, previous, Infinity).length > 0) {
    dates.unshift(previous)
    previous = calendar.previousSession(previous).date
  }
  return dates
}

function twoMinuteCloses(bars: readonly NaiveBar[], date: string, until: number): number[] {
  const closes: number[] = []
  const inSession = regular(bars, date, until)
  for (let start = openOf(date); start + 2 <= Math.min(until, closeOf(date)); start += 2) {
    const close = last(inSession.filter(({ minute }) => minute === start || minute === start + 1))?.close
    if (close !== undefined) closes.push(close)
  }
  return closes
}

/** The SMA of `window` two-minute closes as known at minute `until`, `back` two-minute bars earlier. */
function sma(bars: readonly NaiveBar[], date: string, until: number, window: number, back = 0): number {
  const warmup = priorDates(bars, date).flatMap((prior) => twoMinuteCloses(bars, prior, Infinity))
  const closes = [...warmup, ...twoMinuteCloses(bars, date, until)]
  const used = closes.slice(0, closes.length - back)
  return used.length < window ? Number.NaN : mean(used.slice(-window))
}

/** Prices of the levels that bars define, known at the start of `minute`. */
function naiveLevels(bars: readonly NaiveBar[], date: string, minute: number): Map<string, number> {
  const session = regular(bars, date, minute)
  const preMarket = dayBars(bars, date, minute).filter((bar) => bar.minute < openOf(date))
  const range = session.filter((bar) => bar.minute < openOf(date) + 15)
  const volume = sum(session.map((bar) => bar.volume))
  const all: [string, number][] = [
    ['PM_HIGH', Math.max(...preMarket.map((bar) => bar.high))],
    ['PM_LOW', Math.min(...preMarket.map((bar) => bar.low))],
    ['OR_HIGH', minute >= openOf(date) + 15 ? Math.max(...range.map((bar) => bar.high)) : Number.NaN],
    ['OR_LOW', minute >= openOf(date) + 15 ? Math.min(...range.map((bar) => bar.low)) : Number.NaN],
    ['SESSION_HIGH', Math.max(...session.map((bar) => bar.high))],
    ['SESSION_LOW', Math.min(...session.map((bar) => bar.low))],
    ['VWAP', sum(session.map((bar) => ((bar.high + bar.low + bar.close) / 3) * bar.volume)) / volume],
    ['SMA_200', sma(bars, date, minute, 200)],
    ['SMA_400', sma(bars, date, minute, 400)],
  ]
  return new Map(all.filter(([, price]) => Number.isFinite(price)))
}

function signOf(bars: readonly NaiveBar[], date: string, touch: NaiveBar, price: number): number {
  const before = dayBars(bars, date, touch.minute).map((bar) => bar.close)
  const prior = last(priorDates(bars, date))
  const priorClose = prior === undefined ? undefined : last(regular(bars, prior, Infinity))?.close
  const from = [touch.open, ...(priorClose === undefined ? [] : [priorClose]), ...before]
  const decisive = last(from.filter((close) => Math.abs(close - price) > EPSILON))
  return decisive === undefined ? 0 : Math.sign(price - decisive)
}

/** Touches of one session, in order of time, level kind and price; `order` lists the kinds. */
export function naiveTouches(bars: readonly NaiveBar[], date: string, order: readonly string[]): NaiveTouch[] {
  return regular(bars, date, Infinity).flatMap((bar) => {
    const levels = [...naiveLevels(bars, date, bar.minute)]
    for (let dollars = 1; dollars < 2000; dollars++) levels.push(['ROUND', dollars])
    const touched = levels.filter(
      ([, price]) =>
        bar.low <= price + 0.1 + EPSILON &&
        bar.high >= price - 0.1 - EPSILON &&
        Math.abs(bar.close - price) <= 0.25 + EPSILON,
    )
    return touched
      .map(([kind, price]) => ({ minute: bar.minute, kind, price, sign: signOf(bars, date, bar, price) }))
      .filter(({ sign }) => sign !== 0)
      .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.price - b.price)
  })
}

const WEIGHTS: Readonly<Record<string, number>> = {
  PM_HIGH: 1,
  PM_LOW: 1,
  OR_HIGH: 0.9,
  OR_LOW: 0.9,
  SMA_200: 0.8,
  SMA_400: 0.8,
  VWAP: 0.7,
  SESSION_HIGH: 0.6,
  SESSION_LOW: 0.6,
}

function confluence(bars: readonly NaiveBar[], date: string, touch: NaiveTouch): Record<string, number> {
  const others = [...naiveLevels(bars, date, touch.minute)].filter(([kind]) => kind !== touch.kind)
  const near = others.filter(([, price]) => Math.abs(price - touch.price) <= 0.2 + EPSILON)
  const score = sum(
    near.map(([kind, price]) => orNaN(WEIGHTS[kind]) * Math.max(0, 1 - Math.abs(price - touch.price) / 0.2)),
  )
  const weight = sum(others.map(([kind]) => orNaN(WEIGHTS[kind])))
  const distances = others.map(([, price]) => Math.abs(price - touch.price))
  return {
    confluence_count: near.length,
    confluence_weighted_score: score,
    confluence_min_distance: others.length === 0 ? Number.NaN : Math.min(...distances),
    confluence_pressure: others.length === 0 ? Number.NaN : score / weight,
  }
}

function attempts(touch: NaiveTouch, earlier: readonly NaiveTouch[]): Record<string, number> {
  const same = (one: NaiveTouch): boolean =>
    one.kind === touch.kind && (one.kind !== 'ROUND' || one.price === touch.price)
  const mine = [...earlier.filter((one) => same(one) && one.minute < touch.minute), touch]
  let attempt = 1
  const continues = (now: NaiveTouch, before: NaiveTouch): boolean =>
    now.minute - before.minute <= 15 && Math.abs(now.price - before.price) <= 0.1 + EPSILON
  for (const [i, now] of mine.entries()) {
    const before = mine[i - 1]
    if (before !== undefined) attempt = continues(now, before) ? attempt + 1 : 1
  }
  return { prior_touches: mine.length - 1, attempt_index: attempt }
}

/** Numeric features, physics aside, of a touch; `earlier` holds the day's touches. */
export function naiveFeatures(
  bars: readonly NaiveBar[],
  date: string,
  touch: NaiveTouch,
  earlier: readonly NaiveTouch[],
): Record<string, number> {
  const { minute, price, sign } = touch
  const until = minute + 1
  const day = dayBars(bars, date, until)
  const spot = orNaN(last(day)?.close)
  const asOf = (end: number): number => orNaN(last(day.filter((bar) => bar.minute + 1 <= end))?.close)
  const ranges = day.map((bar, i) => {
    const previous = day[i - 1]?.close ?? bar.close
    const high = i === 0 ? bar.high : Math.max(bar.high, previous)
    return high - (i === 0 ? bar.low : Math.min(bar.low, previous))
  })
  const atr = day.length < 14 ? Number.NaN : mean(ranges.slice(-14))
  const change = spot - asOf(until - 10)
  const minutes = Array.from({ length: 20 }, (_, i) => asOf(until - i) - asOf(until - i - 1))
  const volatility = Math.sqrt(sum(minutes.map((one) => (one - mean(minutes)) ** 2)) / 19)
  const closes = day.map((bar) => bar.close)
  let run = 0
  while (sign * (orNaN(last(closes, run)) - orNaN(last(closes, run + 1))) > 0) run += 1
  const at200 = (back: number): number => sma(bars, date, until, 200, back)
  const at400 = (back: number): number => sma(bars, date, until, 400, back)
  const preMarket = day.filter((bar) => bar.minute < openOf(date))
  const hasPreMarket = preMarket.length > 0
  const slopes = [(at200(0) - at200(10)) / 20, (at400(0) - at400(10)) / 20] as const
  const widening = Math.abs(at200(0) - at400(0)) - Math.abs(at200(5) - at400(5))
  const votes = [at200(0) - price, at400(0) - price, ...slopes].map((one) => Math.sign(sign * one))
  const aligned = widening > 0 && Math.abs(sum(votes)) === 4 ? sum(votes) / 4 : 0
  const values: Record<string, number> = {
    spot,
    level_price: price,
    direction_sign: sign,
    distance: Math.abs(spot - price),
    distance_signed: price - spot,
    atr,
    is_first_15m: minute < openOf(date) + 15 ? 1 : 0,
    bars_since_open: minute - openOf(date),
    dist_to_pm_high: hasPreMarket ? price - Math.max(...preMarket.map((bar) => bar.high)) : Number.NaN,
    dist_to_pm_low: hasPreMarket ? price - Math.min(...preMarket.map((bar) => bar.low)) : Number.NaN,
    sma_200: at200(0),
    sma_400: at400(0),
    dist_to_sma_200: price - at200(0),
    dist_to_sma_400: price - at400(0),
    sma_200_slope: slopes[0],
    sma_400_slope: slopes[1],
    sma_200_slope_5bar: (at200(0) - at200(5)) / 10,
    sma_400_slope_5bar: (at400(0) - at400(5)) / 10,
    sma_spread: at200(0) - at400(0),
    mean_reversion_pressure_200: (price - at200(0)) / volatility,
    mean_reversion_pressure_400: (price - at400(0)) / volatility,
    mean_reversion_velocity_200: (price - at200(0) - (price - at200(5))) / 10,
    mean_reversion_velocity_400: (price - at400(0) - (price - at400(5))) / 10,
    approach_velocity: (sign * change) / 10,
    approach_bars: run,
    approach_distance: Math.abs(change),
    confluence_alignment: Number.isNaN(sum(votes) + widening) ? Number.NaN : aligned,
    ...confluence(bars, date, touch),
    ...attempts(touch, earlier),
  }
  const reversion = mean([orNaN(values['mean_reversion_pressure_200']), orNaN(values['mean_reversion_pressure_400'])])
  return { ...values, ...twins(values), reversion_pressure: Math.tanh(-sign * reversion) }
}

function twins(values: Readonly<Record<string, number>>): Record<string, number> {
  const names =
    'distance distance_signed dist_to_pm_high dist_to_pm_low dist_to_sma_200 dist_to_sma_400 confluence_min_distance approach_distance'.split(
      ' ',
    )
  const pairs = names.flatMap((name) => [
    [`${name}_atr`, orNaN(values[name]) / orNaN(values['atr'])] as const,
    [`${name}_pct`, orNaN(values[name]) / orNaN(values['spot'])] as const,
  ])
  return { ...Object.fromEntries(pairs), level_price_pct: orNaN(values['level_price']) / orNaN(values['spot']) }
}
