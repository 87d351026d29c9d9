import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MISSING_NS, parseSchema } from '@breakwater/features'
import type { Column, Table } from '@breakwater/features'
import { readSignals, writeTable } from '@breakwater/features/parquet'
import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { numbers, plain, plainTable, times, words } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'read-signals-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const identity = { group: 'g', role: 'identity', unit: '1', description: 'x' }
const feature = { group: 'g', role: 'feature', family: 'ta', stage: 'b', unit: '1', known_after_s: 0, description: 'x' }
const schema = parseSchema({
  version: 2,
  name: 'test',
  description: '',
  columns: {
    event_id: { ...identity, type: 'string' },
    ts_ns: { ...identity, type: 'time' },
    confirm_ts_ns: { ...identity, type: 'time' },
    date: { ...identity, type: 'string' },
    sweep: { ...feature, type: 'bool' },
    score: { ...feature, type: 'float64', aliases: ['short_score'] },
    strength: { ...identity, type: 'float64', role: 'label' },
  },
})

const run = async (sql: string): Promise<void> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

/** Signals of `n` touches, in order, with every column of the schema. */
const signals = (n: number, columns: Record<string, Column> = {}): Table => ({
  rows: n,
  columns: {
    event_id: words(Array.from({ length: n }, (_, i) => `e${i}`)),
    ts_ns: times(Array.from({ length: n }, (_, i) => BigInt(i))),
    confirm_ts_ns: times(Array.from({ length: n }, () => MISSING_NS)),
    date: words(Array.from({ length: n }, () => '2024-01-02')),
    sweep: numbers(Array.from({ length: n }, () => 0)),
    score: numbers(Array.from({ length: n }, (_, i) => i / 10)),
    strength: numbers(Array.from({ length: n }, (_, i) => i / 10)),
    ...columns,
  },
})

const failure = async (table: Table, columns?: string[]): Promise<string> => {
  const path = join(folder, 'failure.parquet')
  await writeTable(path, table)
  return readSignals({ paths: path, schema, ...(columns === undefined ? {} : { columns }) }).then(
    () => 'nothing was thrown',
    (error: unknown) => String(error),
  )
}

