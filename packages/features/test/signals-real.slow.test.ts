import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSignals, newYorkCalendar, signalColumns } from '@breakwater/features'
import type { Bars, Signals, Table } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { plain } from './tables.ts'

const DATA = join(import.meta.dirname, '../../../../shared/data')
const calendar = newYorkCalendar()

interface Built extends Signals {
  readonly bars: Bars
}

const built = new Map<string, Promise<Built>>()

async function build(name: string): Promise<Built> {
  const { bars } = await readBars(join(DATA, name))
  return { bars, ...buildSignals(bars) }
}

/** Bars and signals of a data set, built once. */
async function builtFrom(name: string): Promise<Built> {
  const once = built.get(name) ?? build(name)
  built.set(name, once)
  return once
}

async function roundIds(name: string): Promise<Set<unknown>> {
  const { table } = await builtFrom(name)
  return new Set(plain(table.columns['event_id']).filter((id) => /^SPY-20240[45]0.-.*ROUND/.test(String(id))))
}

function numbersOf(table: Table, name: string): ArrayLike<number> {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`${name} is not a number column`)
  return column.values
}

/** Highest high and lowest low of each date's used hours (04:00 to the close) with the two sessions before it. */
function rangesOf(bars: Bars): Map<string, readonly [number, number]> {
  const days = new Map<string, [number, number]>()
  for (let i = 0; i < bars.rows; i++) {
    const date = calendar.dateOf(bars.ts[i] ?? 0n)
    const [low, high] = days.get(date) ?? [Infinity, -Infinity]
    days.set(date, [Math.min(low, bars.low[i] ?? low), Math.max(high, bars.high[i] ?? high)])
  }
  return days
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

const PHYSICS = new Set(['barrier_physics', 'tape_physics', 'fuel_physics', 'dealer_velocity'])

describe.skipIf(!existsSync(DATA)).each([
  { name: 'spy_1m_ext_2024/SPY_1min.csv', sessions: 63, least: 20_000, halfDays: 0 },
  { name: 'spy_1m_rth_2024_2025/SPY_1m.parquet', sessions: 256, least: 70_000, halfDays: 3 },
])('the signals of $name (skipped where it is absent)', ({ name, sessions, least, halfDays }) => {
  test('cover every session, with half days cut at 13:00', async () => {
    const { bars, table, report } = await builtFrom(name)
    expect(report.sessions).toBe(sessions)
    const half = report.dates.filter((date) => calendar.sessionOf(date)?.half === true)
    expect(half).toHaveLength(halfDays)
    expect(report.bars.ignored.afterHalfDayClose > 0).toBe(halfDays > 0)
    const used = report.bars.preMarket + report.bars.regular
    expect(used + sum(Object.values(report.bars.ignored))).toBe(bars.rows)
    const dates = plain(table.columns['date'])
    const since = numbersOf(table, 'bars_since_open')
    const late = dates.filter((date, i) => (since[i] ?? 0) >= (half.includes(String(date)) ? 210 : 390))
    expect(late).toEqual([])
  })

  test('hold a plausible number of touches, each with an id of its own, in time order', async () => {
    const { table, report } = await builtFrom(name)
    expect(table.rows).toBe(report.touches)
    expect(table.rows).toBeGreaterThan(least)
    expect(table.rows).toBeLessThan(report.bars.regular * 2)
    expect(new Set(plain(table.columns['event_id'])).size).toBe(table.rows)
    const ts = plain(table.columns['ts_ns']).map(Number)
    expect(ts.every((time, i) => i === 0 || time >= (ts[i - 1] ?? 0))).toBe(true)
  })

  test('touch no level outside the bar range by more than the band', async () => {
    const { bars, table } = await builtFrom(name)
    const ranges = rangesOf(bars)
    const price = numbersOf(table, 'level_price')
    const spot = numbersOf(table, 'spot')
    const outside = plain(table.columns['date']).filter((date, i) => {
      const [low, high] = ranges.get(String(date)) ?? [Infinity, -Infinity]
      const level = price[i] ?? Number.NaN
      return !(level >= low - 0.1001 && level <= high + 0.1001 && Math.abs(level - (spot[i] ?? 0)) <= 0.2501)
    })
    expect(outside).toEqual([])
  })

  test('mask the labels at the end of every session', async () => {
    const { table, report } = await builtFrom(name)
    const since = numbersOf(table, 'bars_since_open')
    const window = numbersOf(table, 'window_s_8min')
    const outcomes = plain(table.columns['outcome_8min'])
    const dates = plain(table.columns['date'])
    const lastDate = report.dates.at(-1)
    const wrong = dates.filter((date, i) => {
      const end = calendar.sessionOf(String(date))?.half === true ? 210 : 390
      const complete = (since[i] ?? 0) + 16 <= end
      if (complete !== (window[i] === 480)) return date !== lastDate
      return (outcomes[i] === 'UNDEFINED') === complete && complete && window[i] !== 480
    })
    expect(wrong).toEqual([])
    expect(report.incompleteWindows['8min']).toBeGreaterThan(sessions)
  })

  test('have no physics at all', async () => {
    const { table } = await builtFrom(name)
    const physics = signalColumns.filter(({ group }) => PHYSICS.has(group))
    const present = physics.filter(({ name: column }) =>
      plain(table.columns[column]).some((value) => value !== null && !Number.isNaN(value)),
    )
    expect(present).toEqual([])
    expect(physics).toHaveLength(22)
  })
})

describe.skipIf(!existsSync(DATA))('real bars of two vendors (skipped where they are absent)', () => {
  test('give the same touches of round levels on the sessions that both have', async () => {
    const first = await roundIds('spy_1m_ext_2024/SPY_1min.csv')
    const second = await roundIds('spy_1m_rth_2024_2025/SPY_1m.parquet')
    const common = [...first].filter((id) => second.has(id))
    expect(common.length / Math.max(first.size, second.size)).toBeGreaterThan(0.99)
  })
})
