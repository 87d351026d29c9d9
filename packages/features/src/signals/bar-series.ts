import type { Bars } from '../bars/bars.ts'
import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import { barOf, checkTimes } from './bars-in-order.ts'
import { addBar, fromLast } from './day.ts'
import type { DayState } from './day.ts'
import { barStateOf } from './bar-state.ts'
import { optionBook } from './option-levels.ts'
import { physicsSource } from './physics-table.ts'
import { planSessions } from './sessions.ts'
import type { SessionSlice } from './sessions.ts'
import { resolveSettings } from './settings.ts'
import type { SignalSettings } from './settings.ts'
import { beginSession, beginStream } from './stream.ts'
import type { SignalStream } from './stream.ts'

const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const
const STATE = [
  'return',
  'volatility',
  'dist_to_sma_200',
  'dist_to_sma_400',
  'sma_spread',
  'sma_200_slope_5bar',
  'sma_400_slope_5bar',
] as const

/** Series of {@link barSeries}: the bar itself, and the state of the market at its end. */
export const BAR_SERIES: readonly [...typeof PRICES, ...typeof STATE] = [...PRICES, ...STATE]
/** One of {@link BAR_SERIES}. */
export type BarSeriesName = (typeof BAR_SERIES)[number]

/** One value per bar in use, in time order: pre-market from 04:00 and the regular session. */
export interface BarSeries {
  readonly rows: number
  /** Start of each bar. */
  readonly ts: BigInt64Array
  /** Session of each bar: index into `dates`. */
  readonly sessions: Int32Array
  readonly dates: readonly string[]
  /** Known 60 s after the bar's start; NaN where there is too little before it. */
  readonly values: Readonly<Record<BarSeriesName, Float64Array>>
}

/**
 * What is known of the market at the end of each bar: open, high, low, close ($) and volume (shares); `return`, the
 * logarithm of the close over the close before it of the same day; `volatility`, the sample deviation of one-minute changes
 * ($) over `volatilityMinutes`; the distance of the close to both SMAs and their spread ($); their slopes over
 * `shortSlopeBars` two-minute bars ($/min). Averages, slopes and volatility are those of the signals (`barStateOf`), with
 * the same warm-up. NaN where too little came before: the day's first return, the first minutes' volatility, SMAs without
 * enough two-minute bars. A value depends on bars up to its own only. Throws as `buildSignals` does. Cost: linear.
 */
export function barSeries(
  bars: Bars,
  options: Partial<SignalSettings> & { readonly calendar?: Calendar } = {},
): BarSeries {
  const settings = resolveSettings(options)
  const calendar = options.calendar ?? newYorkCalendar()
  checkTimes(bars)
  const { slices } = planSessions(bars, calendar)
  const stream = beginStream({
    settings,
    calendar,
    options: optionBook([], calendar),
    physics: physicsSource(undefined),
  })
  const rows = slices.reduce((sum, { from, to }) => sum + to - from, 0)
  const ts = new BigInt64Array(rows)
  const sessions = new Int32Array(rows)
  const values = Object.fromEntries(BAR_SERIES.map((name) => [name, new Float64Array(rows)])) as Record<
    BarSeriesName,
    Float64Array
  >
  let at = 0
  for (const [session, slice] of slices.entries()) {
    sessions.fill(session, at, at + slice.to - slice.from)
    ts.set(bars.ts.subarray(slice.from, slice.to), at)
    addSlice(stream, slice, bars, (name, i, value) => {
      values[name][at + i] = value
    })
    at += slice.to - slice.from
  }
  return { rows, ts, sessions, dates: slices.map(({ session }) => session.date), values }
}

type Put = (name: BarSeriesName, i: number, value: number) => void

function addSlice(stream: SignalStream, slice: SessionSlice, bars: Bars, put: Put): void {
  const day = beginSession(stream, slice.session)
  for (let i = 0; i < slice.to - slice.from; i++) {
    const bar = barOf(bars, slice.from + i)
    addBar(day, bar, stream.settings.openingRangeMinutes)
    for (const name of PRICES) put(name, i, bar[name])
    const state = stateOf(day, stream.settings)
    for (const name of STATE) put(name, i, state[name])
  }
}

function stateOf(day: DayState, settings: SignalSettings): Record<(typeof STATE)[number], number> {
  const { spot, volatility, sma200, sma400 } = barStateOf(day, settings)
  return {
    return: Math.log(spot / fromLast(day.close, 1)),
    volatility,
    dist_to_sma_200: spot - sma200.value,
    dist_to_sma_400: spot - sma400.value,
    sma_spread: sma200.value - sma400.value,
    sma_200_slope_5bar: sma200.shortSlope,
    sma_400_slope_5bar: sma400.shortSlope,
  }
}
