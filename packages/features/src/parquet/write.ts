import { BIGINT, DOUBLE, ENUM, DuckDBInstance, DuckDBTableFunction, FLOAT, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBVector } from '@duckdb/node-api'
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
  /** Looks at the whole file before it takes the place: null, or what is wrong with it. */
  readonly verify?: ReplaceByOptions['verify']
}

const CHUNK_ROWS = 2048
const ENUM_LIMIT = 65_536
// Prices and scores hardly repeat; giving up early on a dictionary for them halves the time to write.
const DICTIONARY_LIMIT = 2048

type Source = { readonly sql: string; readonly type: DuckDBType; readonly fill: Fill }
type Fill = (vector: DuckDBVector, from: number, to: number) => void

function numberSource(name: string, column: NumberColumn): Source {
  const { values } = column
  const fill: Fill = (vector, from, to) => {
    numberItems(vector).set(values.subarray(from, to))
  }
  const sql = `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END`
  return { sql, type: values instanceof Float32Array ? FLOAT : DOUBLE, fill }
}

function timeSource(name: string, column: TimeColumn): Source {
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

function stringSource(name: string, column: StringColumn): Source {
  const { dictionary } = column
  if (dictionary.length === 0 || dictionary.length > ENUM_LIMIT) {
    return { sql: name, type: VARCHAR, fill: textFill(column) }
  }
  return { sql: `CAST(${name} AS VARCHAR)`, type: ENUM(dictionary), fill: enumFill(column) }
}

function sourceOf(name: string, column: Column): Source {
  if (column.type === 'number') return numberSource(name, column)
  return column.type === 'time' ? timeSource(name, column) : stringSource(name, column)
}

/** Registers the table as a function that hands DuckDB one chunk at a time, so that no second copy of it exists. */
function registerRows(connection: DuckDBConnection, table: Table, signal: AbortSignal | undefined): string {
  const sources = Object.entries(table.columns).map(([name, column], i) => ({ name, ...sourceOf(`c${i}`, column) }))
  let position = 0
  const fillChunk = (chunk: DuckDBDataChunk): void => {
    const end = Math.min(position + CHUNK_ROWS, table.rows)
    chunk.rowCount = end - position
    for (const [i, source] of sources.entries()) {
      if (end === position) break
      const vector = chunk.getColumnVector(i)
      source.fill(vector, position, end)
      vector.flush()
    }
    position = end
  }
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name: 'table_rows',
      bindFunction: (bind) => {
        for (const [i, source] of sources.entries()) bind.addResultColumn(`c${i}`, source.type)
        bind.setCardinality(table.rows, true)
      },
      initFunction: (init) => {
        init.setMaxThreads(1)
      },
      mainFunction: (info, chunk) => {
        if (signal?.aborted === true) info.setError('aborted')
        else fillChunk(chunk)
      },
    }),
  )
  return sources.map((source) => `${source.sql} AS ${identifier(source.name)}`).join(', ')
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

/** Writes the file; resolves to the number of bytes that DuckDB says it wrote. */
async function copyTo(path: string, table: Table, kv: string, signal: AbortSignal | undefined): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    const select = registerRows(connection, table, signal)
    const reader = await connection.runAndReadAll(
      `COPY (SELECT ${select} FROM table_rows()) TO ${literal(path)} (FORMAT parquet, DICTIONARY_SIZE_LIMIT ${DICTIONARY_LIMIT}, RETURN_STATS${kv})`,
    )
    connection.closeSync()
    return Number(reader.getRowObjects()[0]?.['file_size_bytes'])
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
  const { signal, verify } = options
  const write = (temporary: string): Promise<number> => copyTo(temporary, table, kv, signal)
  await replaceFileBy(path, write, {
    ...options,
    verify: async (file) => (await parquetFault(file)) ?? (await verify?.(file)) ?? null,
  })
}
