import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bars, barSeries } from '@breakwater/features'
import { readTable, writeTable } from '@breakwater/features/parquet'
import { readSequences } from '@breakwater/patchtst'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSequences } from '../src/sequences/make.ts'
import type { SequencesRequest } from '../src/sequences/make.ts'
import { makeSignals } from '../src/signals/make.ts'
import { uniforms } from './seeded.ts'
import { silent, testContext } from './test-context.ts'

const OPEN_NS = 1_709_735_400_000_000_000n // 2024-03-06 09:30 New York
const MINUTE_NS = 60_000_000_000n

/** A session of a price that wanders by up to half a dollar a minute. */
function session(): Bars {
  const next = uniforms(8)
  const rows = 390
  const close = new Float64Array(rows)
  let price = 510
  for (let i = 0; i < rows; i++) close[i] = price = Math.round(100 * (price + next() - 0.5)) / 100
  const open = close.map((_, i) => (i === 0 ? 510 : (close[i - 1] ?? 510)))
  return {
    rows,
    ts: BigInt64Array.from({ length: rows }, (_, i) => OPEN_NS + BigInt(i) * MINUTE_NS),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + 0.05),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - 0.05),
    close,
    volume: new Float64Array(rows).fill(1000),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'breakwater-make-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const context = testContext(folder)
const bars = session()

const REQUEST: SequencesRequest = {
  dates: undefined,
  length: 30,
  channels: ['close', 'volatility'],
  statics: null,
  anchor: '4min',
  horizons: [60, 300],
  dataPath: ['signals.parquet'],
  bars: undefined,
  schemaPath: join(import.meta.dirname, '../../../data/features.json'),
  outputDir: 'sequences',
}

beforeAll(async () => {
  const rows = Array.from(bars.ts, (ts, i) => {
    const values = [bars.open, bars.high, bars.low, bars.close, bars.volume].map((column) => column[i])
    return [new Date(Number(ts / 1_000_000n)).toISOString(), ...values].join(',')
  })
  writeFileSync(join(folder, 'bars.csv'), `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const made = {
    bars: ['bars.csv'],
    reading: { repair: false },
    output: 'signals.parquet',
    settings: { volatilityMinutes: 8 },
  }
  await makeSignals(context, silent, made)
})

describe('sequences of signals', () => {
  test('come from the bars and the windows that the signals were made with, without being told again', async () => {
    const made = await makeSequences(context, silent, REQUEST)
    expect(made.files.map(({ file }) => file)).toEqual(['sequences/sequence_dataset_2024-03-06.npz'])
    const data = await readSequences(join(folder, 'sequences', 'sequence_dataset_2024-03-06.npz'))
    const { values, ts } = barSeries(bars, { volatilityMinutes: 8 })
    const rowOf = new Map(Array.from(ts, (start, row) => [start, row]))
    for (let sample = 0; sample < data.samples; sample++) {
      const row = rowOf.get(data.tsNs[sample] ?? 0n) ?? -1
      const end = ((sample + 1) * 30 - 1) * 2
      expect([data.x[end], data.x[end + 1]]).toEqual(
        [values.close[row], values.volatility[row]].map((x) => Math.fround(x ?? 0)),
      )
    }
    expect(data.samples).toBeGreaterThan(20)
  })

  test('count the touches before the first known bar as left out, and mask the bars before it', async () => {
    const [file] = (await makeSequences(context, silent, REQUEST)).files
    const data = await readSequences(join(folder, file?.file ?? ''))
    expect(file?.leftOut).toBeGreaterThan(0)
    expect(data.tsNs.some((start) => start < (bars.ts[8] ?? 0n))).toBe(false)
    const first = data.mask.subarray(0, 30)
    expect(first.at(-1)).toBe(1)
    expect(first[0]).toBe(0)
  })

  test('of a file that does not say which bars it was made from need --bars', async () => {
    const { table } = await readTable(join(folder, 'signals.parquet'))
    await writeTable(join(folder, 'silent.parquet'), table)
    const request = { ...REQUEST, dataPath: ['silent.parquet'] }
    await expect(makeSequences(context, silent, request)).rejects.toThrow(
      'trainer: silent.parquet: does not say which bars it was made from. Pass them with --bars.',
    )
    const bare = { ...request, bars: { files: ['bars.csv'], repair: false } }
    await expect(makeSequences(context, silent, bare)).resolves.toMatchObject({ empty: [] })
  })
})
