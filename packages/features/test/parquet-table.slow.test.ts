import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MISSING_NS } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import { hashTable, readTable, writeTable } from '@breakwater/features/parquet'
import type { ReadTableOptions } from '@breakwater/features/parquet'
import * as fc from 'fast-check'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, describe, expect, test } from 'vitest'
import { numbers, plain, plainTable, times, words } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'parquet-table-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const sample: Table = {
  rows: 4,
  columns: {
    ts_ns: { type: 'time', values: new BigInt64Array([1_704_205_800_123_456_789n, MISSING_NS, 0n, -5n]) },
    price: { type: 'number', values: new Float64Array([0.1, Number.NaN, -0, Number.MAX_VALUE]) },
    score: { type: 'number', values: new Float32Array([0.1, Number.NaN, Infinity, -Infinity]) },
    word: words(['WALL', null, '', "it's"]),
    empty: words([null, null, null, null]),
  },
}

const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

test('has times and dates in the types of the calendar beside them, where asked', async () => {
  const path = join(folder, 'calendar.parquet')
  const columns = { ...sample.columns, date: words(['2024-01-02', null, '1970-01-01', '1969-12-31']) }
  await writeTable(path, { rows: 4, columns }, { calendarTypes: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const types = await connection.runAndReadAll(`SELECT typeof(ts_utc), typeof(session_date) FROM '${path}' LIMIT 1`)
  expect(types.getRows()).toEqual([['TIMESTAMP', 'DATE']])
  const read = await connection.runAndReadAll(
    `SELECT CAST(ts_utc AS VARCHAR), CAST(session_date AS VARCHAR) FROM '${path}'`,
  )
  // Nanoseconds beyond a microsecond are cut off.
  expect(read.getRows()).toEqual([
    ['2024-01-02 14:30:00.123456', '2024-01-02'],
    [null, null],
    ['1970-01-01 00:00:00', '1970-01-01'],
    ['1970-01-01 00:00:00', '1969-12-31'],
  ])
  connection.closeSync()
  instance.closeSync()
  const { table } = await readTable(path, { columns: Object.keys(columns) })
  expect(Object.keys(table.columns)).toEqual(Object.keys(columns))
  const taken = { ...columns, ts_utc: words(['a', 'b', 'c', 'd']) }
  await expect(writeTable(path, { rows: 4, columns: taken }, { calendarTypes: true })).rejects.toThrow(
    'features: column ts_utc: is there already, so ts_ns cannot be written as it too. Rename it.',
  )
})

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
            s: words(rows.map((r) => r.s)),
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

  test('replaces an existing file and leaves no temporary file behind', async () => {
    const path = join(folder, 'again', 'x.parquet')
    await writeTable(path, { rows: 1, columns: { t: times([1n]) } })
    await writeTable(path, { rows: 1, columns: { t: times([2n]) } })
    expect(plain((await readTable(path)).table.columns['t'])).toEqual([2n])
    expect(readdirSync(join(folder, 'again'))).toEqual(['x.parquet'])
  })

  test('keeps the old file when the write is stopped', async () => {
    const path = join(folder, 'stopped', 'x.parquet')
    await writeTable(path, { rows: 1, columns: { t: times([1n]) } })
    const many: Table = { rows: 5000, columns: { t: { type: 'time', values: new BigInt64Array(5000) } } }
    const controller = new AbortController()
    const writing = writeTable(path, many, { signal: controller.signal })
    controller.abort(new Error('stop now'))
    await expect(writing).rejects.toThrow('stop now')
    await expect(writeTable(path, many, { signal: controller.signal })).rejects.toThrow('stop now')
    expect(plain((await readTable(path)).table.columns['t'])).toEqual([1n])
    expect(readdirSync(join(folder, 'stopped'))).toEqual(['x.parquet'])
  })

  test('takes text columns of any size: many ids, many repeated words, none', async () => {
    const rows = 70_000
    const ids = Array.from({ length: rows }, (_, i) => `id-${i}-with-some-length`)
    const table: Table = {
      rows,
      columns: {
        id: { type: 'string', codes: Int32Array.from(ids, (_, i) => rows - 1 - i), dictionary: ids },
        repeated: {
          type: 'string',
          codes: Int32Array.from(ids, (_, i) => (i % 20_000) - 1),
          dictionary: ids.slice(0, 20_000),
        },
        none: { type: 'string', codes: new Int32Array(rows).fill(-1), dictionary: [] },
      },
    }
    const path = join(folder, 'text.parquet')
    await writeTable(path, table)
    const read = await readTable(path)
    expect(read.hash).toBe(hashTable(table))
    expect(plain(read.table.columns['repeated']).slice(0, 3)).toEqual([null, ids[0], ids[1]])
    expect(read.table.columns['none']).toHaveProperty('dictionary', [])
  })

  test('takes a table without rows', async () => {
    const path = join(folder, 'empty.parquet')
    await writeTable(path, { rows: 0, columns: { t: times([]), w: words([]) } })
    const { table } = await readTable(path)
    expect([table.rows, Object.keys(table.columns)]).toEqual([0, ['t', 'w']])
  })
})

