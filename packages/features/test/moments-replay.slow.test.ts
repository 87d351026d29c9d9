import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  approachMoments,
  buildSignals,
  collectMoments,
  createLiveFeatures,
  MOMENT_NUMBERS,
  newYorkCalendar,
  rangeProfile,
  touchMoments,
} from '@breakwater/features'
import type { Bars, LevelPath, LiveFeatures, Table } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { minuteBar } from './live-rows.ts'
import { filterBars, randomNumbers, rowsOf, walk } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const EXTENDED = join(import.meta.dirname, '../../../../shared/data/spy_1m_ext_2024/SPY_1min.csv')
const DATES = ['2024-06-25', '2024-06-26', '2024-06-27', '2024-06-28', '2024-07-01', '2024-07-02', '2024-07-03']
const MINUTE_NS = 60_000_000_000n
const calendar = newYorkCalendar()
const minuteOf = (ns: bigint): number => Number(ns / MINUTE_NS)

/** One moment of a table: its level's path and its numbers in the order of `MOMENT_NUMBERS`. */
interface MomentRow {
  /** Minutes since 1970. */
  readonly at: number
  readonly kind: string
  readonly path: LevelPath
  readonly numbers: readonly number[]
}

/** The moments of a table; `atrOf` gives the ATR of a row's touch, null before one. */
function momentRows(table: Table, atrOf: (row: number) => number | null): MomentRow[] {
  const column = (name: string): unknown[] => plain(table.columns[name])
  const [starts, times, kinds] = [column('ts_ns'), column('moment_ts_ns'), column('level_kind_name')]
  const [directions, prices] = [column('direction'), column('level_price')]
  const numbers = MOMENT_NUMBERS.map((name) => column(name) as number[])
  return starts.map((start, row) => ({
    at: minuteOf(times[row] as bigint),
    kind: String(kinds[row]),
    path: {
      price: prices[row] as number,
      sign: directions[row] === 'UP' ? 1 : -1,
      touchMinute: (start as bigint) < 0n ? null : minuteOf(start as bigint),
      atr: atrOf(row),
    },
    numbers: numbers.map((values) => values[row] as number),
  }))
}

/** What tells one moment of a table from another. */
const momentKey = ({ at, kind, path }: MomentRow): string =>
  `${at} ${kind} ${path.price} ${path.sign} ${path.touchMinute}`

interface Built {
  readonly signals: Table
  readonly rows: readonly MomentRow[]
}

/** Every moment of some bars, before touches and after them. */
function momentsOf(bars: Bars, profile: Float64Array): Built {
  const signals = buildSignals(bars).table
  const atrs = plain(signals.columns['atr']) as number[]
  const after = collectMoments(touchMoments(bars, signals, { profile }))
  const before = collectMoments(approachMoments(bars, { profile }))
  const rows = [
    ...momentRows(after.table, (row) => atrs[after.touchRows[row] ?? -1] ?? Number.NaN),
    ...momentRows(before.table, () => null),
  ]
  return { signals, rows }
}

/** Moments until `minute` whose numbers differ in any bit from those of the bars cut there, or that are gone. */
function changedByCut(bars: Bars, { rows }: Built, minute: number, profile: Float64Array): string[] {
  const cut = filterBars(bars, ([ts]) => minuteOf(ts) + 1 <= minute)
  const again = new Map(momentsOf(cut, profile).rows.map((row) => [momentKey(row), row.numbers]))
  return rows
    .filter(({ at }) => at <= minute)
    .filter((row) => !row.numbers.every((value, i) => Object.is(value, again.get(momentKey(row))?.[i])))
    .map(momentKey)
}

