import { hashTable } from '../hash.ts'
import { resolveColumns } from './plan.ts'
import type { ColumnRequest, ResolvedColumn } from './plan.ts'
import { readColumns } from './read.ts'
import type { ReadTableResult } from './read.ts'
import type { ColumnKind } from './sql.ts'
import { findColumn } from '../schema/schema.ts'
import type { ColumnSpec, Schema } from '../schema/schema.ts'
import { eventOrder, permute } from './order.ts'
import type { Column, Table } from '../table.ts'

/** Options of {@link readSignals}. */
export interface ReadSignalsOptions {
  /** A Parquet file, a folder of them (searched in depth) or a glob, or several of these. */
  readonly paths: string | readonly string[]
  readonly schema: Schema
  /** Names or aliases of schema columns, in the order wanted; by default every column of the schema. */
  readonly columns?: readonly string[]
  /** Sessions to keep ('YYYY-MM-DD'); by default all. */
  readonly dates?: readonly string[]
}

const KEYS = ['ts_ns', 'event_id']

function kindOf({ type }: ColumnSpec): ColumnKind {
  if (type === 'string' || type === 'time') return type
  return 'number'
}

function specOf(schema: Schema, name: string): ColumnSpec {
  const spec = findColumn(schema, name)
  if (spec === undefined) {
    throw new Error(`features: columns=${name}: the schema ${schema.name} has no such column. Check the name.`)
  }
  return spec
}

function requestFor(spec: ColumnSpec, types: ReadonlyMap<string, string>): ColumnRequest {
  const { name } = spec
  const from = [name, ...(spec.aliases ?? [])].find((candidate) => types.has(candidate))
  if (from === undefined) {
    throw new Error(
      `features: schema: column ${name} is missing from the signals file. Write the signals again, or leave it out of columns.`,
    )
  }
  const type = types.get(from) ?? ''
  if (name === 'ts_ns' && (type === 'DOUBLE' || type === 'FLOAT')) {
    throw new TypeError(
      `features: schema: column ts_ns is stored as ${type}, which cannot hold nanoseconds exactly. Store it as int64.`,
    )
  }
  return { from, name, kind: kindOf(spec), precision: spec.role === 'feature' ? 'float32' : 'float64' }
}

function chooser(wanted: readonly ColumnSpec[]) {
  return (types: ReadonlyMap<string, string>): readonly ResolvedColumn[] =>
    resolveColumns(
      wanted.map((spec) => requestFor(spec, types)),
      types,
    )
}

/** Rows in order of time and id, and only the columns asked for. */
function arrange(table: Table, wanted: readonly ColumnSpec[]): Table {
  const order = eventOrder(table)
  const columns: Record<string, Column> = {}
  for (const { name } of wanted) {
    const column = table.columns[name]
    if (column !== undefined) columns[name] = order === undefined ? column : permute(column, order)
  }
  return { rows: table.rows, columns }
}

/**
 * Reads signals as the schema describes them.
 *
 * Columns are found by name or alias and named as in the schema; what the schema does not name is not read. Features are
 * Float32Array, other numbers Float64Array, whatever number type the file stores (bool becomes 0 and 1); `time` columns
 * are exact nanoseconds, except that a file which stores one as float64 has lost up to 256 ns already, which is refused
 * for `ts_ns`. Rows come in order of (ts_ns, event_id), whatever the files' order, so the same signals in other files
 * give the same table and the same hash.
 *
 * Throws when no file is found ("missing signals file"), no row has any of the dates ("no matching dates", with the range
 * that exists), a column is missing or of another kind, two files disagree, or an event_id is missing or occurs twice.
 * Dates asked for that no row has are listed in `absentDates`.
 */
export async function readSignals(options: ReadSignalsOptions): Promise<ReadTableResult> {
  const { paths, schema, columns, dates } = options
  const wanted = columns?.map((name) => specOf(schema, name)) ?? schema.columns
  const keys = KEYS.filter((key) => !wanted.some(({ name }) => name === key)).map((key) => specOf(schema, key))
  const read = await readColumns(paths, chooser([...wanted, ...keys]), dates)
  const table = arrange(read.table, wanted)
  return { ...read, table, hash: hashTable(table) }
}
