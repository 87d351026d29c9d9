import type { Table } from '@breakwater/features'
import { baselineOf, featureBaseline } from '@breakwater/models'
import { expect, test } from 'vitest'

const table: Table = {
  rows: 8,
  columns: {
    atr: { type: 'number', values: Float64Array.of(1, 2, 3, 4, 5, 6, Number.NaN, 99) },
    flag: { type: 'number', values: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 0) },
    kind: { type: 'string', codes: Int32Array.of(0, 0, 1, -1, 0, 1, 0, 1), dictionary: ['B', 'A'] },
  },
}
const encodings = [
  { name: 'atr', kind: 'number' },
  { name: 'flag', kind: 'number' },
  { name: 'kind', kind: 'category', categories: ['A', 'B'] },
] as const
// The last row is no training row.
const rows = Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 0)

test('numbers have deciles without repeats, words their shares, and missing rows are counted', () => {
  const [atr, flag, kind] = featureBaseline(table, encodings, rows)
  expect(atr).toEqual({
    name: 'atr',
    rows: 7,
    missing: 1 - 6 / 7,
    edges: [1, 2, 3, 4, 5, 6],
    words: [],
    shares: [1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 0],
  })
  expect(flag).toMatchObject({ edges: [0, 1], shares: [6 / 7, 1 / 7, 0], missing: 0 })
  expect(kind).toMatchObject({ words: ['A', 'B'], shares: [2 / 6, 4 / 6], missing: 1 - 6 / 7 })
})

test('details of older sets have no baseline, and those of newer ones are read', () => {
  expect(baselineOf({ version: 1 })).toBeNull()
  const baseline = featureBaseline(table, encodings, rows)
  expect(baselineOf(JSON.parse(JSON.stringify({ baseline })))).toEqual(baseline)
})
