/** What prices and volumes of bars say about their unit and about single wrong values. Pure functions over a view of bars. */
import type { Bars } from './bars.ts'
import type { BarsView, DayBars } from './days.ts'
import type { Breach, BreachFinder } from './time-rules.ts'

/** A move within a minute is judged by this many deviations of the day's one-minute returns ... */
const DEVIATIONS = 25
/** ... but not by more than this share of the price. */
const MAX_SHARE = 0.1
/** The median of absolute normal values. */
const NORMAL_MEDIAN = 0.6745
/** The least move that makes a bar bad, as a share of the price. */
export const BAD_SHARE = 0.02
/** Returns of a day that its deviation is taken from. */
const SAMPLED_RETURNS = 128
/** Overnight, prices may move by this many times the limit within a session; after longer pauses by its square root of time. */
const OVERNIGHT = 1.5
const PAUSE_DAYS = 4
const MAX_OVERNIGHT = 0.5
const MINUTES_PER_DAY = 1440
/** Factors that splits and units make, and how near one must be. */
const FACTORS = [100, 1000, 10, 2, 3, 4, 5, 6, 7, 8, 15, 20, 25, 30, 50, 1.5, 4 / 3, 1.25] as const
const FACTOR_SLACK = 0.04

const at = (values: Float64Array, row: number): number => values[row] as number

/** How far a price may stand from those around it on a day: 25 deviations of its returns, within [limit, 0.1]. */
function reachOf({ close }: Bars, { from, to }: DayBars, limit: number): number {
  const step = Math.ceil((to - from) / SAMPLED_RETURNS)
  const returns: number[] = []
  for (let row = from + 1; row < to; row += step) returns.push(Math.abs(at(close, row) / at(close, row - 1) - 1))
  const median = Float64Array.from(returns).toSorted()[returns.length >> 1] ?? 0
  return Math.min(MAX_SHARE, Math.max(limit, (DEVIATIONS * median) / NORMAL_MEDIAN))
}

const far = (a: number, b: number, reach: number): boolean => Math.abs(Math.log(a / b)) > reach

/** Whether a price stands apart from both of its neighbours, on one side, while these are near to each other. */
function isApart(price: number, before: number, after: number, reach: number): boolean {
  if (Math.abs(price / before - 1) <= reach / 2) return false
  const [x, y] = [Math.log(price / before), Math.log(price / after)]
  return Math.min(Math.abs(x), Math.abs(y)) > reach && x * y > 0 && Math.abs(x - y) <= Math.abs(x) / 2
}

/** Whether a bar stands apart: from the bars around it, or, at the ends of the data, from the one beside it by far. */
function isBad(bars: Bars, row: number, last: number, isInside: boolean, reach: number): boolean {
  const [o, c] = [at(bars.open, row), at(bars.close, row)]
  const next = row + 1 < bars.rows ? at(bars.close, row + 1) : Number.NaN
  if (Number.isNaN(last))
    return row + 2 < bars.rows && far(c, next, MAX_SHARE) && !far(next, at(bars.close, row + 2), MAX_SHARE)
  if (row + 1 === bars.rows) return isInside && far(c, last, MAX_SHARE)
  return isApart(c, last, next, reach) || (isInside && isApart(o, last, c, reach))
}

const known = new WeakMap<BarsView, readonly number[]>()

/** Rows of bars whose open or close is of another size than the bars around them. */
function badBars(view: BarsView): readonly number[] {
  const there = known.get(view)
  if (there !== undefined) return there
  const bad: number[] = []
  let last = Number.NaN
  for (const day of view.days) {
    const reach = reachOf(view.bars, day, BAD_SHARE)
    for (let row = day.from; row < day.to; row++) {
      if (isBad(view.bars, row, last, row > day.from, reach)) bad.push(row)
      else last = at(view.bars.close, row)
    }
  }
  known.set(view, bad)
  return bad
}

const priced = ({ open, high, low, close }: Bars, row: number): string =>
  `${at(open, row)}, ${at(high, row)}, ${at(low, row)}, ${at(close, row)}`

const breach = (rows: readonly number[], reason: (row: number) => string): Breach | null =>
  rows[0] === undefined ? null : { rows, reason: reason(rows[0]) }

/** Bars that stand apart from the bar before and the bar after them by more than {@link BAD_SHARE}. */
export const findBadBars: BreachFinder = (view) =>
  breach(
    badBars(view),
    (row) => `open, high, low, close ${priced(view.bars, row)} are far from the bars before and after`,
  )

