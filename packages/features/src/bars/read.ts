import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { describeBarProblem, findBarProblems } from './check.ts'
import type { RawBars } from './check.ts'
import { listBarFiles, placeInFile } from './files.ts'
import { chooseColumns, relationOf, stampSql, valueSql } from './sql.ts'
import type { BarColumns } from './sql.ts'
import { resolveStamps } from './time.ts'
import type { Stamps } from './time.ts'
import { mendBars } from './validate.ts'
import type { BarsReport } from './validate.ts'
import type { Bars } from './bars.ts'
import { zoneClock } from './zone.ts'
import { query } from '../parquet/files.ts'
import { integerItems, numberItems, timeItems } from '../parquet/vectors.ts'

/** Options of {@link readBars}. */
export interface ReadBarsOptions {
  /** IANA zone of times that carry none, for example 'America/New_York'. Without it such times are refused. */
  readonly timezone?: string
  /** Mend what can be mended instead of refusing it. Default false. */
  readonly repair?: boolean
  /** Names of the file's columns where they differ from time, open, high, low, close and volume. */
  readonly columns?: Partial<BarColumns>
}

/** One file that {@link readBars} read. */
export interface BarsFile {
  readonly path: string
  readonly rows: number
  /** Name of the column that was read as the time. */
  readonly timeColumn: string
}

/** What {@link readBars} found and did. */
export interface ReadBarsReport extends BarsReport {
  /** The files, in order of their first bar. */
  readonly files: readonly BarsFile[]
}

type Part = BarsFile & { readonly raw: RawBars }

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const

function valueArrays(rows: number): Record<(typeof VALUES)[number], Float64Array> {
  const make = (): Float64Array => new Float64Array(rows)
  return { open: make(), high: make(), low: make(), close: make(), volume: make() }
}

interface FetchedRows {
  readonly stamps: Stamps
  readonly values: Record<(typeof VALUES)[number], Float64Array>
}

async function fetchRows(connection: DuckDBConnection, sql: string): Promise<FetchedRows> {
  const result = await connection.run(sql)
  const chunks = await result.fetchAllChunks()
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  const stamps = { rows, value: new BigInt64Array(rows), offset: new Int32Array(rows) }
  const values = valueArrays(rows)
  let from = 0
  for (const chunk of chunks) {
    stamps.value.set(timeItems(chunk.getColumnVector(0)), from)
    stamps.offset.set(integerItems(chunk.getColumnVector(1)), from)
    for (const [i, name] of VALUES.entries()) values[name].set(numberItems(chunk.getColumnVector(i + 2)), from)
    from += chunk.rowCount
  }
  return { stamps, values }
}

async function wrapDuckError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`features: paths=${path}: not readable as bars: ${reason}`, { cause })
  }
}

async function resolveTimes(
  path: string,
  stamps: Stamps,
  name: string,
  zone: string | undefined,
): Promise<BigInt64Array> {
  const clock = zone === undefined ? null : zoneClock(zone)
  const { ts, problem } = resolveStamps(stamps, { clock, nanoseconds: name.toLowerCase() === 'ts_ns' })
  if (problem === null) return ts
  const place = await placeInFile(path, problem.row)
  const rows = problem.total === 1 ? '1 row' : `${problem.total} rows`
  throw new RangeError(`features: bars=${place}: ${problem.reason}; ${rows} like it. ${problem.fix}.`)
}

async function readFile(connection: DuckDBConnection, path: string, options: ReadBarsOptions): Promise<Part> {
  const relation = relationOf(path)
  const described = await wrapDuckError(path, () => query(connection, `DESCRIBE SELECT * FROM ${relation}`))
  const types = new Map(described.map((row) => [row['column_name'] ?? '', row['column_type'] ?? '']))
  const columns = chooseColumns([...types.keys()], options.columns ?? {}, path)
  const type = types.get(columns.time) ?? ''
  const stamp = stampSql(columns.time, type)
  if (stamp === undefined) {
    throw new TypeError(
      `features: columns.time=${columns.time}: ${path} stores it as ${type}, not as a time. Name another column, or convert it.`,
    )
  }
  const select = [stamp.value, stamp.offset, ...VALUES.map((name) => valueSql(columns[name]))].join(', ')
  const fetched = await wrapDuckError(path, () => fetchRows(connection, `SELECT ${select} FROM ${relation}`))
  const { stamps, values } = fetched
  const ts = await resolveTimes(path, stamps, columns.time, options.timezone)
  return { path, rows: stamps.rows, timeColumn: columns.time, raw: { rows: stamps.rows, ts, ...values } }
}

function byFirstBar(a: Part, b: Part): number {
  const x = a.raw.ts[0] ?? 0n
  const y = b.raw.ts[0] ?? 0n
  if (x === y) return a.path < b.path ? -1 : 1
  return x < y ? -1 : 1
}

function concatenate(parts: readonly Part[]): RawBars {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const raw = { rows, ts: new BigInt64Array(rows), ...valueArrays(rows) }
  let from = 0
  for (const part of parts) {
    raw.ts.set(part.raw.ts, from)
    for (const name of VALUES) raw[name].set(part.raw[name], from)
    from += part.rows
  }
  return raw
}

async function placeInParts(parts: readonly Part[], row: number): Promise<string> {
  let from = 0
  for (const part of parts) {
    if (row < from + part.rows) return placeInFile(part.path, row - from)
    from += part.rows
  }
  return `row ${row + 1}`
}

async function readParts(paths: string | readonly string[], options: ReadBarsOptions): Promise<Part[]> {
  const files = await listBarFiles(paths)
  if (options.timezone !== undefined) zoneClock(options.timezone)
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    const parts: Part[] = []
    for (const path of files) parts.push(await readFile(connection, path, options))
    connection.closeSync()
    return parts.toSorted(byFirstBar)
  } finally {
    instance.closeSync()
  }
}

/**
 * Reads one-minute bars from CSV (with a header) and Parquet: files, folders (every *.csv, *.csv.gz and *.parquet below)
 * and globs, joined in order of their first bar.
 *
 * Columns are found by name in any case: open, high, low, close, volume, and the first of ts_ns, datetime, timestamp, ts,
 * time, date as the time, which is the START of the bar. A time is text in ISO form, with an offset ('2024-02-20
 * 04:00:00-05:00', 'Z') or without; a Parquet timestamp; or a whole number since 1970 UTC (nanoseconds in a column ts_ns,
 * elsewhere the unit shows in its size). Times without a zone need `timezone`; a wall time that a clock change skips or
 * repeats is refused. The machine's own zone plays no part.
 *
 * Rows are then checked as `validateBars` says; refusals name file, line (row in Parquet and gzip) and reason. Needs
 * memory for the bars twice over.
 */
export async function readBars(
  paths: string | readonly string[],
  options: ReadBarsOptions = {},
): Promise<{ readonly bars: Bars; readonly report: ReadBarsReport }> {
  const parts = await readParts(paths, options)
  const raw = concatenate(parts)
  const { first, total } = findBarProblems(raw, options.repair ?? false)
  if (first !== null) throw new RangeError(describeBarProblem(first, total, await placeInParts(parts, first.row)))
  const { bars, report } = mendBars(raw)
  const files = parts.map(({ path, rows, timeColumn }) => ({ path, rows, timeColumn }))
  return { bars, report: { ...report, files } }
}