describe('cutting the bars at a moment', () => {
  test('changes no bit of it, nor of any before it, at random minutes', () => {
    const bars = walk({ dates: DATES, seed: 51, absent: 0.08 })
    const profile = rangeProfile(bars, { dates: DATES.slice(0, 2) })
    const built = momentsOf(bars, profile)
    const random = randomNumbers(3)
    for (const date of [DATES[2], DATES[4], DATES[6]]) {
      const open = minuteOf(calendar.sessionOf(date ?? '')?.openNs ?? 0n)
      const minute = open + 20 + Math.floor(random() * 180)
      expect(changedByCut(bars, built, minute, profile)).toEqual([])
      expect(built.rows.filter(({ at }) => at <= minute).length).toBeGreaterThan(1000)
    }
  })

  test('and the replay does notice a value that looks ahead: another bar in the last minute changes its moments', () => {
    const bars = walk({ dates: DATES.slice(0, 2), seed: 52, absent: 0 })
    const profile = rangeProfile(bars)
    const built = momentsOf(bars, profile)
    const last = built.rows.reduce((most, { at }) => Math.max(most, at), 0)
    const other = filterBars(bars, ([ts]) => minuteOf(ts) !== last - 1)
    expect(changedByCut(other, built, last, profile).length).toBeGreaterThan(0)
  })
})

/** Asks live features for every moment when its time has come; keys of those with another bit, and how many were asked. */
function replay(bars: Bars, live: LiveFeatures, rows: readonly MomentRow[]): { asked: number; differing: string[] } {
  const byMinute = new Map<number, MomentRow[]>()
  for (const row of rows) byMinute.set(row.at, [...(byMinute.get(row.at) ?? []), row])
  const differing: string[] = []
  let asked = 0
  const all = rowsOf(bars)
  for (const [i, row] of all.entries()) {
    live.push(minuteBar(row))
    const next = minuteOf(all[i + 1]?.[0] ?? row[0] + 30n * MINUTE_NS)
    for (let minute = minuteOf(row[0]) + 1; minute <= Math.min(next, minuteOf(row[0]) + 30); minute++) {
      for (const one of byMinute.get(minute) ?? []) {
        const values = live.moment(one.path, BigInt(minute) * MINUTE_NS)
        const isSame = MOMENT_NUMBERS.every((name, n) => Object.is(values?.[name], one.numbers[n]))
        if (!isSame) differing.push(momentKey(one))
        asked += 1
      }
    }
  }
  return { asked, differing }
}

describe('a live moment has the bits of the batch', () => {
  test('at every minute of every path of a random walk', () => {
    const bars = walk({ dates: DATES, seed: 53, absent: 0.1 })
    const profile = rangeProfile(bars, { dates: DATES.slice(0, 3) })
    const { rows } = momentsOf(bars, profile)
    const { asked, differing } = replay(bars, createLiveFeatures({ profile }), rows)
    expect(differing).toEqual([])
    expect(asked).toBe(rows.length)
    expect(asked).toBeGreaterThan(20_000)
  })

  test('from the sixth session on where only five were pushed before', () => {
    const bars = walk({ dates: DATES, seed: 54 })
    const { rows } = momentsOf(bars, rangeProfile(bars))
    const start = calendar.sessionOf(DATES[1] ?? '')?.preOpenNs ?? 0n
    const open = minuteOf(calendar.sessionOf(DATES[6] ?? '')?.openNs ?? 0n)
    const live = createLiveFeatures({ profile: rangeProfile(bars) })
    const { asked, differing } = replay(
      filterBars(bars, ([ts]) => ts >= start),
      live,
      rows.filter(({ at }) => at > open),
    )
    expect(differing).toEqual([])
    expect(asked).toBeGreaterThan(2000)
  })

  test.skipIf(!existsSync(EXTENDED))('on real bars of twelve sessions (skipped where they are absent)', async () => {
    const { bars } = await readBars(EXTENDED)
    const cut = filterBars(bars, ([ts]) => calendar.dateOf(ts) <= '2024-03-15')
    const profile = rangeProfile(cut)
    const { rows } = momentsOf(cut, profile)
    const { asked, differing } = replay(cut, createLiveFeatures({ profile }), rows)
    expect(differing).toEqual([])
    expect(asked).toBe(rows.length)
  })
})

