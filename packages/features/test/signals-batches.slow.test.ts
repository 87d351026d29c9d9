import { buildSignals, signalBatches } from '@breakwater/features'
import type { Bars, Table } from '@breakwater/features'
import { readTable, writeBatches, writeTable } from '@breakwater/features/parquet'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const bars = walk({ dates: ['2024-10-31', '2024-11-01', '2024-11-04'], seed: 5 })
const wordsOf = (table: Table, name: string): unknown[] => plain(table.columns[name])

describe('bars without volume', () => {
  const without: Bars = { ...bars, volume: new Float64Array(bars.rows).fill(Number.NaN) }

  test('give the touches of every level but VWAP, at the same prices', () => {
    const [all, some] = [buildSignals(bars), buildSignals(without)]
    const keyed = ({ table }: typeof all): string[] =>
      wordsOf(table, 'level_kind_name').map((kind, i) =>
        [kind, wordsOf(table, 'ts_ns')[i], wordsOf(table, 'level_price')[i]].map(String).join(' '),
      )
    expect(keyed(all).some((key) => key.startsWith('VWAP'))).toBe(true)
    expect(keyed(some)).toEqual(keyed(all).filter((key) => !key.startsWith('VWAP')))
    expect(some.report.levelsMissing.barsWithoutVwap).toBe(some.report.bars.regular)
  })
})

describe('writeBatches', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'batches-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const path = (name: string): string => join(folder, name)

  test.each([100, 2048, 100_000])('writes the rows of writeTable in batches of %s', async (size) => {
    const { table, report, settings } = buildSignals(bars)
    await writeTable(path('whole.parquet'), table, { metadata: { key: 'value' } })
    const signals = signalBatches(bars, {}, size)
    await writeBatches(path('batches.parquet'), signals.batches, { metadata: { key: 'value' } })
    expect([signals.report(), signals.settings]).toEqual([report, settings])
    const read = await readTable(path('batches.parquet'))
    expect(read.table).toEqual((await readTable(path('whole.parquet'))).table)
  })

  test.each([2048, 100_000])('writes the very bytes of writeTable in batches of %s rows', async (size) => {
    await writeTable(path('whole.parquet'), buildSignals(bars).table)
    await writeBatches(path('batches.parquet'), signalBatches(bars, {}, size).batches)
    expect(readFileSync(path('batches.parquet'))).toEqual(readFileSync(path('whole.parquet')))
  })

  test('throws what the iterator throws, and leaves the old file', async () => {
    const { table } = buildSignals(bars)
    await writeTable(path('kept.parquet'), table)
    const before = readFileSync(path('kept.parquet'))
    const broken = function* (): Generator<Table, void> {
      yield table
      throw new Error('no more')
    }
    await expect(writeBatches(path('kept.parquet'), broken())).rejects.toThrow('no more')
    expect(readFileSync(path('kept.parquet'))).toEqual(before)
    await expect(writeBatches(path('none.parquet'), [].values())).rejects.toThrow('no table to write')
  })

  test('stops at an abort', async () => {
    const stop = new AbortController()
    const stopping = function* (): Generator<Table, void> {
      yield buildSignals(bars).table
      stop.abort(new Error('stopped by the user'))
      yield buildSignals(bars).table
    }
    await expect(writeBatches(path('stopped.parquet'), stopping(), { signal: stop.signal })).rejects.toThrow('stopped')
    expect(() => readFileSync(path('stopped.parquet'))).toThrow('ENOENT')
  })
})
