/**
 * Moments a second time, straight from the contract: each looks through all bars and keeps those that had ended. Slow and
 * without state.
 */
import type { NaiveBar, NaiveTouch } from './naive-signals.ts'

/** A level followed at a time, `at` in minutes since 1970; `minute` of the touch is NaN before one. */
export interface NaiveMoment extends NaiveTouch {
  readonly at: number
  /** ATR of the touch, NaN before one. */
  readonly atr: number
}

/** The bars around a moment: of its day with pre-market, and the regular ones of earlier sessions in the data. */
export interface NaiveMarket {
  readonly day: readonly NaiveBar[]
  readonly before: readonly (readonly NaiveBar[])[]
  readonly open: number
  readonly close: number
  /** By minute from the open; all ones without a profile. */
  readonly usual: (slot: number) => number
}

const MAX_GAP = 5
const SESSIONS = 5
const RANGE = 1.595_769_121_605_731
const CHANGE = 0.797_884_560_802_865_4
const orNaN = (value: number | undefined): number => value ?? Number.NaN

/** The numbers of a moment by name. */
export function naiveNumbers(market: NaiveMarket, moment: NaiveMoment): Readonly<Record<string, number>> {
  const { at, price, sign } = moment
  const ended = market.day.filter(({ minute }) => minute + 1 <= at)
  const closeAt = (time: number): number => orNaN(ended.findLast(({ minute }) => minute + 1 <= time)?.close)
  const quiet = at - (orNaN(ended.at(-1)?.minute) + 1)
  const spot = quiet <= MAX_GAP ? closeAt(at) : Number.NaN
  const moved = sign * (spot - price)
  const atr = trueRange(ended.slice(-14), ended.at(-15))
  const opening = ended.find(({ minute }) => minute >= market.open)?.open
  const [beyond, back] = extremes(ended, moment)
  return {
    elapsed_s: (at - moment.minute) * 60,
    moved,
    moved_atr: moved / (Number.isNaN(moment.minute) ? atr : moment.atr),
    furthest_beyond: Number.isNaN(moved) ? moved : beyond,
    furthest_back: Number.isNaN(moved) ? moved : back,
    sigma_1m: atr / RANGE,
    since_open_s: (at - market.open) * 60,
    left_s: (market.close - at) * 60,
    change_1m: sign * (spot - closeAt(at - 1)),
    change_5m: sign * (spot - closeAt(at - 5)),
    change_open: sign * (spot - orNaN(opening)),
    ...averages(market, ended),
  }
}

function trueRange(bars: readonly NaiveBar[], before: NaiveBar | undefined): number {
  if (bars.length < 14) return Number.NaN
  const sizes = bars.map(({ high, low }, i) => {
    const close = (i === 0 ? before : bars[i - 1])?.close
    return close === undefined ? high - low : Math.max(high, close) - Math.min(low, close)
  })
  return sizes.reduce((sum, size) => sum + size, 0) / 14
}

/** Furthest beyond and before the level from the touch bar on; missing over a run of absent minutes longer than five. */
function extremes(ended: readonly NaiveBar[], { minute: touch, price, sign }: NaiveMoment): readonly [number, number] {
  const since = ended.filter(({ minute }) => minute >= touch)
  const isBroken = since.some(({ minute }, i) => i > 0 && minute - orNaN(since[i - 1]?.minute) - 1 > MAX_GAP)
  if (since.length === 0 || isBroken) return [Number.NaN, Number.NaN]
  const above = Math.max(...since.map(({ high }) => high)) - price
  const below = price - Math.min(...since.map(({ low }) => low))
  return sign > 0 ? [above, below] : [below, above]
}

