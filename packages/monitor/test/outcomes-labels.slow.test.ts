import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  approachMoments,
  barsOf,
  buildSignals,
  collectMoments,
  momentTargets,
  newYorkCalendar,
  touchMoments,
  type Bars,
  type Table,
} from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { createOutcomeJoin, questionsOf, type JoinState, type ResolvedForecast } from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { walkBars } from './market.ts'

const REAL = join(import.meta.dirname, '../../../../shared/data/spy_1m_rth_2024_2025/SPY_1m.parquet')
const THRESHOLDS = [0.5, 1] as const
const MINUTE_NS = 60_000_000_000n
const questions = questionsOf()

interface Moment {
  readonly row: number
  readonly ns: bigint
}

/** The moments of a table by time. */
function byTime(table: Table): Moment[] {
  const column = table.columns['moment_ts_ns']
  if (column?.type !== 'time') throw new Error('no moments')
  return Array.from(column.values, (ns, row) => ({ row, ns })).toSorted((a, b) =>
    a.ns < b.ns ? -1 : Number(a.ns > b.ns),
  )
}

function numbers(table: Table, name: string): ArrayLike<number> {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`no ${name}`)
  return column.values
}

function words(table: Table, name: string): (row: number) => string {
  const column = table.columns[name]
  if (column?.type !== 'string') throw new Error(`no ${name}`)
  return (row) => column.dictionary[column.codes[row] as number] ?? ''
}

/** Publishes every moment of a table at its time between the bars, and returns the answers by row. */
function joinMoments(bars: Bars, table: Table, resumeEvery = Infinity): Map<number, ResolvedForecast[]> {
  let joined = createOutcomeJoin({ questions, thresholds: THRESHOLDS })
  const answers = new Map<number, ResolvedForecast[]>()
  const keep = (resolved: readonly ResolvedForecast[]): void => {
    for (const one of resolved) {
      const row = Number(one.forecast.labels['row'])
      answers.set(row, [...(answers.get(row) ?? []), one])
    }
  }
  const [prices, direction] = [numbers(table, 'level_price'), words(table, 'direction')]
  const values = new Float64Array(questions.length).fill(0.5)
  const moments = byTime(table)
  let at = 0
  const publishUntil = (ns: bigint): void => {
    for (; at < moments.length && (moments[at] as Moment).ns <= ns; at++) {
      const { row, ns: tsNs } = moments[at] as Moment
      const sign = direction(row) === 'UP' ? 1 : -1
      const level = { levelId: String(row), kind: 'ROUND', price: prices[row] as number, sign } as const
      keep(
        joined.publish({
          ...level,
          tsNs,
          fromNs: tsNs,
          touchNs: null,
          spot: Number.NaN,
          values,
          labels: { row: String(row) },
        }),
      )
    }
  }
  for (let i = 0; i < bars.rows; i++) {
    const ts = bars.ts[i] as bigint
    publishUntil(ts)
    const bar = {
      minute: Number(ts / MINUTE_NS),
      open: bars.open[i] as number,
      high: bars.high[i] as number,
      low: bars.low[i] as number,
      close: bars.close[i] as number,
      volume: bars.volume[i] as number,
    }
    keep(joined.bar(bar))
    if (i % resumeEvery === resumeEvery - 1) {
      const state = JSON.parse(JSON.stringify(joined.state())) as JoinState
      joined = createOutcomeJoin({ questions, thresholds: THRESHOLDS, state })
    }
  }
  publishUntil(2n ** 62n)
  keep(joined.close())
  expect(joined.open).toBe(0)
  return answers
}

/** Compares every answer with the target of its moment; returns how many there were of each kind. */
function compareWithTargets(bars: Bars, table: Table, answers: Map<number, ResolvedForecast[]>): Map<string, number> {
  const targets = new Map(momentTargets(table, { thresholds: THRESHOLDS }).map((target) => [target.name, target]))
  const seen = new Map<string, number>()
  const count = (word: string): void => void seen.set(word, (seen.get(word) ?? 0) + 1)
  for (let row = 0; row < table.rows; row++) {
    const own = answers.get(row) ?? []
    for (const [q, { name, about }] of questions.entries()) {
      const parts = own.filter(({ from, to }) => q >= from && q < to)
      if (about.kind === 'touch') continue
      const [part] = parts
      if (part === undefined || parts.length > 1) throw new Error(`row ${row} ${name}: ${parts.length} answers`)
      const target = targets.get(name)
      const value = Math.fround(part.outcomes[q] as number)
      if (!Object.is(value, target?.values[row])) {
        throw new Error(`row ${row} ${name}: ${value} (${part.masks[q]}), and the label is ${target?.values[row]}`)
      }
      if ((part.masks[q] === null) !== (target?.mask[row] === 1))
        throw new Error(`row ${row} ${name}: ${part.masks[q]}`)
      count(part.masks[q] ?? String(value === 0 || value === 1 ? value : 'dollars'))
    }
  }
  expect(Object.fromEntries(seen)).toMatchObject(Object.fromEntries(maskCounts(table)))
  return seen
}

/** Masked rows of all targets by reason. */
function maskCounts(table: Table): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { masked } of momentTargets(table, { thresholds: THRESHOLDS })) {
    for (const [reason, rows] of Object.entries(masked)) counts.set(reason, (counts.get(reason) ?? 0) + rows)
  }
  return counts
}

function momentsOf(bars: Bars): Table[] {
  const options = { thresholds: THRESHOLDS }
  const signals = buildSignals(bars, options).table
  return [
    collectMoments(touchMoments(bars, signals, options)).table,
    collectMoments(approachMoments(bars, options)).table,
  ]
}

describe('answers from bars alone', () => {
  const bars = barsOf(walkBars({ dates: ['2024-07-02', '2024-07-03'], seed: 5, absent: 0.2 }))

  test('are the targets of the same moments, to the bit, with masks for the same reasons', () => {
    for (const table of momentsOf(bars)) {
      const seen = compareWithTargets(bars, table, joinMoments(bars, table))
      expect(Object.fromEntries(seen)).toMatchObject({
        0: expect.any(Number) as number,
        1: expect.any(Number) as number,
        dollars: expect.any(Number) as number,
        'window incomplete': expect.any(Number) as number,
        'not reached': expect.any(Number) as number,
        'already reached at the moment': expect.any(Number) as number,
      })
    }
  })

  test('are the same when the join is written as JSON and resumed after every seventh bar', () => {
    const [table] = momentsOf(bars) as [Table]
    expect(joinMoments(bars, table, 7)).toEqual(joinMoments(bars, table))
  })

  test.skipIf(!existsSync(REAL))('are the targets of three real sessions', async () => {
    const calendar = newYorkCalendar()
    const { bars: all } = await readBars([REAL], { accept: 'all' })
    const days = [...new Set(Array.from(all.ts, (ns) => calendar.dateOf(ns)))].slice(0, 4)
    const rows = all.ts.findIndex((ns) => calendar.dateOf(ns) === days[3])
    const cut = (column: Float64Array): Float64Array => column.subarray(0, rows)
    const some: Bars = {
      rows,
      ts: all.ts.subarray(0, rows),
      open: cut(all.open),
      high: cut(all.high),
      low: cut(all.low),
      close: cut(all.close),
      volume: cut(all.volume),
    }
    for (const table of momentsOf(some))
      expect(compareWithTargets(some, table, joinMoments(some, table)).get('1')).toBeGreaterThan(1000)
  })
})
