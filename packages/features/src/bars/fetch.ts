import type { DuckDBConnection } from '@duckdb/node-api'
import type { RawBars } from './check.ts'
import { placeInFile } from './files.ts'
import { findRaggedLine } from './ragged.ts'
import { chooseColumns, relationOf, stampSql, valueSql } from './sql.ts'
import type { BarColumns } from './sql.ts'
import { stampResolver } from './time.ts'
import type { StampProblem, StampResolver } from './time.ts'
import { zoneClock } from './zone.ts'
import { query } from '../parquet/files.ts'
import { integerItems, numberItems, timeItems } from '../parquet/vectors.ts'

/** How one file is read. */
export interface FetchOptions {
  readonly timezone?: string
  readonly columns?: Partial<BarColumns>
  /** Awaited between chunks. */
  readonly pause: () => Promise<void>
}

/** One file as it was read, in blocks of rows. */
export interface FetchedFile {
  readonly path: string
  readonly rows: number
  /** Name of the column that was read as the time. */
  readonly timeColumn: string
  readonly hasVolume: boolean
  readonly blocks: readonly RawBars[]
}

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const
const READ_COLUMNS = ['stamp', 'zone', 'o', 'h', 'l', 'c', 'v'] as const
/** `zone` of the row after the last one of a file; no offset of a stamp. */
const END = 2_000_000
/** Rows of a block: few enough that growing costs nothing, many enough that blocks are few. */
const BLOCK_ROWS = 1 << 18

/** Arrays for `rows` raw bars. */
export function rawArrays(rows: number): RawBars {
  const make = (): Float64Array => new Float64Array(rows)
  return { rows, ts: new BigInt64Array(rows), open: make(), high: make(), low: make(), close: make(), volume: make() }
}

/** The first `rows` of a block; the rest of a block that is hardly filled is given back. */
function cut(block: RawBars, rows: number): RawBars {
  if (rows === block.rows) return block
  const part = <T extends Float64Array | BigInt64Array>(values: T): T => values.slice(0, rows) as T
  return {
    rows,
    ts: part(block.ts),
    open: part(block.open),
    high: part(block.high),
    low: part(block.low),
    close: part(block.close),
    volume: part(block.volume),
  }
}

/** The sentence for a file that cannot be read: a line with too few or too many cells, or the reader's own words. */
async function unreadable(path: string, cause: unknown): Promise<Error> {
  const ragged = /\.parquet$/i.test(path) ? null : await findRaggedLine(path).catch(() => null)
  if (ragged !== null) {
    const { line, cells, headerCells } = ragged
    return new Error(
      `features: bars=${path}:${line}: ${cells} cells where the header has ${headerCells} (rule ragged). Correct the line.`,
      { cause },
    )
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(`features: paths=${path}: not readable as bars: ${reason}`, { cause })
}

/** Runs `work`; what it throws becomes a sentence about the file, unless the caller has stopped it. */
async function wrapDuckError<T>(path: string, work: () => Promise<T>, stop?: { readonly cause: unknown }): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (stop?.cause !== undefined) throw stop.cause
    throw await unreadable(path, cause)
  }
}

async function columnsOf(path: string, names: readonly string[], given: Partial<BarColumns>): Promise<BarColumns> {
  try {
    return chooseColumns(names, given, path)
  } catch (cause) {
    // A line with another number of cells makes the reader take the header for something else.
    const error = await unreadable(path, cause)
    throw error.message.includes('(rule ragged)') ? error : cause
  }
}

async function stampError(path: string, { row, reason, fix, total }: StampProblem): Promise<RangeError> {
  const place = await placeInFile(path, row)
  const rows = total === 1 ? '1 row' : `${total} rows`
  return new RangeError(`features: bars=${place}: ${reason}; ${rows} like it. ${fix}.`)
}

/** Throws the reader's error, which the stream of a result ends without. */
async function throwReadError(connection: DuckDBConnection, sql: string): Promise<never> {
  await connection.run(`SELECT count(*), ${READ_COLUMNS.map((name) => `max(${name})`).join(', ')} FROM (${sql})`)
  throw new Error('the file changed while it was read')
}

/** Reads rows block by block, resolving their times on the way. A last row of our own says that no row was lost. */
async function fetchBlocks(
  connection: DuckDBConnection,
  sql: string,
  resolve: StampResolver,
  pause: () => Promise<void>,
): Promise<RawBars[]> {
  const last = `SELECT ${['0', String(END), ...VALUES.map(() => '0')].join(', ')}`
  const result = await connection.stream(`${sql} UNION ALL ${last}`)
  const blocks: RawBars[] = []
  let block = rawArrays(BLOCK_ROWS)
  let filled = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return await throwReadError(connection, sql)
    const offset = integerItems(chunk.getColumnVector(1))
    const isLast = offset[chunk.rowCount - 1] === END
    const rows = chunk.rowCount - (isLast ? 1 : 0)
    if (filled + rows > block.rows) {
      blocks.push(cut(block, filled))
      block = rawArrays(BLOCK_ROWS)
      filled = 0
      await pause()
    }
    const stamps = { rows, value: timeItems(chunk.getColumnVector(0)), offset }
    resolve.next(stamps, block.ts.subarray(filled, filled + rows))
    for (const [i, name] of VALUES.entries())
      block[name].set(numberItems(chunk.getColumnVector(i + 2)).subarray(0, rows), filled)
    filled += rows
    if (isLast) break
  }
  if (filled > 0) blocks.push(cut(block, filled))
  return blocks
}

/** Reads one CSV or Parquet file. Throws with file, line and reason where that cannot be done. */
export async function fetchFile(
  connection: DuckDBConnection,
  path: string,
  { timezone, columns: given = {}, pause }: FetchOptions,
): Promise<FetchedFile> {
  const relation = relationOf(path)
  const described = await wrapDuckError(path, () => query(connection, `DESCRIBE SELECT * FROM ${relation}`))
  const types = new Map(described.map((row) => [row['column_name'] ?? '', row['column_type'] ?? '']))
  const columns = await columnsOf(path, [...types.keys()], given)
  const type = types.get(columns.time) ?? ''
  const stamp = stampSql(columns.time, type)
  if (stamp === undefined) {
    throw new TypeError(
      `features: columns.time=${columns.time}: ${path} stores it as ${type}, not as a time. Name another column, or convert it.`,
    )
  }
  const parts = [stamp.value, stamp.offset, ...VALUES.map((name) => valueSql(columns[name]))]
  const select = parts.map((part, i) => `${part} AS ${READ_COLUMNS[i]}`).join(', ')
  const clock = timezone === undefined ? null : zoneClock(timezone)
  const resolver = stampResolver({ clock, nanoseconds: columns.time.toLowerCase() === 'ts_ns' })
  const stop: { cause: unknown } = { cause: undefined }
  const pausing = async (): Promise<void> => {
    await pause().catch((cause: unknown) => {
      stop.cause = cause
      throw cause
    })
  }
  const sql = `SELECT ${select} FROM ${relation}`
  const blocks = await wrapDuckError(path, () => fetchBlocks(connection, sql, resolver, pausing), stop)
  if (resolver.problem !== null) throw await stampError(path, resolver.problem)
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  return { path, rows, timeColumn: columns.time, hasVolume: columns.volume !== null, blocks }
}
