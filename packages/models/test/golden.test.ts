import { encodeRow, fitEncoder, type Table } from '@breakwater/features'
import { goldenRow } from '@breakwater/models'
import { predictRowRaw, trainBoosted } from '@breakwater/trees'
import { expect, test } from 'vitest'
import { uniforms } from './seeded.ts'

const ROWS = 400
const random = uniforms(3)
const x = Float64Array.from({ length: ROWS }, () => random() * 2 - 1)
const kinds = Int32Array.from({ length: ROWS }, (_, row) => (row < 5 ? -1 : row % 2))
// Row 7 is the first that lacks nothing.
x.fill(Number.NaN, 5, 7)
const table: Table = {
  rows: ROWS,
  columns: {
    x: { type: 'number', values: x },
    kind: { type: 'string', codes: kinds, dictionary: ['ROUND', 'VWAP'] },
  },
}
const text = { group: 'g', role: 'feature', unit: '', description: '' } as const
const encoder = fitEncoder(table, [
  { ...text, name: 'x', type: 'float64' },
  { ...text, name: 'kind', type: 'string' },
])

test('the golden row is the first that lacks least, with the raw score that a live row of its values gets', async () => {
  const encoded = new Float32Array(encoder.columns.length * ROWS)
  for (let row = 0; row < ROWS; row++) {
    const values = new Float32Array(encoder.columns.length)
    const kind = ['ROUND', 'VWAP'][kinds[row] as number] ?? null
    encodeRow(encoder, { x: x[row], kind }, values)
    for (const [column, value] of values.entries()) encoded[column * ROWS + row] = value
  }
  const labels = Float32Array.from(x, (value) => Number(value > 0))
  const matrix = { columns: encoder.columns, rows: ROWS, values: encoded }
  const head = await trainBoosted(matrix, labels, { rounds: 5 })
  if (head.status === 'skipped') throw new Error(head.reason)
  const golden = goldenRow(head.model, encoder, table)
  expect(golden?.values).toEqual({ x: x[7], kind: 'VWAP' })
  const live = new Float32Array(encoder.columns.length)
  encodeRow(encoder, golden?.values ?? {}, live)
  expect(golden?.raw).toBe(predictRowRaw(head.model, live))
})

test('a table without rows has none', async () => {
  const labels = Float32Array.from({ length: 60 }, (_, row) => row % 2)
  const matrix = { columns: ['x'], rows: 60, values: Float32Array.from(labels) }
  const head = await trainBoosted(matrix, labels, { rounds: 1 })
  if (head.status === 'skipped') throw new Error(head.reason)
  const empty: Table = { rows: 0, columns: { x: { type: 'number', values: new Float64Array() } } }
  expect(goldenRow(head.model, { encodings: [{ name: 'x', kind: 'number' }], columns: ['x'] }, empty)).toBeUndefined()
})
