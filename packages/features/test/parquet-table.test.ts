import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MISSING_NS } from '@breakwater/features'
import type { Column, StringColumn, Table } from '@breakwater/features'
import { hashTable, readTable, writeTable } from '@breakwater/features/parquet'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'parquet-table-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const strings = (values: readonly (string | null)[]): StringColumn => {
  const dictionary = [...new Set(values.filter((value) => value !== null))]
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)))
  return { type: 'string', codes, dictionary }
}

const plain = (column: Column | undefined): unknown[] => {
  if (column === undefined) throw new Error('no such column')
  if (column.type !== 'string') return [...column.values]
  return Array.from(column.codes, (code) => column.dictionary[code] ?? null)
}

const sample: Table = {
  rows: 4,
  columns: {
    ts_ns: { type: 'time', values: new BigInt64Array([1_704_205_800_123_456_789n, MISSING_NS, 0n, -5n]) },
    price: { type: 'number', values: new Float64Array([0.1, Number.NaN, -0, Number.MAX_VALUE]) },
    score: { type: 'number', values: new Float32Array([0.1, Number.NaN, Infinity, -Infinity]) },
    word: strings(['WALL', null, '', "it's"]),
    empty: strings([null, null, null, null]),
  },
}

const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('writing a table and reading it back', () => {
  test('keeps every value, the column order, the array types and the metadata', async () => {
    const path = join(folder, 'deep', 'er', 'sample.parquet')
    const metadata = { 'breakwater.thresholds': '[0.5,1]', note: 'it\'s "quoted"\nand é' }
    await writeTable(path, sample, { metadata })
    const read = await readTable(path)
    expect(read.metadata).toEqual(metadata)
    expect(read.files).toEqual([path])
    expect(read.table.rows).toBe(4)
    expect(Object.keys(read.table.columns)).toEqual(Object.keys(sample.columns))
    for (const name of Object.keys(sample.columns)) {
      expect(plain(read.table.columns[name])).toEqual(plain(sample.columns[name]))
    }
    expect(read.table.columns['score']).toHaveProperty('values', expect.any(Float32Array))
    expect(read.table.columns['price']).toHaveProperty('values', expect.any(Float64Array))
    expect(read.hash).toBe(hashTable(sample))
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['sample.parquet'])
  })

  test('gives any table back', async () => {
    const row = fc.record({
      n: fc.double(),
      f: fc.float(),
      t: fc.bigInt({ min: MISSING_NS, max: 2n ** 63n - 1n }),
      s: fc.option(fc.string({ unit: 'grapheme' })),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 50 }), async (rows) => {
        const table: Table = {
          rows: rows.length,
          columns: {
            n: { type: 'number', values: Float64Array.from(rows, (r) => r.n) },
            f: { type: 'number', values: Float32Array.from(rows, (r) => r.f) },
            t: { type: 'time', values: BigInt64Array.from(rows, (r) => r.t) },
            s: strings(rows.map((r) => r.s)),
          },
        }
        const path = join(folder, 'any.parquet')
        await writeTable(path, table)
        const read = await readTable(path)
        for (const name of ['n', 'f', 't', 's'])
          expect(plain(read.table.columns[name])).toEqual(plain(table.columns[name]))
        expect(read.hash).toBe(hashTable(table))
      }),
      { numRuns: 25 },
    )
  })

  test('writes the same bytes twice', async () => {
    const [a, b] = [join(folder, 'a.parquet'), join(folder, 'b.parquet')]
    await writeTable(a, sample, { metadata: { k: 'v' } })
    await writeTable(b, sample, { metadata: { k: 'v' } })
    expect(sha(a)).toBe(sha(b))
  })
})
