import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  anchorMoments,
  ANCHORS,
  approachMoments,
  atAnchor,
  buildSignals,
  collectMoments,
  deriveHeads,
  MEAN_RANGE,
  MOMENT_MINUTES,
  momentTargets,
  rangeProfile,
  touchMoments,
} from '@breakwater/features'
import type { HeadTarget, MomentTarget, Table } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { minutesFrom, still } from './signal-days.ts'
import type { Prices } from './signal-days.ts'
import { barsOf, walk } from './synthetic-bars.ts'
import { numbers, plain, times, words } from './tables.ts'

const REAL = join(import.meta.dirname, '../../../../shared/data/spy_1m_rth_2024_2025/SPY_1m.parquet')
const DATES = ['2024-06-28', '2024-07-01', '2024-07-02', '2024-07-03']
const THRESHOLDS = [0.5, 1] as const
const bars = walk({ dates: DATES, seed: 61, absent: 0.06 })
const signals = buildSignals(bars, { thresholds: THRESHOLDS }).table

interface Overlap {
  both: number
  differing: number
  headAlone: number
  momentAlone: number
}

/** Rows that both see, those of them whose values differ, and rows that only one sees, by the touch's row. */
function against(head: HeadTarget, target: MomentTarget, touchRows: Int32Array): Overlap {
  const counts = { both: 0, differing: 0, headAlone: 0, momentAlone: 0 }
  for (const [i, row] of touchRows.entries()) {
    if (head.mask[row] === 1 && target.mask[i] === 1) {
      counts.both += 1
      if (!Object.is(head.values[row], target.values[i])) counts.differing += 1
    } else if (head.mask[row] === 1) counts.headAlone += 1
    else if (target.mask[i] === 1) counts.momentAlone += 1
  }
  return counts
}

/** Touch and time of every moment. */
const keys = (table: Table, rows: Int32Array): string[] =>
  plain(table.columns['elapsed_s']).map((seconds, i) => `${rows[i]} ${String(seconds)}`)

