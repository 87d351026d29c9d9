import { EPISODE_MINUTES, episodeStarts } from '@breakwater/evaluation'
import type { Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { uniforms } from './seeded.ts'

type Touch = readonly [minute: number, kind: 'ROUND' | 'VWAP', price: number]

const KINDS = ['VWAP', 'ROUND'] as const

function tableOf(touches: readonly Touch[]): Table {
  return {
    rows: touches.length,
    columns: {
      ts_ns: { type: 'time', values: BigInt64Array.from(touches, ([minute]) => BigInt(minute) * 60_000_000_000n) },
      level_kind_name: {
        type: 'string',
        dictionary: KINDS,
        codes: Int32Array.from(touches, ([, kind]) => KINDS.indexOf(kind)),
      },
      level_price: { type: 'number', values: Float64Array.from(touches, ([, , price]) => price) },
    },
  }
}

describe('touches that begin an episode', () => {
  test('are those whose level was not touched in the minutes before', () => {
    const touches: Touch[] = [
      [0, 'ROUND', 500],
      [1, 'ROUND', 500],
      [1, 'VWAP', 500],
      [1, 'ROUND', 501],
      // Four minutes after the last touch it is the same episode, and so is every minute of one that lasts.
      [5, 'ROUND', 500],
      [9, 'ROUND', 500],
      // Five minutes after it is another.
      [14, 'ROUND', 500],
      // A level that moves is the same level.
      [5, 'VWAP', 500.2],
    ]
    expect(Array.from(episodeStarts(tableOf(touches)) ?? [])).toEqual([1, 0, 1, 1, 0, 0, 1, 0])
  })

  test('are those that looking at every pair of touches finds', () => {
    const next = uniforms(11)
    const touches = Array.from({ length: 600 }, (): Touch => [
      Math.floor(900 * next()),
      next() < 0.5 ? 'ROUND' : 'VWAP',
      500 + Math.floor(8 * next()) / 10,
    ])
    const isBefore = (a: number, b: number): boolean => {
      const [one, other] = [touches[a]?.[0] ?? 0, touches[b]?.[0] ?? 0]
      return one < other || (one === other && a < b)
    }
    const wanted = touches.map(([minute, kind, price], row) =>
      Number(
        !touches.some(
          (touch, other) =>
            isBefore(other, row) &&
            touch[1] === kind &&
            minute - touch[0] <= EPISODE_MINUTES &&
            Math.abs(touch[2] - price) <= 0.25,
        ),
      ),
    )
    expect(Array.from(episodeStarts(tableOf(touches)) ?? [])).toEqual(wanted)
    expect(wanted).toContain(0)
  })

  test('are not told by a table without the price of levels', () => {
    const { columns, rows } = tableOf([[0, 'ROUND', 500]])
    const { level_price: _price, ...rest } = columns
    expect(episodeStarts({ rows, columns: rest })).toBeNull()
  })
})
