import { BIGINT, DOUBLE, ENUM, DuckDBInstance, DuckDBTableFunction, FLOAT, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBType, DuckDBVector } from '@duckdb/node-api'
import { parquetFault, replaceFileBy } from '@breakwater/formats/node'
import type { ReplaceByOptions, WriteOptions } from '@breakwater/formats/node'
import { identifier, literal } from './sql.ts'
import { enumItems, numberItems, timeItems } from './vectors.ts'
import { checkTable } from './check-table.ts'
import type { Column, NumberColumn, StringColumn, Table, TimeColumn } from '../table.ts'
import { MISSING_NS } from '../table.ts'

/** Options of {@link writeTable}. */
export interface WriteTableOptions extends Pick<WriteOptions, 'files' | 'signal' | 'writer'> {
  /** Key and value pairs stored in the Parquet footer. Keys must differ by more than case. */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * Beside every time column `x_ns` a TIMESTAMP `x_utc` (microseconds, UTC, without a zone), and beside `date` a DATE `session_date`, for
   * programs that read these types. Default false.
   */
  readonly calendarTypes?: boolean
  /** Looks at the whole file before it takes the place: null, or what is wrong with it. */
  readonly verify?: ReplaceByOptions['verify']
}

const CHUNK_ROWS = 2048
const ENUM_LIMIT = 65_536
// Prices and scores hardly repeat; giving up early on a dictionary for them halves the time to write.
const DICTIONARY_LIMIT = 2048

type Source = { readonly name: string; readonly sql: string; readonly type: DuckDBType; readonly fill: Fill }
type Fill = (vector: DuckDBVector, from: number, to: number) => void

function numberSource(name: string, column: NumberColumn): Omit<Source, 'name'> {
  const { values } = column
  const fill: Fill = (vector, from, to) => {
    numberItems(vector).set(values.subarray(from, to))
  }
  const sql = `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END`
  return { sql, type: values instanceof Float32Array ? FLOAT : DOUBLE, fill }
}

function timeSource(name: string, column: TimeColumn): Omit<Source, 'name'> {
  const { values } = column
  const fill: Fill = (vector, from, to) => {
    timeItems(vector).set(values.subarray(from, to))
  }
  // nullif alone would compare with a literal that SQL reads as a wider type.
  return { sql: `nullif(${name}, CAST(${literal(String(MISSING_NS))} AS BIGINT))`, type: BIGINT, fill }
}

function enumFill({ codes }: StringColumn): Fill {
  return (vector, from, to) => {
    const items = enumItems(vector)
    for (let row = from; row < to; row++) {
      const code = codes[row] as number
      if (code < 0) vector.setItem(row - from, null)
      else items[row - from] = code
    }
  }
}

function textFill({ codes, dictionary }: StringColumn): Fill {
  return (vector, from, to) => {
    for (let row = from; row < to; row++) vector.setItem(row - from, dictionary[codes[row] as number] ?? null)
  }
}

function stringSource(name: string, column: StringColumn): Omit<Source, 'name'> {
  const { dictionary } = column
  if (dictionary.length === 0 || dictionary.length > ENUM_LIMIT) {
    return { sql: name, type: VARCHAR, fill: textFill(column) }
  }
  return { sql: `CAST(${name} AS VARCHAR)`, type: ENUM(dictionary), fill: enumFill(column) }
}

function sourceOf(name: string, column: Column): Omit<Source, 'name'> {
  if (column.type === 'number') return numberSource(name, column)
  return column.type === 'time' ? timeSource(name, column) : stringSource(name, column)
}

/** Rows that DuckDB takes a chunk at a time. */
interface RowSource {
  readonly columns: readonly { readonly name: string; readonly sql: string; readonly type: DuckDBType }[]
  /** How many rows there are, where that is known. */
  readonly rows: number | null
  /** Fills the vectors of a chunk with the next rows; returns how many, 0 at the end. */
  readonly fill: (vectors: (column: number) => DuckDBVector) => number
}

