/** Labels a second time, straight from their definitions, minute by minute. */
import type { NaiveBar, NaiveTouch } from './naive-signals.ts'

/** What the labels of one anchor should be. */
export type NaiveOutcome = Readonly<Record<string, number | string>>

const EPSILON = 1e-8
const MAX_GAP = 5

/** Whether the data says what happened in `minute`: before its last bar, and not in a run of more than five empty minutes. */
export function isCovered(session: readonly NaiveBar[], minute: number, open: number): boolean {
  const before = session.findLast((bar) => bar.minute <= minute)?.minute ?? open - 1
  const after = session.find((bar) => bar.minute >= minute)?.minute
  return after !== undefined && (before === minute || after - before - 1 <= MAX_GAP)
}

/** The labels of a touch at the anchor `anchor` minutes after it. `session` holds the regular bars from `open` to `close`. */
export function naiveOutcome(
  session: readonly NaiveBar[],
  { minute, price, sign }: NaiveTouch,
  anchor: number,
  [open, close]: readonly [number, number],
): NaiveOutcome {
  const from = minute + anchor
  const known = (one: number): boolean => one < close && isCovered(session, one, open)
  let covered = 0
  while (covered < 8 && known(from + covered)) covered += 1
  const complete = covered === 8
  const window = session.filter((bar) => bar.minute >= from && bar.minute < from + covered)
  const frames = window.map((bar) => ({
    at: (bar.minute - from) * 60,
    best: sign > 0 ? bar.high - price : price - bar.low,
    worst: sign > 0 ? bar.low - price : price - bar.high,
  }))
  const toBreak = (dollars: number): number => frames.find(({ best }) => best >= dollars - EPSILON)?.at ?? Number.NaN
  const toBounce = (dollars: number): number =>
    frames.find(({ worst }) => -worst >= dollars - EPSILON)?.at ?? Number.NaN
  const either = (dollars: number): number =>
    frames.find(({ best, worst }) => best >= dollars - EPSILON || -worst >= dollars - EPSILON)?.at ?? Number.NaN
  const most = complete ? Math.max(...frames.map(({ best }) => best)) : Number.NaN
  const least = complete ? Math.min(...frames.map(({ worst }) => worst)) : Number.NaN
  const strength = Math.abs(most) >= Math.abs(least) ? most : least
  const priceAt = (time: number): number =>
    known(time - 1) ? (session.findLast((bar) => bar.minute + 1 <= time)?.close ?? Number.NaN) : Number.NaN
  const untilFuture = [0, 1, 2, 3, 4].every((ahead) => known(from + ahead))
  return {
    outcome: wordOf(toBreak(2), toBounce(2), complete),
    anchor_spot: priceAt(from),
    future_price: untilFuture ? priceAt(from + 5) : Number.NaN,
    tradeable_1: complete ? Number(!Number.isNaN(either(1))) : Number.NaN,
    tradeable_2: complete ? Number(!Number.isNaN(either(2))) : Number.NaN,
    excursion_max: most,
    excursion_min: least,
    strength_signed: strength,
    strength_abs: Math.abs(strength),
    time_to_threshold_1: either(1),
    time_to_threshold_2: either(2),
    time_to_break_1: toBreak(1),
    time_to_bounce_1: toBounce(1),
    time_to_break_2: toBreak(2),
    time_to_bounce_2: toBounce(2),
    window_s: covered * 60,
  }
}

function wordOf(toBreak: number, toBounce: number, complete: boolean): string {
  const never = Number.isNaN(toBreak) && Number.isNaN(toBounce)
  if (!complete || toBreak === toBounce) return 'UNDEFINED'
  if (never) return 'CHOP'
  return Number.isNaN(toBounce) || toBreak < toBounce ? 'BREAK' : 'BOUNCE'
}
