import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { hashTable } from '../hash.ts'
import { checkShapes, fileList, query, readMetadata, resolveFiles } from './files.ts'
import { planColumns, resolveColumns } from './plan.ts'
import type { ColumnPlan, ColumnRequest, ResolvedColumn } from './plan.ts'
import { literal } from './sql.ts'
import type { Table } from '../table.ts'

/** Options of {@link readTable}. */
export interface ReadTableOptions {
  /** Columns to read, in this order; by default all, in the order of the first file. */
  readonly columns?: readonly (string | ColumnRequest)[]
  /** Keep rows whose `date` column is one of these ('YYYY-MM-DD'); by default all rows. */
  readonly dates?: readonly string[]
}

/** What a Parquet reader found. */
export interface ReadTableResult {
  readonly table: Table
  /** Footer metadata that all files share. */
  readonly metadata: Readonly<Record<string, string>>
  /** Absolute paths of the files, in reading order. */
  readonly files: readonly string[]
  /** Content hash of `table` (see hashTable). */
  readonly hash: string
  /** Dates asked for that no row has; empty when no dates were asked for. */
  readonly absentDates: readonly string[]
}

/** What {@link readColumns} gives: a {@link ReadTableResult} before its hash. */
export type RawRead = Omit<ReadTableResult, 'hash'>

/** Decides which columns to read once the stored types (column name to DuckDB type, in file order) are known. */
export type ColumnChooser = (types: ReadonlyMap<string, string>) => readonly ResolvedColumn[]

async function storedTypes(connection: DuckDBConnection, relation: string): Promise<ReadonlyMap<string, string>> {
  const rows = await query(connection, `DESCRIBE SELECT * FROM ${relation}`)
  return new Map(rows.map((row) => [row['column_name'] ?? '', row['column_type'] ?? '']))
}

function checkDateFormat(dates: readonly string[]): void {
  const wrong = dates.find((date) => !/^\d{4}-\d{2}-\d{2}$/.test(date))
  if (wrong !== undefined) {
    throw new Error(`features: dates=${JSON.stringify(wrong)}: a date is written YYYY-MM-DD. Correct it.`)
  }
}

/** Checks the date filter against the files; gives the dates that no row has. */
async function checkDates(
  connection: DuckDBConnection,
  relation: string,
  dates: readonly string[],
): Promise<readonly string[]> {
  const rows = await query(connection, `SELECT DISTINCT CAST("date" AS VARCHAR) AS d FROM ${relation} ORDER BY d`)
  const present = rows.map(({ d = '' }) => d).filter((date) => date !== '')
  const absent = dates.filter((date) => !present.includes(date))
  if (absent.length === dates.length) {
    const range =
      present.length === 0 ? 'no dates at all' : `${present.length} dates from ${present[0]} to ${present.at(-1)}`
    throw new Error(
      `features: dates=${dates.join(',')}: no matching dates; the signals have ${range}. Ask for dates in that range.`,
    )
  }
  return absent
}

async function fetchInto(connection: DuckDBConnection, plans: readonly ColumnPlan[], source: string): Promise<number> {
  const result = await connection.stream(`SELECT ${plans.map((plan) => plan.sql).join(', ')} FROM ${source}`)
  let offset = 0
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [i, plan] of plans.entries()) plan.sink.accept(chunk.getColumnVector(i), offset)
    offset += chunk.rowCount
  }
  return offset
}

async function readAll(
  connection: DuckDBConnection,
  files: readonly string[],
  choose: ColumnChooser,
  dates: readonly string[] | undefined,
): Promise<RawRead> {
  await checkShapes(connection, files)
  const relation = `read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`
  const types = await storedTypes(connection, relation)
  if (dates !== undefined && !types.has('date')) {
    throw new Error('features: dates: the files have no column date to filter by. Read without dates.')
  }
  const columns = choose(types)
  const absentDates = dates === undefined ? [] : await checkDates(connection, relation, dates)
  const source =
    dates === undefined
      ? relation
      : `(SELECT * FROM ${relation} WHERE CAST("date" AS VARCHAR) IN (${dates.map((date) => literal(date)).join(', ')}))`
  const [counted] = await query(connection, `SELECT count(*) AS n FROM ${source}`)
  const rows = Number(counted?.['n'])
  const plans = await planColumns(connection, columns, source, rows)
  const fetched = await fetchInto(connection, plans, source)
  if (fetched !== rows) {
    throw new Error(`features: paths: ${fetched} rows read where ${rows} were counted. The files changed; read again.`)
  }
  const table: Table = { rows, columns: Object.fromEntries(plans.map(({ name, sink }) => [name, sink.finish()])) }
  return { table, metadata: await readMetadata(connection, files), files, absentDates }
}

/** Reads the chosen columns of the files behind `paths`, rows in file order; see {@link readTable} for the rules. */
export async function readColumns(
  paths: string | readonly string[],
  choose: ColumnChooser,
  dates?: readonly string[],
): Promise<RawRead> {
  if (dates !== undefined) checkDateFormat(dates)
  const files = await resolveFiles(paths)
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    const read = await readAll(connection, files, choose, dates)
    connection.closeSync()
    return read
  } finally {
    instance.closeSync()
  }
}

/**
 * Reads Parquet files into one table: files, folders (every `*.parquet` below) or globs, in order of path, rows in file
 * order.
 *
 * Types: BIGINT and TIMESTAMP columns become times, other numbers and booleans numbers (FLOAT as Float32Array, the rest
 * as Float64Array, so an integer above 2^53 is rounded), VARCHAR, DATE and enumerations strings; a request may ask for
 * another kind or precision. NULL becomes NaN, MISSING_NS or code -1. Files may differ in column order and in the width
 * of a number, in nothing else.
 *
 * Streams in chunks of 2,048 rows into arrays of the final size, so the peak is the table plus one row group. Throws when
 * no file is found, a column is absent or unreadable, no row has any of the dates, or two files disagree about columns.
 */
export async function readTable(
  paths: string | readonly string[],
  options: ReadTableOptions = {},
): Promise<ReadTableResult> {
  const read = await readColumns(paths, (types) => resolveColumns(options.columns, types), options.dates)
  return { ...read, hash: hashTable(read.table) }
}