describe('targets at an anchor', () => {
  test.each([
    ['2min', 2],
    ['4min', 4],
    ['8min', 8],
  ] as const)('%s are those of the signals on every row that both see', (anchor, minute) => {
    const { table, touchRows } = collectMoments(
      touchMoments(bars, signals, { thresholds: THRESHOLDS, minutes: [minute] }),
    )
    const targets = momentTargets(table, { thresholds: THRESHOLDS })
    const heads = deriveHeads(signals, { anchors: [anchor], thresholds: THRESHOLDS })
    expect(targets.map(({ name }) => atAnchor(name, anchor))).toEqual(heads.map(({ name }) => name))
    const counts = heads.map((head, h) => ({
      name: head.name,
      ...against(head, targets[h] as MomentTarget, touchRows),
    }))
    expect(counts.filter(({ differing, headAlone }) => differing + headAlone > 0)).toEqual([])
    expect(counts.filter(({ name, both }) => both < (name.startsWith('direction') ? 10 : 100))).toEqual([])
    // Only a minute that is the first to reach both sides is no outcome for the heads, and one for moments.
    const alone = counts.filter(({ momentAlone }) => momentAlone > 0).map(({ name }) => name)
    expect(['tradeable_2', 'strength_signed'].map((name) => atAnchor(name, anchor))).toEqual(
      expect.arrayContaining(alone),
    )
  })

  test.skipIf(!existsSync(REAL))('are those of 256 real sessions (skipped where they are absent)', async () => {
    const real = (await readBars(REAL)).bars
    const { table: touches } = buildSignals(real, { thresholds: THRESHOLDS })
    const moments = collectMoments(touchMoments(real, touches, { thresholds: THRESHOLDS, minutes: [4] }))
    const targets = momentTargets(moments.table, { thresholds: THRESHOLDS })
    const heads = deriveHeads(touches, { anchors: ['4min'], thresholds: THRESHOLDS })
    const counts = heads.map((head, h) => against(head, targets[h] as MomentTarget, moments.touchRows))
    expect(counts.every(({ differing, headAlone }) => differing + headAlone === 0)).toBe(true)
    expect(counts.reduce((sum, { both }) => sum + both, 0)).toBeGreaterThan(2_000_000)
  })

  test('from the signals alone are the same, with what the signals know of the moment', () => {
    const alone = anchorMoments(signals)
    const built = collectMoments(touchMoments(bars, signals, { thresholds: THRESHOLDS, minutes: [2, 4, 8] }))
    const place = new Map(keys(built.table, built.touchRows).map((key, i) => [key, i]))
    const [ours, theirs] = [
      momentTargets(alone.table, { thresholds: THRESHOLDS }),
      momentTargets(built.table, { thresholds: THRESHOLDS }),
    ]
    const same = ['moved', 'moved_atr', 'since_open_s', 'left_s', 'window_s', 'excursion_max', 'moment_ts_ns', 'ts_ns']
    const columns = same.map(
      (name) => [name, plain(alone.table.columns[name]), plain(built.table.columns[name])] as const,
    )
    const sigma = plain(alone.table.columns['sigma_1m']) as number[]
    const atr = plain(signals.columns['atr']) as number[]
    expect(alone.table.rows).toBe(built.table.rows)
    const found = keys(alone.table, alone.touchRows).map((key) => place.get(key) ?? -1)
    for (const [name, a, b] of columns) {
      // After the last bar the signals know that price is unknown; nobody could know it then.
      const isKnown = (i: number): boolean => !(name.startsWith('moved') && Number.isNaN(a[i]))
      expect([name, found.filter((at, i) => isKnown(i) && !Object.is(a[i], b[at]))]).toEqual([name, []])
    }
    expect(sigma).toEqual(Array.from(alone.touchRows, (row) => (atr[row] ?? Number.NaN) / MEAN_RANGE))
    for (const [t, { name, mask, values }] of ours.entries()) {
      expect([name, found.filter((at, i) => mask[i] === 1 && values[i] !== theirs[t]?.values[at])]).toEqual([name, []])
    }
  })

  test('of a file of the original layout, which has no window, cover every defined outcome whole', () => {
    const columns = Object.fromEntries(Object.entries(signals.columns).filter(([name]) => !name.startsWith('window_s')))
    const { table, touchRows } = anchorMoments({ rows: signals.rows, columns }, { anchors: ['4min'] })
    const outcomes = plain(signals.columns['outcome_4min'])
    const windows = plain(table.columns['window_s'])
    expect(windows).toEqual(Array.from(touchRows, (row) => (outcomes[row] === 'UNDEFINED' ? Number.NaN : 480)))
    expect(windows.filter((seconds) => seconds === 480).length).toBeGreaterThan(100)
  })

  test('every anchor is one of the minutes that are looked at', () => {
    expect(ANCHORS.every((anchor) => MOMENT_MINUTES.includes(Number.parseInt(anchor, 10)))).toBe(true)
    expect(MOMENT_MINUTES).toHaveLength(12)
  })
})

/** Targets of the only touch of ROUND 500 of a day that ends with `after`, at the start of that part. */
function after(prices: readonly (Prices | null)[]): Readonly<Record<string, number | string>> {
  const day = [...still(499.5, 20), [499.5, 499.95, 499.5, 499.8] as const, ...prices]
  const history = barsOf(minutesFrom('2024-02-20', '09:30', day))
  const table = buildSignals(history, { thresholds: THRESHOLDS }).table
  const rows = plain(table.columns['level_price']).flatMap((price, row) => (price === 500 ? [row] : []))
  const moments = collectMoments(touchMoments(history, table, { thresholds: THRESHOLDS, minutes: [1] }))
  const at = moments.touchRows.indexOf(rows[0] ?? -1)
  return Object.fromEntries(
    momentTargets(moments.table, { thresholds: THRESHOLDS }).map(({ name, values, mask, masked }) => [
      name,
      mask[at] === 1 ? (values[at] as number) : String(Object.keys(masked)),
    ]),
  )
}

