import { fromLast } from './day.ts'
import type { DayState } from './day.ts'
import { smaBack } from './sma.ts'
import type { SignalSettings } from './settings.ts'

/** One SMA at the end of a bar. Slopes are dollars per minute; `shortAgo` is the value at the start of the short slope. */
export interface SmaReading {
  readonly value: number
  readonly slope: number
  readonly shortSlope: number
  readonly shortAgo: number
  /** Change per minute over the reversion window. */
  readonly drift: number
}

/** What every touch of one bar shares, at the end of that bar. NaN where there are too few bars. */
export interface BarState {
  /** Close of the bar. */
  readonly spot: number
  readonly atr: number
  readonly volatility: number
  readonly sma200: SmaReading
  readonly sma400: SmaReading
}

/**
 * Mean true range of the last `bars` bars of the day (pre-market included), NaN before there are that many. True range:
 * the greatest of high - low, |high - previous close|, |low - previous close|; high - low on the day's first bar.
 */
export function averageTrueRange(day: DayState, bars: number): number {
  if (day.minute.length < bars) return Number.NaN
  let sum = 0
  for (let back = 0; back < bars; back++) {
    const high = fromLast(day.high, back)
    const low = fromLast(day.low, back)
    const previous = fromLast(day.close, back + 1)
    const isFirst = Number.isNaN(previous)
    sum += isFirst ? high - low : Math.max(high - low, Math.abs(high - previous), Math.abs(low - previous))
  }
  return sum / bars
}

/**
 * Sample standard deviation of the last `minutes` one-minute changes of the close. A minute without a bar keeps the close
 * before it (a change of zero). NaN where the day has no close that old.
 */
function minuteVolatility(day: DayState, minutes: number): number {
  const now = fromLast(day.minute, 0)
  if (!(fromLast(day.minute, day.minute.length - 1) <= now - minutes)) return Number.NaN
  const closes = closesByMinute(day, now, minutes + 1)
  const changes = closes.slice(1).map((close, i) => (closes[i] ?? Number.NaN) - close)
  const mean = changes.reduce((sum, change) => sum + change, 0) / minutes
  const squares = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0)
  return Math.sqrt(squares / (minutes - 1))
}

/** The close as of `now`, as of a minute earlier, and so on, `count` of them. */
function closesByMinute(day: DayState, now: number, count: number): number[] {
  const closes: number[] = []
  let back = 0
  for (let minute = now; minute > now - count; minute--) {
    while (fromLast(day.minute, back) > minute) back += 1
    closes.push(fromLast(day.close, back))
  }
  return closes
}

function readSma(day: DayState, which: 0 | 1, settings: SignalSettings): SmaReading {
  const { slopeMinutes, shortSlopeBars, reversionMinutes } = settings
  const value = smaBack(day.sma, which, 0)
  const ago = (bars: number): number => smaBack(day.sma, which, bars)
  return {
    value,
    slope: (value - ago(slopeMinutes / 2)) / slopeMinutes,
    shortSlope: (value - ago(shortSlopeBars)) / (2 * shortSlopeBars),
    shortAgo: ago(shortSlopeBars),
    drift: (value - ago(reversionMinutes / 2)) / reversionMinutes,
  }
}

/**
 * The state at the end of the last bar of `day`. SMAs use the two-minute bars complete by then; a slope compares with the
 * value so many two-minute bars earlier, across the session's start if need be. Known: 60 s after the bar's start.
 */
export function barStateOf(day: DayState, settings: SignalSettings): BarState {
  return {
    spot: fromLast(day.close, 0),
    atr: averageTrueRange(day, settings.atrBars),
    volatility: minuteVolatility(day, settings.volatilityMinutes),
    sma200: readSma(day, 0, settings),
    sma400: readSma(day, 1, settings),
  }
}

/** `value` per `unit`; NaN when either is missing or the unit is zero. */
export function ratio(value: number, unit: number): number {
  return unit === 0 ? Number.NaN : value / unit
}
