import type { Column, Table } from '@breakwater/features'
import { MISSING_NS } from '@breakwater/features'
import { readTable, writeTable } from '@breakwater/features/parquet'

/** Which rows were predicted: test rows, or validation rows where the plan has no test dates. */
export type PredictedRole = 'test' | 'validation'

/**
 * Predictions of rows that their model did not train on. Row i is event `eventIds[i]`, predicted by fold `fold[i]`;
 * `heads` holds a probability (binary) or dollars (regression) per row, NaN where the head has no model in that fold.
 */
export interface Predictions {
  readonly role: PredictedRole
  readonly rows: number
  readonly eventIds: readonly string[]
  readonly tsNs: BigInt64Array
  readonly fold: Float64Array
  readonly heads: ReadonlyMap<string, Float64Array>
}

const HEAD_PREFIX = 'p_'

/** Joins predictions of folds in fold order; all must have the same heads. */
export function joinPredictions(role: PredictedRole, parts: readonly Predictions[]): Predictions {
  const names = [...new Set(parts.flatMap((part) => [...part.heads.keys()]))]
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const tsNs = new BigInt64Array(rows)
  const fold = new Float64Array(rows)
  const heads = new Map(names.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]))
  let at = 0
  for (const part of parts) {
    tsNs.set(part.tsNs, at)
    fold.set(part.fold, at)
    for (const [name, values] of part.heads) heads.get(name)?.set(values, at)
    at += part.rows
  }
  return { role, rows, eventIds: parts.flatMap((part) => part.eventIds), tsNs, fold, heads }
}

/** Writes predictions as Parquet, one column `p_{head}` a head. */
export async function writePredictions(
  path: string,
  predictions: Predictions,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const columns: Record<string, Column> = {
    event_id: {
      type: 'string',
      codes: Int32Array.from({ length: predictions.rows }, (_, row) => row),
      dictionary: predictions.eventIds,
    },
    ts_ns: { type: 'time', values: predictions.tsNs },
    fold: { type: 'number', values: predictions.fold },
  }
  for (const [name, values] of predictions.heads) columns[HEAD_PREFIX + name] = { type: 'number', values }
  await writeTable(path, { rows: predictions.rows, columns }, { metadata: { ...metadata, role: predictions.role } })
}

/** Reads what {@link writePredictions} wrote. */
export async function readPredictions(
  path: string,
): Promise<{ predictions: Predictions; metadata: Readonly<Record<string, string>> }> {
  const { table, metadata } = await readTable(path)
  const role = metadata['role']
  if (role !== 'test' && role !== 'validation') {
    throw new Error(`trainer: ${path}: role=${String(role)}: is not a predictions file. Run \`trainer train\` again.`)
  }
  const heads = new Map<string, Float64Array>()
  for (const name of Object.keys(table.columns)) {
    if (name.startsWith(HEAD_PREFIX)) heads.set(name.slice(HEAD_PREFIX.length), numbers(table, name))
  }
  const fold = numbers(table, 'fold')
  const predictions: Predictions = {
    role,
    rows: table.rows,
    eventIds: strings(table, 'event_id'),
    tsNs: times(table, 'ts_ns'),
    fold,
    heads,
  }
  return { predictions, metadata }
}

/** The numbers of a column as 64-bit floats. */
export function numbers(table: Table, name: string): Float64Array {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`trainer: column ${name}: expected numbers. Is it a signals file?`)
  return column.values instanceof Float64Array ? column.values : Float64Array.from(column.values)
}

/** The nanoseconds of a column; a missing one is an error. */
export function times(table: Table, name: string): BigInt64Array {
  const column = table.columns[name]
  if (column?.type !== 'time') throw new Error(`trainer: column ${name}: expected times. Is it a signals file?`)
  const missing = column.values.indexOf(MISSING_NS)
  if (missing !== -1) throw new Error(`trainer: column ${name}, row ${missing}: the time is missing. Repair the row.`)
  return column.values
}

/** The codes and dictionary of a string column. */
export function coded(table: Table, name: string): { codes: Int32Array; dictionary: readonly string[] } {
  const column = table.columns[name]
  if (column?.type !== 'string') throw new Error(`trainer: column ${name}: expected strings. Is it a signals file?`)
  return column
}

/** The strings of a column; a missing one is the empty string. */
export function strings(table: Table, name: string): string[] {
  const { codes, dictionary } = coded(table, name)
  return Array.from(codes, (code) => dictionary[code] ?? '')
}