/** Fills the vectors with rows [from, to) of a table. */
function fillRows(
  sources: readonly Source[],
  vectors: (column: number) => DuckDBVector,
  from: number,
  to: number,
): void {
  for (const [i, source] of sources.entries()) {
    const vector = vectors(i)
    source.fill(vector, from, to)
    vector.flush()
  }
}

const sourcesOf = (table: Table): Source[] =>
  Object.entries(table.columns).map(([name, column], i) => ({ name, ...sourceOf(`c${i}`, column) }))

/** The rows of a table, so that no second copy of it exists. */
function tableRows(table: Table): RowSource {
  const columns = sourcesOf(table)
  let position = 0
  const fill: RowSource['fill'] = (vectors) => {
    const from = position
    position = Math.min(from + CHUNK_ROWS, table.rows)
    if (position > from) fillRows(columns, vectors, from, position)
    return position - from
  }
  return { columns, rows: table.rows, fill }
}

/** A column of a batch without codes: the words of the next batch are not known. */
function batchSourceOf(name: string, column: Column): Omit<Source, 'name'> {
  return column.type === 'string' ? { sql: name, type: VARCHAR, fill: textFill(column) } : sourceOf(name, column)
}

const sourcesIn = (table: Table): Source[] =>
  Object.entries(table.columns).map(([name, column], i) => ({ name, ...batchSourceOf(`c${i}`, column) }))

/** The rows of tables that come one after another; `first` has been taken from `rest`. */
function batchRows(first: Table, rest: Iterator<Table, void>): RowSource {
  const columns = sourcesIn(first)
  let batch = { table: first, sources: columns }
  let position = 0
  const fill: RowSource['fill'] = (vectors) => {
    while (position === batch.table.rows) {
      const next = rest.next()
      if (next.done === true) return 0
      checkTable(next.value)
      batch = { table: next.value, sources: sourcesIn(next.value) }
      position = 0
    }
    const from = position
    position = Math.min(from + CHUNK_ROWS, batch.table.rows)
    fillRows(batch.sources, vectors, from, position)
    return position - from
  }
  return { columns, rows: null, fill }
}

/** Columns of the calendar's types beside those that hold the same as nanoseconds or text. Throws where a name is taken. */
function calendarSql(columns: RowSource['columns'], names: ReadonlySet<string>): string[] {
  return columns.flatMap(({ name, sql, type }) => {
    const [added, expression] =
      type === BIGINT && name.endsWith('_ns')
        ? [name.replace(/_ns$/, '_utc'), `make_timestamp((${sql}) // 1000)`]
        : name === 'date'
          ? ['session_date', `CAST(${sql} AS DATE)`]
          : []
    if (added === undefined || expression === undefined) return []
    if (!names.has(added)) return [`${expression} AS ${identifier(added)}`]
    throw new Error(`features: column ${added}: is there already, so ${name} cannot be written as it too. Rename it.`)
  })
}

/** Registers rows as a function that DuckDB calls for one chunk at a time; `failed` gets what a call throws. */
function registerRows(
  connection: DuckDBConnection,
  { columns, rows, fill }: RowSource,
  signal: AbortSignal | undefined,
  failed: (cause: unknown) => void,
): string {
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name: 'table_rows',
      bindFunction: (bind) => {
        for (const [i, { type }] of columns.entries()) bind.addResultColumn(`c${i}`, type)
        if (rows !== null) bind.setCardinality(rows, true)
      },
      initFunction: (init) => {
        init.setMaxThreads(1)
      },
      mainFunction: (info, chunk) => {
        try {
          signal?.throwIfAborted()
          // Vectors can be had of a chunk with rows alone.
          chunk.rowCount = CHUNK_ROWS
          chunk.rowCount = fill((column) => chunk.getColumnVector(column))
        } catch (cause) {
          failed(cause)
          info.setError(cause instanceof Error ? cause.message : String(cause))
        }
      },
    }),
  )
  return columns.map(({ sql, name }) => `${sql} AS ${identifier(name)}`).join(', ')
}