describe('questions at a moment', () => {
  test('count a hit only when its whole minute lies within the horizon', () => {
    const reached = after([...still(499.8, 1), [499.8, 500.5, 499.8, 500.2], ...still(500.2, 10)])
    expect(reached).toMatchObject({
      t1_60s: 0,
      t1_120s: 1,
      t1_break_120s: 1,
      t1_bounce_300s: 0,
      t2_300s: 0,
      tradeable_2: 0,
    })
  })

  test('have no direction where one minute is the first to reach both sides, which is tradeable all the same', () => {
    const both = after([[499.8, 501, 499, 500], ...still(500, 10)])
    expect(both).toMatchObject({ tradeable_2: 1, strength_signed: 1, t2_break_60s: 1, t2_bounce_60s: 1 })
    expect(both['direction']).toContain('both sides in one minute')
  })

  test('are masked where the horizon crosses the end of what the data covers', () => {
    const short = after(still(499.8, 3))
    expect(short).toMatchObject({ t1_60s: 0, t1_180s: 0 })
    expect([short['t1_300s'], short['tradeable_2'], short['strength_signed']].join()).toContain('window incomplete')
  })

  test('straddle a horizon that is not a whole number of minutes', () => {
    const table: Table = {
      rows: 1,
      columns: Object.fromEntries(
        Object.entries({
          moved: 0,
          window_s: 480,
          time_to_break_1: 60,
          time_to_bounce_1: Number.NaN,
          time_to_break_2: Number.NaN,
          time_to_bounce_2: Number.NaN,
          excursion_max: 0.6,
          excursion_min: -0.1,
        }).map(([name, value]) => [name, numbers([value])]),
      ),
    }
    const first = momentTargets(table, { thresholds: THRESHOLDS, horizons: [90] }).find(({ name }) => name === 't1_90s')
    expect(first?.masked).toEqual({ 'hit straddles the horizon': 1 })
  })
})

describe('a level before a touch', () => {
  test('is not reached while price stands before it, and says when the next bar touches it', () => {
    const { table } = collectMoments(approachMoments(bars, { thresholds: THRESHOLDS }))
    const moved = plain(table.columns['moved']) as number[]
    const touch = plain(table.columns['time_to_touch']) as number[]
    expect(moved.every((dollars) => dollars <= 0 && dollars >= -1 - 1e-8)).toBe(true)
    expect(new Set(touch.filter((seconds) => !Number.isNaN(seconds)))).toEqual(
      new Set([0, 60, 120, 180, 240, 300, 360, 420]),
    )
    expect(plain(table.columns['elapsed_s']).every((seconds) => Number.isNaN(seconds))).toBe(true)
  })
})

test.each([
  [() => [...touchMoments(bars, signals, { minutes: [0] })], 'features: minutes=0: must be whole minutes from 1'],
  [
    () => [...touchMoments(bars, signals, { minutes: () => [1.5] })],
    'features: minutes=1.5: must be whole minutes from 1',
  ],
  [
    () => [...touchMoments(bars, signals, { profile: [1, 2] })],
    'features: profile.length=2: must be 390 numbers above 0',
  ],
  [
    () => [...touchMoments(bars, signals, { profile: new Float64Array(390) })],
    'features: profile[0]=0: must be 390 numbers',
  ],
  [
    () => [...touchMoments(bars, signals, { atrBars: 0 })],
    'features: atrBars=0: must be a whole number of at least 1.',
  ],
  [() => [...approachMoments(bars, { radius: 0 })], 'features: radius=0: must be a number of dollars above 0.'],
  [() => collectMoments([]), 'features: moments: no session to collect.'],
  [() => rangeProfile(bars, { dates: ['2024-01-02'] }), 'features: bars, dates=2024-01-02: no bar of these sessions.'],
  [() => anchorMoments(signals, { anchors: [] }), 'features: anchors=[]: must name at least one anchor with labels.'],
  [() => momentTargets({ rows: 0, columns: {} }), 'features: table.moved: the column is missing.'],
  [() => momentTargets({ rows: 0, columns: {} }, { horizons: [481] }), 'features: horizons=481: must be whole seconds'],
  [
    () => momentTargets({ rows: 0, columns: {} }, { thresholds: [1, 1] }),
    'features: thresholds=1,1: must be two numbers',
  ],
])('%# is refused by name', (run, message) => {
  expect(run).toThrow(message)
})

test.each([
  ['2024-07-05', '10:00', 'UP', 'the bars have no session 2024-07-05'],
  ['2024-07-03', '13:30', 'UP', 'the bars lack its minute'],
  ['2024-07-03', '10:00', '', 'its direction is neither UP nor DOWN'],
])('a touch at %s %s, %s is refused: %s', (date, time, direction, fault) => {
  const [start] = minutesFrom(date, time, still(500, 1))
  const touch: Table = {
    rows: 1,
    columns: {
      ts_ns: times([start?.[0] ?? 0n]),
      level_price: numbers([500]),
      atr: numbers([0.2]),
      level_kind_name: words(['ROUND']),
      direction: words([direction]),
    },
  }
  expect(() => [...touchMoments(bars, touch)]).toThrow(
    `features: signals, row 0: ${fault}. Pass the bars that the signals were built from.`,
  )
})
