import type { DuckDBConnection } from '@duckdb/node-api'
import { query } from './files.ts'
import { codeSink, numberSink, repeatedTextSink, timeSink, uniqueTextSink } from './sinks.ts'
import type { Sink } from './sinks.ts'
import { canRead, codeSql, defaultKind, identifier, numberSql, timeSql } from './sql.ts'
import type { ColumnKind } from './sql.ts'

/** One column to read: its name in the file, its name in the table, and what it becomes. */
export interface ColumnRequest {
  /** Name in the file. */
  readonly from: string
  /** Name in the table; `from` by default. */
  readonly name?: string
  /** What it becomes in memory; by default 64-bit integers and timestamps are times. */
  readonly kind?: ColumnKind
  /** Array of a number column; by default float32 for a stored FLOAT, else float64. */
  readonly precision?: 'float32' | 'float64'
}

/** A request joined with what the file holds. */
export interface ResolvedColumn {
  readonly from: string
  readonly name: string
  readonly kind: ColumnKind
  readonly type: string
  readonly precision: 'float32' | 'float64'
}

/** The SQL expression of one result column, and where its chunks go. */
export interface ColumnPlan {
  readonly name: string
  readonly sql: string
  readonly sink: Sink
}

/** Above this many distinct values a string column is read as text, below it as codes. */
const ENUM_LIMIT = 10_000

function resolveColumn(request: ColumnRequest, types: ReadonlyMap<string, string>): ResolvedColumn {
  const { from, name = from } = request
  const type = types.get(from)
  if (type === undefined) {
    throw new Error(
      `features: columns=${from}: no such column in the files, which have ${[...types.keys()].join(', ')}. Check the name.`,
    )
  }
  const kind = request.kind ?? defaultKind(type)
  if (kind === undefined || !canRead(type, kind)) {
    throw new TypeError(
      `features: columns=${from}: stored as ${type}, which cannot be read as ${kind ?? 'a number, a time or a string'}. Convert the file or leave the column out.`,
    )
  }
  return { from, name, kind, type, precision: request.precision ?? (type === 'FLOAT' ? 'float32' : 'float64') }
}

/** Joins the requests (all columns when undefined) with the stored types; throws for a column that is absent or unreadable. */
export function resolveColumns(
  requests: readonly (string | ColumnRequest)[] | undefined,
  types: ReadonlyMap<string, string>,
): readonly ResolvedColumn[] {
  const asked = requests ?? [...types.keys()]
  const columns = asked.map((request) =>
    resolveColumn(typeof request === 'string' ? { from: request } : request, types),
  )
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`features: columns=${twice}: asked for twice. Name each column once.`)
  if (names.length === 0) throw new Error('features: columns=[]: name at least one column.')
  return columns
}

async function count(connection: DuckDBConnection, expression: string, source: string): Promise<number> {
  const [row] = await query(connection, `SELECT ${expression} AS n FROM ${source}`)
  return Number(row?.['n'])
}

/** Few distinct values become codes inside the engine (a sorted dictionary); many are read as text. */
async function planString(
  connection: DuckDBConnection,
  column: ResolvedColumn,
  source: string,
  rows: number,
): Promise<ColumnPlan> {
  const { name, from } = column
  const text = `CAST(${identifier(from)} AS VARCHAR)`
  if ((await count(connection, `approx_count_distinct(${text})`, source)) > ENUM_LIMIT) {
    const repeats = await count(connection, `count(${text}) - count(DISTINCT ${text})`, source)
    return { name, sql: text, sink: repeats === 0 ? uniqueTextSink(rows) : repeatedTextSink(rows) }
  }
  const distinct = await query(
    connection,
    `SELECT DISTINCT ${text} AS value FROM ${source} WHERE ${text} IS NOT NULL ORDER BY value`,
  )
  const dictionary = distinct.map(({ value = '' }) => value)
  if (dictionary.length === 0) return { name, sql: 'CAST(-1 AS INTEGER)', sink: codeSink(rows, dictionary) }
  const type = identifier(`dictionary of ${from}`)
  await connection.run(
    `CREATE TYPE ${type} AS ENUM (SELECT DISTINCT ${text} AS value FROM ${source} WHERE ${text} IS NOT NULL ORDER BY value)`,
  )
  return { name, sql: codeSql(text, type), sink: codeSink(rows, dictionary) }
}

/** Plans every column of a result of `rows` rows from the SQL relation `source`. */
export async function planColumns(
  connection: DuckDBConnection,
  columns: readonly ResolvedColumn[],
  source: string,
  rows: number,
): Promise<readonly ColumnPlan[]> {
  const plans: ColumnPlan[] = []
  for (const column of columns) {
    const { name, from, type, kind, precision } = column
    const at = identifier(from)
    if (kind === 'number') plans.push({ name, sql: numberSql(at, type), sink: numberSink(rows, precision) })
    else if (kind === 'time') plans.push({ name, sql: timeSql(at, type), sink: timeSink(rows) })
    else plans.push(await planString(connection, column, source, rows))
  }
  return plans
}