/** Weighted means with weights that fall by 1 - 2 / (span + 1) a bar, over five sessions before and the bars of today. */
function averages({ before, open, usual }: NaiveMarket, ended: readonly NaiveBar[]): Record<string, number> {
  const sessions = [...before.slice(-SESSIONS), ended.filter(({ minute }) => minute >= open)]
  const opens = sessions.map((bars) => orNaN(bars[0]?.minute))
  const slotOf = (bar: NaiveBar, s: number): number =>
    s === sessions.length - 1 ? bar.minute - open : bar.minute - openOf(orNaN(opens[s]))
  const ranges = sessions.flatMap((bars, s) => bars.map((bar) => (bar.high - bar.low) / RANGE / usual(slotOf(bar, s))))
  const changes = sessions.flatMap((bars, s) =>
    bars.slice(1).map((bar, i) => Math.abs(bar.close - orNaN(bars[i]?.close)) / CHANGE / usual(slotOf(bar, s))),
  )
  return Object.fromEntries([
    ...[2, 5, 15, 60, 390, 1950].map((span) => [`range_sigma_${span}`, faded(ranges, span)] as const),
    ...[15, 60].map((span) => [`change_sigma_${span}`, faded(changes, span)] as const),
  ])
}

/** 09:30 of a New York day in winter (all days of the tests), in minutes since 1970. */
const openOf = (minute: number): number => Math.floor(minute / 1440) * 1440 + 14 * 60 + 30

function faded(values: readonly number[], span: number): number {
  const kept = 1 - 2 / (span + 1)
  let [sum, weights] = [0, 0]
  for (const [age, value] of values.toReversed().entries()) {
    sum += kept ** age * value
    weights += kept ** age
  }
  return weights === 0 ? Number.NaN : sum / weights
}

/** What the questions should be at a moment: a value, or null where masked. `frames` are the label window's bars. */
export function naiveAnswers(
  session: readonly NaiveBar[],
  { at, price, sign }: NaiveMoment,
  {
    moved,
    thresholds,
    covered,
  }: { readonly moved: number; readonly thresholds: readonly [number, number]; readonly covered: number },
): Readonly<Record<string, number | null>> {
  const frames = session
    .filter(({ minute }) => minute >= at && minute < at + covered)
    .map(({ minute, high, low }) => ({
      end: minute + 1 - at,
      up: sign > 0 ? high - price : price - low,
      down: sign > 0 ? price - low : high - price,
    }))
  const answers: Record<string, number | null> = {}
  for (const [i, dollars] of thresholds.entries()) {
    const isHit = (side: string, up: number, down: number): boolean =>
      (side !== '_bounce' && up >= dollars - 1e-8) || (side !== '_break' && down >= dollars - 1e-8)
    for (const side of ['', '_break', '_bounce']) {
      for (const minutes of [1, 2, 3, 5]) {
        const canAsk = covered >= minutes && !Number.isNaN(moved) && !isHit(side, moved, -moved)
        const hit = frames.some(({ end, up, down }) => end <= minutes && isHit(side, up, down))
        answers[`t${i + 1}${side}_${minutes * 60}s`] = canAsk ? Number(hit) : null
      }
    }
  }
  return { ...answers, ...windowAnswers(frames, moved, thresholds[1], covered) }
}

function windowAnswers(
  frames: readonly { readonly up: number; readonly down: number }[],
  moved: number,
  dollars: number,
  covered: number,
): Readonly<Record<string, number | null>> {
  if (covered < 8) return { tradeable_2: null, direction: null, strength_signed: null }
  const most = Math.max(...frames.map(({ up }) => up))
  const least = -Math.max(...frames.map(({ down }) => down))
  const strength = Math.abs(most) >= Math.abs(least) ? most : least
  if (Number.isNaN(moved) || Math.abs(moved) >= dollars - 1e-8)
    return { tradeable_2: null, direction: null, strength_signed: strength }
  const first = frames.find(({ up, down }) => up >= dollars - 1e-8 || down >= dollars - 1e-8)
  if (first === undefined) return { tradeable_2: 0, direction: null, strength_signed: strength }
  const both = first.up >= dollars - 1e-8 && first.down >= dollars - 1e-8
  return { tradeable_2: 1, direction: both ? null : Number(first.up >= dollars - 1e-8), strength_signed: strength }
}