/** Bars whose high or low stands apart from open, close and neighbours by more than the share `limit`. */
export const findWicks: BreachFinder = (view, limit) => {
  const { open, high, low, close } = view.bars
  const bad = new Set(badBars(view))
  const rows: number[] = []
  for (const day of view.days) {
    const reach = reachOf(view.bars, day, limit)
    for (let row = day.from; row < day.to; row++) {
      const before = row > day.from && !bad.has(row - 1) ? at(close, row - 1) : at(open, row)
      const after = row + 1 < day.to && !bad.has(row + 1) ? at(open, row + 1) : at(close, row)
      const bottom = Math.min(at(open, row), at(close, row), before, after)
      const top = Math.max(at(open, row), at(close, row), before, after)
      const isWick = at(low, row) < bottom * (1 - reach) || at(high, row) > top * (1 + reach)
      if (isWick && !bad.has(row)) rows.push(row)
    }
  }
  return breach(
    rows,
    (row) => `high ${at(high, row)} or low ${at(low, row)} is far from open, close and the neighbouring bars`,
  )
}

/** A change of the unit of prices: from `row` on they are `ratio` times those before; `factor` is what a split or unit makes of it. */
export interface UnitChange {
  readonly row: number
  readonly ratio: number
  readonly factor: number | null
}

function factorOf(ratio: number): number | null {
  const near = (factor: number): boolean => Math.abs(ratio / factor - 1) <= FACTOR_SLACK
  return FACTORS.flatMap((factor) => [factor, 1 / factor]).find(near) ?? null
}

/** Places from which on all prices are of another size, by more than the share `limit` within a session. */
export function unitChanges(view: BarsView, limit: number): UnitChange[] {
  const { bars, minutes, days } = view
  const bad = new Set(badBars(view))
  const changes: UnitChange[] = []
  let last = -1
  for (const day of days) {
    for (let row = day.from; row < day.to; row++) {
      if (bad.has(row)) continue
      const pause = last < 0 ? 0 : ((minutes[row] as number) - (minutes[last] as number)) / MINUTES_PER_DAY
      const overnight = Math.min(MAX_OVERNIGHT, OVERNIGHT * limit * Math.sqrt(Math.max(1, pause / PAUSE_DAYS)))
      const most = last >= day.from ? limit : overnight
      const ratio = last < 0 ? 1 : at(bars.open, row) / at(bars.close, last)
      if (Math.abs(ratio - 1) > most / 2 && Math.abs(Math.log(ratio)) > most) {
        changes.push({ row, ratio, factor: factorOf(ratio) })
      }
      last = row
    }
  }
  return changes
}

function describeFactor(factor: number | null): string {
  if (factor === null) return 'not a common split or unit'
  const times = factor > 1 ? factor : 1 / factor
  if (Math.round(times) === 100) return factor > 1 ? 'cents after dollars' : 'dollars after cents'
  const size = String(Math.round(times * 100) / 100)
  return factor < 1 ? `a split of ${size} to 1` : `a split of 1 to ${size}`
}

/** Places from which on all prices are of another size. */
export const findUnitChange: BreachFinder = (view, limit) => {
  const changes = unitChanges(view, limit)
  const [first] = changes
  if (first === undefined) return null
  const size = String(Number(first.ratio.toPrecision(3)))
  return {
    rows: changes.map(({ row }) => row),
    reason: `prices become ${size} times what they were (${describeFactor(first.factor)})`,
  }
}

const isWhole = (values: Float64Array): boolean => values.every((value) => Number.isInteger(value))

/** Prices that are all whole numbers, in at least `limit` bars. */
export const findWholePrices: BreachFinder = ({ bars }, limit) => {
  const all = bars.rows >= limit && [bars.close, bars.open, bars.high, bars.low].every(isWhole)
  return all
    ? { rows: [0], reason: `all prices are whole numbers, such as ${at(bars.close, 0)}: they may be cents` }
    : null
}

/** Bars with a volume above `limit` shares. */
export const findHugeVolume: BreachFinder = ({ bars }, limit) => {
  const rows: number[] = []
  for (let row = 0; row < bars.rows; row++) if (at(bars.volume, row) > limit) rows.push(row)
  return breach(rows, (row) => `a volume of ${at(bars.volume, row)} shares in one minute`)
}