test('between minutes a live moment goes by the price of the tick, and forgets what a rewind takes back', () => {
  const bars = walk({ dates: DATES.slice(0, 2), seed: 56, absent: 0 })
  const { rows } = momentsOf(bars, rangeProfile(bars))
  const close = calendar.sessionOf(DATES[1] ?? '')?.closeNs ?? 0n
  const row = rows.findLast(({ at, path }) => path.touchMinute !== null && at < minuteOf(close) - 30)
  if (row === undefined) throw new Error('no moment')
  const { path, at } = row
  const live = createLiveFeatures()
  const early = createLiveFeatures()
  for (const bar of rowsOf(bars)) {
    if (minuteOf(bar[0]) < at) live.push(minuteBar(bar))
    if (minuteOf(bar[0]) < at - 2) early.push(minuteBar(bar))
  }
  const tick = BigInt(at) * MINUTE_NS + 12_250_000_000n
  const spot = path.price + path.sign * 7
  const [now, then] = [live.moment(path, tick, spot), live.moment(path, BigInt(at) * MINUTE_NS)]
  expect(now).toMatchObject({
    elapsed_s: (at - (path.touchMinute ?? 0)) * 60 + 12.25,
    moved: path.sign * (spot - path.price),
    furthest_beyond: path.sign * (spot - path.price),
    furthest_back: then?.['furthest_back'],
    sigma_1m: then?.['sigma_1m'],
    left_s: (then?.['left_s'] ?? Number.NaN) - 12.25,
  })
  expect(live.moment(path, BigInt(at) * MINUTE_NS - 1n)).toBeNull()
  expect(live.moment(path, close)).toBeNull()
  expect(createLiveFeatures().moment(path, tick)).toBeNull()
  const quiet = early.moment(path, BigInt(at + 5) * MINUTE_NS, spot)
  expect(quiet).toMatchObject({ moved: path.sign * (spot - path.price), furthest_beyond: Number.NaN })
  expect(early.moment(path, BigInt(at + 5) * MINUTE_NS)?.['moved']).toBeNaN()
  live.rewind(BigInt(at - 2) * MINUTE_NS)
  expect(live.moment(path, BigInt(at - 2) * MINUTE_NS)).toEqual(early.moment(path, BigInt(at - 2) * MINUTE_NS))
})

/** What tells a level from others of a session without options. */
const single = (kind: string, price: number): string => (kind === 'ROUND' ? `${kind} ${price.toFixed(2)}` : kind)

test('levels followed before a touch are those that live features know within a dollar and no touch holds', () => {
  const bars = walk({ dates: DATES.slice(0, 3), seed: 55, absent: 0.05 })
  const { table } = buildSignals(bars)
  const touched = new Map<string, number[]>()
  const [starts, kinds, prices] = ['ts_ns', 'level_kind_name', 'level_price'].map((name) => plain(table.columns[name]))
  for (const [row, start] of (starts ?? []).entries()) {
    const key = single(String(kinds?.[row]), prices?.[row] as number)
    touched.set(key, [...(touched.get(key) ?? []), minuteOf(start as bigint)])
  }
  const followed = collectMoments(approachMoments(bars))
  const ours = momentRows(followed.table, () => null).map(({ at, kind, path }) => `${at} ${kind} ${path.price}`)
  const live = createLiveFeatures()
  const expected: string[] = []
  const all = rowsOf(bars)
  for (const [i, row] of all.entries()) {
    live.push(minuteBar(row))
    const minute = minuteOf(row[0])
    const session = calendar.sessionOf(calendar.dateOf(row[0]))
    const [open, close] = [minuteOf(session?.openNs ?? 0n), minuteOf(session?.closeNs ?? 0n)]
    const until = Math.min(minuteOf(all[i + 1]?.[0] ?? row[0]), minute + 6, close - 1)
    for (let at = Math.max(minute, open) + 1; at <= until; at++) {
      for (const { kind, price } of live.levels(BigInt(at) * MINUTE_NS, 1)) {
        const isHeld = (touched.get(single(kind, price)) ?? []).some((start) => start < at && at - start <= 12)
        if (!isHeld && Math.abs(price - row[4]) <= 1 + 1e-8) expected.push(`${at} ${kind} ${price}`)
      }
    }
  }
  expect(ours.toSorted()).toEqual(expected.toSorted())
  expect(expected.length).toBeGreaterThan(500)
})
