import {
  ANCHOR_SECONDS,
  buildSignals,
  collectMoments,
  CONFIRMED_COLUMNS,
  createLiveFeatures,
  touchMoments,
  type TouchRow,
  withConfirmed,
} from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { minuteBar } from './live-rows.ts'
import { rowsOf, walk } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const MINUTE_NS = 60_000_000_000n
const bars = walk({ dates: ['2024-06-25', '2024-06-26'], seed: 61, absent: 0.02 })
const { table } = buildSignals(bars, { warmupSessions: 0 })
const column = (name: string, of = table): unknown[] => plain(of.columns[name])

/** Where price stood at the 4-minute anchor: the close of the last bar before it. */
function spotsAtAnchor(): Map<bigint, number> {
  const spots = new Map<bigint, number>()
  const all = rowsOf(bars)
  for (const start of column('ts_ns') as bigint[]) {
    const before = all.filter(([ns]) => ns + MINUTE_NS <= start + 4n * MINUTE_NS)
    spots.set(start, before.at(-1)?.[4] ?? Number.NaN)
  }
  return spots
}

describe('where price stands at the anchor', () => {
  test('has live, from the price at the confirmation on, the bits of the table, and is missing before it', () => {
    const confirmed = withConfirmed(table, '4min')
    const spots = spotsAtAnchor()
    const rows = new Map<bigint, number[]>()
    for (const [row, start] of (column('ts_ns') as bigint[]).entries()) {
      rows.set(start, [...(rows.get(start) ?? []), row])
    }
    const [kinds, prices, anchorSpots] = [column('level_kind_name'), column('level_price'), column('anchor_spot_4min')]
    const live = createLiveFeatures({ warmupSessions: 0 })
    let compared = 0
    for (const bar of rowsOf(bars)) {
      live.push(minuteBar(bar))
      for (const row of rows.get(bar[0]) ?? []) {
        if (Number.isNaN(anchorSpots[row])) continue
        const level = { kind: String(kinds[row]), price: prices[row] as number }
        const touch = live.touched(level, bar[0], 0) as TouchRow
        const before = { ...touch.values(undefined, 60) }
        const { revision } = touch
        const after = touch.values(undefined, 240, spots.get(bar[0]))
        expect(CONFIRMED_COLUMNS.map((name) => before[name])).toEqual([Number.NaN, Number.NaN])
        expect(CONFIRMED_COLUMNS.map((name) => after[name])).toEqual(
          CONFIRMED_COLUMNS.map((name) => column(name, confirmed)[row]),
        )
        // Whoever keeps what it encoded is told that the row has changed.
        expect(touch.revision).toBeGreaterThan(revision)
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(100)
  })

  test('is the moment of the anchor that bars give', () => {
    for (const anchor of ['2min', '8min'] as const) {
      const confirmed = withConfirmed(table, anchor)
      const moments = collectMoments(
        touchMoments(bars, table, { warmupSessions: 0, minutes: [ANCHOR_SECONDS[anchor] / 60] }),
      )
      for (const [i, row] of moments.touchRows.entries()) {
        const of = (name: string): unknown => column(name, moments.table)[i]
        expect(column('moved', confirmed)[row]).toBe(of('moved'))
        expect(column('moved_atr', confirmed)[row]).toBeCloseTo(of('moved_atr') as number, 5)
      }
    }
  })

  test('is missing where there is no price or no ATR', () => {
    const blank = { type: 'number', values: new Float64Array(table.rows).fill(Number.NaN) } as const
    const without = (name: string): unknown[][] => {
      const confirmed = withConfirmed({ rows: table.rows, columns: { ...table.columns, [name]: blank } }, '4min')
      return CONFIRMED_COLUMNS.map((wanted) => column(wanted, confirmed))
    }
    const [moved, movedAtr] = without('anchor_spot_4min')
    expect(moved?.every(Number.isNaN)).toBe(true)
    expect(movedAtr?.every(Number.isNaN)).toBe(true)
    const [kept, gone] = without('atr')
    expect(kept).toEqual(column('moved', withConfirmed(table, '4min')))
    expect(gone?.every(Number.isNaN)).toBe(true)
  })
})