describe('reading part of a table', () => {
  const path = join(folder, 'dated.parquet')
  const dated: Table = {
    rows: 4,
    columns: {
      date: words(['2024-01-02', '2024-01-02', '2024-01-03', '2024-01-05']),
      n: { type: 'number', values: new Float64Array([1, 2, 3, 0.1]) },
      t: times([1n, 2n, 3n, 4n]),
    },
  }
  const messageOf = async (options: ReadTableOptions): Promise<string> => {
    await writeTable(path, dated)
    return readTable(path, options).then(
      () => 'nothing was thrown',
      (error: unknown) => String(error),
    )
  }

  test('projects columns in the order asked for, renames, and changes kind and precision', async () => {
    await writeTable(path, dated)
    const columns = [{ from: 't', name: 'count', kind: 'number' }, { from: 'n', precision: 'float32' }, 'date'] as const
    const { table } = await readTable(path, { columns })
    expect(Object.keys(table.columns)).toEqual(['count', 'n', 'date'])
    expect(plainTable(table)).toMatchObject({ count: [1, 2, 3, 4], n: [1, 2, 3, Math.fround(0.1)] })
  })

  test('keeps the rows of the dates asked for and tells which dates no row has', async () => {
    await writeTable(path, dated)
    const read = await readTable(path, { dates: ['2024-01-05', '2024-01-04', '2024-01-02'], columns: ['t', 'date'] })
    expect(plain(read.table.columns['t'])).toEqual([1n, 2n, 4n])
    expect(read.table.columns['date']).toHaveProperty('dictionary', ['2024-01-02', '2024-01-05'])
    expect(read.absentDates).toEqual(['2024-01-04'])
  })

  test.each<[ReadTableOptions, string]>([
    [
      { dates: ['2023-12-29'] },
      'features: dates=2023-12-29: no matching dates; the signals have 3 dates from 2024-01-02 to 2024-01-05.',
    ],
    [{ dates: ['2.1.2024'] }, 'features: dates="2.1.2024": a date is written YYYY-MM-DD.'],
    [{ columns: ['price'] }, 'features: columns=price: no such column in the files, which have date, n, t.'],
    [{ columns: ['n', 'n'] }, 'features: columns=n: asked for twice.'],
    [{ columns: [] }, 'features: columns=[]: name at least one column.'],
    [
      { columns: [{ from: 'date', kind: 'number' }] },
      'features: columns=date: stored as VARCHAR, which cannot be read as number.',
    ],
  ])('refuses %j', async (options, message) => {
    expect(await messageOf(options)).toContain(message)
  })
})

const write = async (name: string, values: number[], metadata: Record<string, string> = {}): Promise<string> => {
  const path = join(folder, 'many', name)
  await writeTable(path, { rows: values.length, columns: { n: numbers(values) } }, { metadata })
  return path
}