function metadataSql(metadata: Readonly<Record<string, string>>): string {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return ''
  const keys = new Set(entries.map(([key]) => key.toLowerCase()))
  if (keys.size < entries.length || keys.has('')) {
    throw new Error(
      `features: metadata=${JSON.stringify(Object.keys(metadata))}: keys must be non-empty and differ by more than case. Rename one.`,
    )
  }
  return `, KV_METADATA {${entries.map(([key, value]) => `${identifier(key)}: ${literal(value)}`).join(', ')}}`
}

/** Writes the file; resolves to the number of bytes that DuckDB reports. */
async function copyTo(
  path: string,
  rows: RowSource,
  kv: string,
  { signal, calendarTypes = false }: Pick<WriteTableOptions, 'signal' | 'calendarTypes'>,
): Promise<number> {
  const added = calendarTypes ? calendarSql(rows.columns, new Set(rows.columns.map(({ name }) => name))) : []
  const instance = await DuckDBInstance.create(':memory:')
  const causes: unknown[] = []
  try {
    const connection = await instance.connect()
    const own = registerRows(connection, rows, signal, (cause) => causes.push(cause))
    const select = [own, ...added].join(', ')
    const reader = await connection.runAndReadAll(
      `COPY (SELECT ${select} FROM table_rows()) TO ${literal(path)} (FORMAT parquet, DICTIONARY_SIZE_LIMIT ${DICTIONARY_LIMIT}, RETURN_STATS${kv})`,
    )
    connection.closeSync()
    return Number(reader.getRowObjects()[0]?.['file_size_bytes'])
  } catch (error) {
    throw causes[0] ?? error
  } finally {
    instance.closeSync()
  }
}

/**
 * Writes `table` to a Parquet file (Snappy, DuckDB's default row groups) and makes its folder when there is none.
 *
 * Storage: times are INT64 nanoseconds, strings are strings, a Float64Array is DOUBLE, a Float32Array is FLOAT; a missing
 * value of any type (NaN, {@link MISSING_NS}, code -1) is NULL. Column order is the table's. The same table and metadata
 * give the same bytes. The file is replaced whole or not at all (`replaceFileBy` of the formats package): what DuckDB wrote is
 * measured and its footer looked at before it takes the place. Needs memory for one row group beside the table itself.
 *
 * Throws before touching the disk when the table is inconsistent, has no column, or has two names that differ only by
 * case (DuckDB folds case), or when metadata keys do.
 */
export async function writeTable(path: string, table: Table, options: WriteTableOptions = {}): Promise<void> {
  checkTable(table)
  const kv = metadataSql(options.metadata ?? {})
  const write = (temporary: string): Promise<number> => copyTo(temporary, tableRows(table), kv, options)
  await replaceFileBy(path, write, { ...options, verify: verifier(options) })
}

/**
 * Writes tables of the same columns, one after another, to one Parquet file: the file that {@link writeTable} would write of
 * all of them together. The next table is asked for when the one before is written, so memory is needed for one of them and
 * one row group. What the iterator throws is thrown. At least one table must come; it may be empty.
 */
export async function writeBatches(
  path: string,
  batches: Iterator<Table, void>,
  options: WriteTableOptions = {},
): Promise<void> {
  const first = batches.next()
  if (first.done === true) throw new Error(`features: ${path}: no table to write. Give one without rows.`)
  checkTable(first.value)
  const rows = batchRows(first.value, batches)
  const kv = metadataSql(options.metadata ?? {})
  const write = (temporary: string): Promise<number> => copyTo(temporary, rows, kv, options)
  await replaceFileBy(path, write, { ...options, verify: verifier(options) })
}

const verifier =
  ({ verify }: WriteTableOptions): NonNullable<ReplaceByOptions['verify']> =>
  async (file) =>
    (await parquetFault(file)) ?? (await verify?.(file)) ?? null
