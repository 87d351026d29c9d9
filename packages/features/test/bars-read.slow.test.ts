import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBars } from '@breakwater/features/parquet'
import type { ReadBarsOptions } from '@breakwater/features/parquet'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at } from './synthetic-bars.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bars-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const OPEN = at('2024-02-20', '09:30')
const NEXT = at('2024-02-20', '09:31')
const NEW_YORK: ReadBarsOptions = { timezone: 'America/New_York' }

function csv(name: string, times: readonly string[], header = 'datetime'): string {
  const path = join(folder, name)
  const lines = times.map((time, i) => `${time},1000,1002,999,${1000 + i / 4},100`)
  writeFileSync(path, [`${header},open,high,low,close,volume`, ...lines, ''].join('\n'))
  return path
}

async function parquet(name: string, time: string, extra = ''): Promise<string> {
  const path = join(folder, name)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'Asia/Tokyo'")
  await connection.run(
    `COPY (SELECT ${time} AS "timestamp", 1000.0::FLOAT AS "Open", 1002 AS "HIGH", 999.0 AS low, 1001::DECIMAL(9,2) AS close, 5 AS volume ${extra}) TO '${path}' (FORMAT parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
  return path
}

const times = async (path: string, options: ReadBarsOptions = {}): Promise<bigint[]> => [
  ...(await readBars(path, options)).bars.ts,
]
const refusal = async (path: string | string[], options: ReadBarsOptions = {}): Promise<string> =>
  readBars(path, options).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

const rowOf = (minute: number, close: string): string => `2024-02-20 09:3${minute}:00-05:00,1000,1002,999,${close},1`

describe('readBars on CSV', () => {
  test.each([
    ['offsets', ['2024-02-20 09:30:00-05:00', '2024-02-20 09:31:00-05:00'], {}],
    ['offsets of other forms', ['2024-02-20T15:30+01', '2024-02-20 20:01:00.000+0530'], {}],
    ['UTC', ['2024-02-20T14:30:00Z', '2024-02-20 14:31:00 UTC'], {}],
    ['New York wall times', ['2024-02-20 09:30', '2024-02-20T09:31:00'], NEW_YORK],
    ['wall times of another zone', ['2024-02-20 23:30:00', '2024-02-20 23:31:00'], { timezone: 'Asia/Tokyo' }],
    ['seconds', [`${OPEN / 1_000_000_000n}`, `${NEXT / 1_000_000_000n}`], {}],
    ['milliseconds', [`${OPEN / 1_000_000n}`, `${NEXT / 1_000_000n}`], {}],
    ['microseconds', [`${OPEN / 1000n}`, `${NEXT / 1000n}`], {}],
    ['nanoseconds', [`${OPEN}`, `${NEXT}`], {}],
  ])('reads %s', async (name, stamps, options) => {
    expect(await times(csv(`${name}.csv`, stamps), options)).toEqual([OPEN, NEXT])
  })

  test('reads values, finds the time column by name and reports what it read', async () => {
    const path = csv('named.csv', [`${OPEN}`, `${NEXT}`], 'TS_NS')
    const { bars, report } = await readBars(path)
    expect([...bars.close, ...bars.volume]).toEqual([1000, 1000.25, 100, 100])
    expect(report).toMatchObject({ rowsIn: 2, rowsOut: 2, files: [{ path, rows: 2, timeColumn: 'TS_NS' }] })
  })

  test('takes column names from the caller', async () => {
    const path = join(folder, 'mapped.csv')
    writeFileSync(path, 'when,o,high,low,close,v\n2024-02-20 09:30:00-05:00,1000,1002,999,1001,7\n')
    const columns = { time: 'when', open: 'o', volume: 'v' }
    const { bars } = await readBars(path, { columns })
    expect([bars.open[0], bars.volume[0]]).toEqual([1000, 7])
    expect(await refusal(path, { columns: { ...columns, open: 'first' } })).toBe(
      `features: columns.open=first: ${path} has no such column, but when, o, high, low, close, v. Correct the name.`,
    )
    expect(await refusal(path)).toContain('has none of ts_ns, datetime, timestamp, ts, time, date, but when, o')
    expect(await refusal(path, { columns: { time: 'when' } })).toBe(
      `features: columns.open: ${path} has no column open, but when, o, high, low, close, v. Name the column: --columns open=NAME.`,
    )
  })

  test('refuses times without a zone and says what to give', async () => {
    const path = csv('naive.csv', ['2024-02-20 09:30:00', '2024-02-20 09:31:00'])
    expect(await refusal(path)).toBe(
      `features: bars=${path}:2: the time has no zone; 2 rows like it. Pass the IANA zone of the data as timezone, for example America/New_York.`,
    )
    expect(await refusal(path, { timezone: 'New York' })).toBe(
      'features: timezone="New York": not an IANA time zone. Use a name such as America/New_York.',
    )
  })

  test('refuses wall times that a clock change skips or repeats', async () => {
    expect(await refusal(csv('skip.csv', ['2024-03-10 01:59', '2024-03-10 02:30']), NEW_YORK)).toContain(
      'skip.csv:3: the time 2024-03-10 02:30:00 does not exist in America/New_York (clock change); 1 row like it.',
    )
    expect(await refusal(csv('twice.csv', ['2024-11-03 01:30']), NEW_YORK)).toContain(
      'twice.csv:2: the time 2024-11-03 01:30:00 comes twice in America/New_York (clock change); 1 row like it.',
    )
    const around = csv('around.csv', ['2024-03-10 01:59', '2024-03-10 03:00'])
    const [before = 0n, after = 0n] = await times(around, NEW_YORK)
    expect(after - before).toBe(60_000_000_000n)
  })

  test('refuses unreadable times and mixed units, even when asked to repair', async () => {
    expect(await refusal(csv('text.csv', ['tomorrow']), { repair: true })).toContain(
      'text.csv:2: the time is not readable',
    )
    expect(await refusal(csv('units.csv', [`${OPEN}`, `${NEXT / 1000n}`]))).toContain(
      `units.csv:3: the time ${NEXT / 1000n} has another unit than the times before it`,
    )
  })

  test('counts empty lines when it names a line, and takes empty cells for missing values', async () => {
    const path = join(folder, 'holes.csv')
    writeFileSync(
      path,
      ['datetime,open,high,low,close,volume', rowOf(0, '1001'), '', rowOf(1, ''), rowOf(2, 'n/a'), ''].join('\n'),
    )
    expect(await refusal(path)).toBe(
      `features: bars=${path}:4: close is missing or not a number; 2 rows are wrong (rule nan). Correct the data, or repair it with --repair.`,
    )
    const { bars, report } = await readBars(path, { repair: true })
    expect([...bars.ts]).toEqual([OPEN])
    expect(report).toMatchObject({ rowsIn: 3, rowsOut: 1, repairs: { dropped: 2 } })
  })

  test('joins files by their first bar, and refuses those that overlap', async () => {
    const late = csv('1.csv', ['2024-02-21 09:30:00-05:00'])
    const early = csv('2.csv', ['2024-02-20 09:30:00-05:00', '2024-02-20 09:31:00-05:00'])
    const { bars, report } = await readBars([late, early])
    expect([...bars.ts]).toEqual([OPEN, NEXT, at('2024-02-21', '09:30')])
    expect(report.files.map(({ path }) => path)).toEqual([early, late])
    const overlap = csv('3.csv', ['2024-02-20 09:31:00-05:00'])
    expect(await refusal([overlap, early])).toContain('3.csv:2: time 2024-02-20T14:31:00Z occurs twice')
  })

  test('reads folders and globs, and paths that hold glob characters', async () => {
    const inner = mkdtempSync(join(folder, 'inner-'))
    const name = (file: string): string => join(inner.slice(folder.length + 1), file)
    csv(name('day[1].csv'), ['2024-02-20 09:30:00-05:00'])
    csv(name('day[2].csv'), ['2024-02-20 09:31:00-05:00'])
    writeFileSync(join(inner, 'README.md'), 'not bars')
    expect(await times(inner)).toEqual([OPEN, NEXT])
    expect(await times(join(inner, '*2*.csv'))).toEqual([NEXT])
    expect(await times(join(inner, 'day[1].csv'))).toEqual([OPEN])
    expect(await refusal(join(inner, '*.parquet'))).toContain('no bars there. Name a CSV or Parquet file, a folder')
    expect(await refusal([])).toBe('features: paths=[]: no bars to read. Name at least one file.')
  })

  test('names the file when it is damaged', async () => {
    const path = join(folder, 'damaged.parquet')
    writeFileSync(path, 'PAR1 but no more')
    expect(await refusal(path)).toContain(`features: paths=${path}: not readable as bars: `)
  })

  test('gives the same times whatever the zone of the machine', () => {
    const path = csv('machine.csv', ['2024-02-20 09:30:00-05:00', '2024-02-20T14:31:00Z'])
    const naive = csv('machine-naive.csv', ['2024-02-20 09:30:00', '2024-02-20 09:31:00'])
    const script = `const { readBars } = await import('@breakwater/features/parquet')
      for (const path of process.argv.slice(1)) console.log(String((await readBars(path, ${JSON.stringify(NEW_YORK)})).bars.ts))`
    const flags = ['--conditions=@breakwater/source', '--input-type=module', '-e', script, path, naive]
    for (const TZ of ['Asia/Tokyo', 'America/Los_Angeles']) {
      const output = execFileSync(process.execPath, flags, {
        cwd: join(import.meta.dirname, '..'),
        env: { ...process.env, TZ },
        encoding: 'utf8',
      })
      expect(output).toBe(`${OPEN},${NEXT}\n${OPEN},${NEXT}\n`)
    }
  })
})

describe('readBars on Parquet', () => {
  test('reads timestamps with a zone, of any price type and in any case', async () => {
    const path = await parquet('utc.parquet', "TIMESTAMPTZ '2024-02-20 14:30:00+00'")
    const { bars } = await readBars(path)
    expect([bars.ts[0], bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]]).toEqual([
      OPEN,
      1000,
      1002,
      999,
      1001,
      5,
    ])
  })

  test('reads naive timestamps in the given zone only', async () => {
    const path = await parquet('naive.parquet', "TIMESTAMP '2024-02-20 09:30:00'")
    expect(await times(path, NEW_YORK)).toEqual([OPEN])
    expect(await refusal(path)).toContain(`features: bars=${path}, row 1: the time has no zone; 1 row like it.`)
    expect(await times(await parquet('ns.parquet', "'2024-02-20 09:30:00'::TIMESTAMP_NS"), NEW_YORK)).toEqual([OPEN])
  })

  test('reads whole numbers since 1970', async () => {
    expect(await times(await parquet('us.parquet', `${OPEN / 1000n}::BIGINT`))).toEqual([OPEN])
    expect(await times(await parquet('s.parquet', `${OPEN / 1_000_000_000n}::INTEGER`))).toEqual([OPEN])
  })

  test('refuses a column without a time of day', async () => {
    const path = await parquet('days.parquet', "DATE '2024-02-20'")
    expect(await refusal(path)).toBe(
      `features: columns.time=timestamp: ${path} stores it as DATE, not as a time. Name another column, or convert it.`,
    )
  })
})