describe('reading several files', () => {
  test('takes files, folders and globs, each file once, in order of path', async () => {
    const b = await write('b.parquet', [3], { same: '1', other: 'b' })
    const a = await write('sub/a.parquet', [1], { same: '1', other: 'a' })
    const all = await readTable([join(folder, 'many'), b, join(folder, 'many', '*.parquet')])
    expect(all.files).toEqual([b, a])
    expect(plain(all.table.columns['n'])).toEqual([3, 1])
    expect(all.metadata).toEqual({ same: '1' })
    expect((await readTable(join(folder, 'many', '**', 'a*'))).files).toEqual([a])
  })

  test('refuses a path that leads nowhere', async () => {
    await expect(readTable(join(folder, 'nowhere'))).rejects.toThrow(
      /nowhere": missing signals file\. Run `breakwater signals` first, or name a Parquet file, a folder or a glob\.$/,
    )
    await expect(readTable([])).rejects.toThrow('features: paths=[]: missing signals file.')
  })

  test('refuses files that disagree about columns', async () => {
    const a = join(folder, 'disagree', 'a.parquet')
    const b = join(folder, 'disagree', 'b.parquet')
    await writeTable(a, { rows: 1, columns: { n: words(['x']), m: words(['x']) } })
    await writeTable(b, { rows: 1, columns: { n: words(['x']) } })
    await expect(readTable([a, b])).rejects.toThrow(
      `features: ${a} and ${b}: two files whose columns disagree: the second lacks column m.`,
    )
    await writeTable(b, { rows: 1, columns: { n: words(['x']), m: { type: 'number', values: new Float64Array([1]) } } })
    await expect(readTable([a, b])).rejects.toThrow('column m is a string in the first and a number in the second')
    await writeTable(b, { rows: 1, columns: { n: words(['x']), m: words(['x']), o: words(['x']) } })
    await expect(readTable([a, b])).rejects.toThrow('the first lacks column o')
  })

  test('refuses files that disagree about what their numbers mean', async () => {
    const a = await write('meaning/a.parquet', [1], { 'breakwater.thresholds': '[1,2]' })
    const b = await write('meaning/b.parquet', [2], { 'breakwater.thresholds': '[0.5,1]' })
    await expect(readTable([a, b])).rejects.toThrow(
      'features: paths: 2 files disagree about metadata breakwater.thresholds (2 values, in 2 files).',
    )
  })
})

describe('a table that breaks its own rules is not written', () => {
  const column = times([1n])
  test.each<[Table, string]>([
    [{ rows: 0, columns: {} }, 'features: table.columns={}: a table needs at least one column.'],
    [{ rows: 2, columns: { t: column } }, 'features: table.columns.t: 1 values in a table of 2 rows.'],
    [
      { rows: 1, columns: { t: column, T: column } },
      'features: table.columns.T: names must be non-empty and differ by more than case (t).',
    ],
    [
      { rows: 1, columns: { w: { type: 'string', codes: new Int32Array([1]), dictionary: ['a'] } } },
      'code 1 has no entry in a dictionary of 1',
    ],
    [
      { rows: 1, columns: { w: { type: 'string', codes: new Int32Array(1), dictionary: ['a', 'a'] } } },
      'has a value twice',
    ],
    [
      { rows: 1, columns: { w: { type: 'string', codes: new Int32Array(1), dictionary: ['\uD800'] } } },
      'not valid Unicode',
    ],
  ])('%#', async (table, message) => {
    await expect(writeTable(join(folder, 'never', 'x.parquet'), table)).rejects.toThrow(message)
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  test('nor are metadata keys that differ only by case', async () => {
    const metadata = { a: '1', A: '2' }
    await expect(
      writeTable(join(folder, 'x.parquet'), { rows: 1, columns: { t: column } }, { metadata }),
    ).rejects.toThrow('features: metadata=["a","A"]: keys must be non-empty and differ by more than case.')
  })
})
