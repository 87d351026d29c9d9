import {
  approachMoments,
  buildSignals,
  momentTargets,
  newYorkCalendar,
  rangeProfile,
  touchMoments,
} from '@breakwater/features'
import type { Bars, MomentOptions, SessionMoments, Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { naiveAnswers, naiveNumbers } from './naive-moments.ts'
import type { NaiveMarket, NaiveMoment } from './naive-moments.ts'
import { isCovered } from './naive-outcomes.ts'
import { naiveBars } from './naive-signals.ts'
import type { NaiveBar } from './naive-signals.ts'
import { randomNumbers, walk } from './synthetic-bars.ts'
import { plain } from './tables.ts'

// Winter, with the half day of 2024-11-29, and eight sessions so that the averages forget one.
const DATES = [
  '2024-11-20',
  '2024-11-21',
  '2024-11-22',
  '2024-11-25',
  '2024-11-26',
  '2024-11-27',
  '2024-11-29',
  '2024-12-02',
]
const THRESHOLDS = [0.5, 1] as const
/** Every so many moments are compared. */
const STRIDE = 83
const calendar = newYorkCalendar()
const minuteOf = (ns: bigint): number => Number(ns / 60_000_000_000n)

interface Day {
  readonly all: readonly NaiveBar[]
  readonly regular: readonly NaiveBar[]
  readonly open: number
  readonly close: number
}

function daysOf(bars: Bars): Day[] {
  const all = naiveBars(bars)
  return DATES.map((date) => {
    const session = calendar.sessionOf(date)
    if (session === null) throw new Error(date)
    const [pre, open, close] = [session.preOpenNs, session.openNs, session.closeNs].map(minuteOf)
    const within = (from = 0): NaiveBar[] => all.filter(({ minute }) => minute >= from && minute < (close ?? 0))
    return { all: within(pre), regular: within(open), open: open ?? 0, close: close ?? 0 }
  })
}

function momentsIn(table: Table, atr: (row: number) => number): NaiveMoment[] {
  const column = (name: string): unknown[] => plain(table.columns[name])
  const [starts, times, kinds] = [column('ts_ns'), column('moment_ts_ns'), column('level_kind_name')]
  const [directions, prices] = [column('direction'), column('level_price')]
  return starts.map((start, row) => ({
    minute: (start as bigint) < 0n ? Number.NaN : minuteOf(start as bigint),
    at: minuteOf(times[row] as bigint),
    kind: String(kinds[row]),
    sign: directions[row] === 'UP' ? 1 : -1,
    price: prices[row] as number,
    atr: atr(row),
  }))
}

/** How many minutes of the label window from `at` on the data covers. */
function coveredFrom({ regular, open, close }: Day, at: number): number {
  let minutes = 0
  while (minutes < 8 && at + minutes < close && isCovered(regular, at + minutes, open)) minutes += 1
  return minutes
}

/** Whether a value is the expected one to 9 digits; a missing one must be missing. */
function isNear(value: unknown, expected: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(value)
  return Math.abs(Number(value) - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
}

/** Compares sampled moments of each session with the twin; how many were compared. */
function compare(
  bars: Bars,
  sessions: Iterable<SessionMoments>,
  atrs: readonly number[],
  usual: NaiveMarket['usual'],
): number {
  const days = daysOf(bars)
  let compared = 0
  for (const [d, { table, touchRows }] of [...sessions].entries()) {
    const day = days[d] as Day
    const market = { ...day, day: day.all, before: days.slice(0, d).map(({ regular }) => regular), usual }
    const targets = momentTargets(table, { thresholds: THRESHOLDS })
    const moments = momentsIn(table, (row) => atrs[touchRows[row] ?? -1] ?? Number.NaN)
    for (let row = d; row < table.rows; row += STRIDE) {
      const moment = moments[row] as NaiveMoment
      const numbers = naiveNumbers(market, moment)
      const off = Object.entries(numbers).filter(([name, value]) => !isNear(plain(table.columns[name])[row], value))
      expect({ moment, off }).toEqual({ moment, off: [] })
      const covered = coveredFrom(day, moment.at)
      const answers = naiveAnswers(day.regular, moment, {
        moved: numbers['moved'] ?? Number.NaN,
        thresholds: THRESHOLDS,
        covered,
      })
      const ours = Object.fromEntries(
        targets.map(({ name, mask, values }) => [name, mask[row] === 1 ? values[row] : null]),
      )
      const theirs = Object.entries(answers).map(([name, value]) => [name, value === null ? null : Math.fround(value)])
      expect(ours).toEqual(Object.fromEntries(theirs))
      compared += 1
    }
  }
  return compared
}

function compareTouches(bars: Bars, options: MomentOptions = {}): number {
  const { table } = buildSignals(bars, { thresholds: THRESHOLDS })
  const atrs = plain(table.columns['atr']) as number[]
  const profile = options.profile
  return compare(
    bars,
    touchMoments(bars, table, { thresholds: THRESHOLDS, ...options }),
    atrs,
    (slot) => profile?.[slot] ?? 1,
  )
}

describe('moments are what the contract says, by the naive twin', () => {
  test('after touches, at every minute to the twelfth, on walks with quiet minutes and long gaps', () => {
    expect(compareTouches(walk({ dates: DATES, seed: 41 }))).toBeGreaterThan(300)
    expect(compareTouches(walk({ dates: DATES, seed: 42, absent: 0.45, preMarketMinutes: 0 }))).toBeGreaterThan(150)
  })

  test('with the time of day divided out by a profile of other sessions', () => {
    const bars = walk({ dates: DATES, seed: 43 })
    const profile = rangeProfile(bars, { dates: DATES.slice(0, 4) })
    expect(compareTouches(bars, { profile })).toBeGreaterThan(300)
  })

  test('before touches', () => {
    const bars = walk({ dates: DATES, seed: 44, absent: 0.1 })
    expect(compare(bars, approachMoments(bars, { thresholds: THRESHOLDS }), [], () => 1)).toBeGreaterThan(80)
  })
})

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('a profile is the mean of relative ranges, fifteen minutes around each minute', () => {
  const bars = walk({ dates: DATES.slice(0, 3), seed: 45 })
  const days = daysOf(bars).slice(0, 3)
  const relative = days.map(({ regular, open }) => {
    const mean = meanOf(regular.map(({ high, low }) => high - low))
    return new Map(regular.map(({ minute, high, low }) => [minute - open, (high - low) / mean]))
  })
  const at = (slot: number): number[] => relative.flatMap((values) => values.get(slot) ?? [])
  const profile = rangeProfile(bars)
  const random = randomNumbers(9)
  for (const slot of [0, 389, ...Array.from({ length: 30 }, () => Math.floor(random() * 390))]) {
    const near = Array.from({ length: 15 }, (_, i) => at(slot - 7 + i)).filter((values) => values.length > 0)
    expect(profile[slot]).toBeCloseTo(meanOf(near.map(meanOf)), 10)
  }
})
