import { emptyReport, encodeCounts, encodeRow, encodeTable, makeEncoder, type Table } from '@breakwater/features'
import { expect, test } from 'vitest'
import { floats, words } from './tables.ts'

test('counts names that every object has like others, in batch and live', () => {
  const values = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'constructor']
  const odd = makeEncoder([
    { name: '__proto__', kind: 'category', categories: ['A'] },
    { name: 'constructor', kind: 'number' },
  ])
  const columns = Object.fromEntries<Table['columns'][string]>([
    ['__proto__', words(values)],
    ['constructor', floats(values.map(() => Number.NaN))],
  ])
  const rows = values.map((value) =>
    Object.fromEntries([
      ['__proto__', value],
      ['constructor', null],
    ]),
  )
  const counted =
    '{"missing":{"constructor":5},"unseen":{"__proto__":{"constructor":2,"toString":1,"__proto__":1,"hasOwnProperty":1}}}'
  const { report } = encodeTable(odd, { rows: 5, columns })
  expect(JSON.stringify(encodeCounts(report))).toBe(counted)
  const live = emptyReport()
  for (const row of rows) encodeRow(odd, row, new Float32Array(2), live)
  expect(JSON.stringify(encodeCounts(live))).toBe(counted)
})

test('counts at most so many values of a live column one by one', () => {
  const encoder = makeEncoder([
    { name: 'kind', kind: 'category', categories: ['A', 'B'] },
    { name: 'score', kind: 'number' },
  ])
  const report = emptyReport(2)
  const out = new Float32Array(3)
  for (const word of ['C', 'D', 'E', 'F', 'C', 'E']) encodeRow(encoder, { kind: word, score: 1 }, out, report)
  expect(encodeCounts(report).unseen).toEqual({ kind: { C: 2, D: 1, others: 3 } })
})