describe('reading signals', () => {
  test('brings the types of other writers to ours', async () => {
    const path = join(folder, 'pandas.parquet')
    await run(`COPY (SELECT * FROM (VALUES
      ('b', 1704205800123456789, 1704206040000000000::DOUBLE, DATE '2024-01-02', true, 0.1::DOUBLE, 3::BIGINT, 'ignored'),
      ('a', 1704205800123456788, 'nan'::DOUBLE, DATE '2024-01-03', NULL, NULL, NULL, 'ignored'))
      AS t(event_id, ts_ns, confirm_ts_ns, date, sweep, short_score, strength, extra)) TO '${path}' (FORMAT parquet)`)
    const { table } = await readSignals({ paths: path, schema })
    expect(plainTable(table)).toEqual({
      event_id: ['a', 'b'],
      ts_ns: [1_704_205_800_123_456_788n, 1_704_205_800_123_456_789n],
      confirm_ts_ns: [MISSING_NS, 1_704_206_040_000_000_000n],
      date: ['2024-01-03', '2024-01-02'],
      sweep: [Number.NaN, 1],
      score: [Number.NaN, Math.fround(0.1)],
      strength: [Number.NaN, 3],
    })
    expect(table.columns['score']).toHaveProperty('values', expect.any(Float32Array))
    expect(table.columns['strength']).toHaveProperty('values', expect.any(Float64Array))
  })

  test('takes timestamps of any precision for times', async () => {
    const path = join(folder, 'stamps.parquet')
    await run(`COPY (SELECT 'a' AS event_id, TIMESTAMP_NS '2024-01-02 14:30:00.123456789' AS ts_ns,
      TIMESTAMP '2024-01-02 14:34:00' AS confirm_ts_ns) TO '${path}' (FORMAT parquet)`)
    const { table } = await readSignals({ paths: path, schema, columns: ['ts_ns', 'confirm_ts_ns'] })
    expect(plainTable(table)).toEqual({
      ts_ns: [1_704_205_800_123_456_789n],
      confirm_ts_ns: [1_704_206_040_000_000_000n],
    })
  })

  test('projects columns by name or alias and reads no others', async () => {
    const path = join(folder, 'project.parquet')
    await writeTable(path, signals(2))
    const { table } = await readSignals({ paths: path, schema, columns: ['short_score', 'date'] })
    expect(Object.keys(table.columns)).toEqual(['score', 'date'])
  })

  test('gives the same table and hash however the rows are spread over files', async () => {
    const row = fc.record({
      ts: fc.bigInt({ min: 1_704_205_800_000_000_000n, max: 1_704_205_800_000_000_300n }),
      file: fc.nat(2),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const where = mkdtempSync(join(folder, 'spread-'))
        const numbered = rows.map((r, i) => ({ ...r, id: `e${(i * 7) % 101}` }))
        for (const file of new Set(rows.map((r) => r.file))) {
          const part = numbered.filter((r) => r.file === file)
          await writeTable(join(where, `${file}.parquet`), {
            rows: part.length,
            columns: { event_id: words(part.map((r) => r.id)), ts_ns: times(part.map((r) => r.ts)) },
          })
        }
        const options = { schema, columns: ['event_id', 'ts_ns'] }
        const spread = await readSignals({ paths: where, ...options })
        const sorted = numbered.toSorted((a, b) => (a.ts === b.ts ? (a.id < b.id ? -1 : 1) : a.ts < b.ts ? -1 : 1))
        expect(plain(spread.table.columns['event_id'])).toEqual(sorted.map((r) => r.id))
        expect(plain(spread.table.columns['ts_ns'])).toEqual(sorted.map((r) => r.ts))
        const one = join(where, 'all', 'one.parquet')
        await writeTable(one, spread.table)
        expect((await readSignals({ paths: one, ...options })).hash).toBe(spread.hash)
      }),
      { numRuns: 8 },
    )
  })

  test('keeps every column on its row when it sorts', async () => {
    const path = join(folder, 'reversed.parquet')
    const backwards = signals(5, {
      ts_ns: times([4n, 3n, 2n, 1n, 0n]),
      confirm_ts_ns: times([40n, 30n, 20n, 10n, MISSING_NS]),
    })
    await writeTable(path, backwards)
    const { table } = await readSignals({ paths: path, schema })
    expect(plainTable(table)).toMatchObject({
      event_id: ['e4', 'e3', 'e2', 'e1', 'e0'],
      confirm_ts_ns: [MISSING_NS, 10n, 20n, 30n, 40n],
      strength: [0.4, 0.3, 0.2, 0.1, 0],
      score: [0.4, 0.3, 0.2, 0.1, 0].map(Math.fround),
    })
  })

  test('refuses a column that the file lacks, or that the schema does not name', async () => {
    const { score: _, ...rest } = signals(1).columns
    expect(await failure({ rows: 1, columns: rest })).toContain(
      'features: schema: column score is missing from the signals file. Write the signals again, or leave it out of columns.',
    )
    expect(await failure(signals(1), ['nothing'])).toContain(
      'features: columns=nothing: the schema test has no such column.',
    )
  })

  test('refuses a column of another kind, and times that a float has rounded', async () => {
    expect(await failure(signals(1, { score: words(['x']) }))).toContain(
      'features: columns=score: stored as VARCHAR, which cannot be read as number.',
    )
    expect(await failure(signals(1, { ts_ns: numbers([1]) }))).toContain(
      'features: schema: column ts_ns is stored as DOUBLE, which cannot hold nanoseconds exactly.',
    )
  })

  test('refuses an event_id or a time that is missing, and an event_id that occurs twice', async () => {
    expect(await failure(signals(2, { event_id: words(['a', 'a']) }))).toContain(
      'features: event_id=a: duplicated event_id.',
    )
    expect(await failure(signals(2, { event_id: words(['a', null]) }))).toContain(
      'features: event_id: a row has no event_id.',
    )
    expect(await failure(signals(2, { ts_ns: times([1n, MISSING_NS]) }))).toContain(
      'features: ts_ns: a row has no time.',
    )
  })

  test('refuses one file read twice under two dates, by its ids', async () => {
    const where = mkdtempSync(join(folder, 'twice-'))
    await writeTable(join(where, 'a.parquet'), signals(2))
    await writeTable(join(where, 'b.parquet'), signals(2))
    await expect(readSignals({ paths: where, schema })).rejects.toThrow('duplicated event_id')
  })
})
