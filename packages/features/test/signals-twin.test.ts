import { LEVEL_KINDS, buildSignals, newYorkCalendar } from '@breakwater/features'
import type { Bars, Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { naiveOutcome } from './naive-outcomes.ts'
import { naiveBars, naiveFeatures, naiveTouches } from './naive-signals.ts'
import type { NaiveBar, NaiveTouch } from './naive-signals.ts'
import { filterBars, walk } from './synthetic-bars.ts'
import { plainTable } from './tables.ts'

const calendar = newYorkCalendar()
const minuteOf = (ns: bigint): number => Number(ns / 60_000_000_000n)

/** Four sessions across the clock change of March 2024, with absent minutes. */
const SPRING = ['2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12']
/** A half day with the day before and after it. */
const HALF_DAY = ['2024-11-27', '2024-11-29', '2024-12-02']

const ANCHORS = [
  ['_2min', 2],
  ['_4min', 4],
  ['_8min', 8],
  ['', 4],
] as const

type Row = Readonly<Record<string, unknown>>

function rowsOn(table: Table, date: string): Row[] {
  const columns = plainTable(table)
  const rows = Array.from({ length: table.rows }, (_, i) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i]])),
  )
  return rows.filter((row) => row['date'] === date)
}

interface Case {
  readonly bars: readonly NaiveBar[]
  readonly date: string
  readonly rows: readonly Row[]
  readonly touches: readonly NaiveTouch[]
}

function caseOf(bars: Bars, date: string): Case {
  const naive = naiveBars(bars)
  const { table } = buildSignals(bars)
  return { bars: naive, date, rows: rowsOn(table, date), touches: naiveTouches(naive, date, LEVEL_KINDS) }
}

const isOther = (found: unknown, wanted: number | string): boolean =>
  typeof found === 'number' && typeof wanted === 'number' && !Number.isNaN(wanted)
    ? !(Math.abs(found - wanted) < 1e-7)
    : !Object.is(found, wanted)

/** Names under which `actual` differs from `expected` by more than rounding. */
function differences(
  actual: Row | undefined,
  expected: Readonly<Record<string, number | string>>,
  suffix = '',
): string[] {
  return Object.entries(expected)
    .map(([name, wanted]) => ({ name, wanted, found: actual?.[name + suffix] }))
    .filter(({ found, wanted }) => isOther(found, wanted))
    .map(
      ({ name, found, wanted }) =>
        `${name}${suffix} is ${String(found)}, not ${wanted}: ${String(actual?.['event_id'])}`,
    )
}

const spring = walk({ dates: SPRING, seed: 11 })
const thin = filterBars(walk({ dates: SPRING, seed: 12, absent: 0.45, preMarketMinutes: 0 }), ([ts]) => {
  // Two holes: ten minutes at noon, and everything after 15:20.
  const sinceOpen = minuteOf(ts - (calendar.sessionOf(calendar.dateOf(ts))?.openNs ?? 0n))
  return sinceOpen < 350 && !(sinceOpen >= 150 && sinceOpen < 160)
})

describe.each([
  ['a session with three before it', caseOf(spring, '2024-03-12')],
  ['the first session of the data', caseOf(spring, '2024-03-07')],
  ['a session with many absent minutes, two holes and no pre-market', caseOf(thin, '2024-03-12')],
  ['a session of wide bars', caseOf(walk({ dates: SPRING.slice(2), seed: 14, step: 2 }), '2024-03-12')],
  ['a half day', caseOf(walk({ dates: HALF_DAY, seed: 13 }), '2024-11-29')],
])('the signals of %s agree with the definitions', (_, { bars, date, rows, touches }) => {
  test('in which touches there are', () => {
    const found = rows.map((row) => [Number(row['ts_ns']) / 6e10, row['level_kind_name'], row['direction_sign']])
    expect(found).toEqual(touches.map(({ minute, kind, sign }) => [minute, kind, sign]))
    expect(touches.length).toBeGreaterThan(40)
  })

  test('in every feature', () => {
    const step = Math.ceil(touches.length / 40)
    const found = touches.flatMap((touch, i) =>
      i % step === 0 ? differences(rows[i], naiveFeatures(bars, date, touch, touches)) : [],
    )
    expect(found).toEqual([])
  })

  test('in every label', () => {
    const session = calendar.sessionOf(date)
    const limits = [minuteOf(session?.openNs ?? 0n), minuteOf(session?.closeNs ?? 0n)] as const
    const inSession = bars.filter(({ minute }) => minute >= limits[0] && minute < limits[1])
    const found = ANCHORS.flatMap(([suffix, minutes]) =>
      touches.flatMap((touch, i) => {
        const { future_price: future = Number.NaN, ...labels } = naiveOutcome(inSession, touch, minutes, limits)
        const futureName = suffix === '' ? 'future_price_5min' : `future_price${suffix}`
        return [...differences(rows[i], labels, suffix), ...differences(rows[i], { [futureName]: future })]
      }),
    )
    expect(found).toEqual([])
  })
})
