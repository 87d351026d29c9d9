import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import type { Column } from '@breakwater/features'
import { readTable, writeTable } from '@breakwater/features/parquet'
import type { Predictions } from './predictions.ts'

const HEAD_PREFIX = 'p_'
const CALIBRATED_PREFIX = 'c_'

/** Writes predictions as Parquet: one column `p_{head}` a head, and `c_{head}` for the calibrated value. */
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
  for (const [name, values] of predictions.calibrated) columns[CALIBRATED_PREFIX + name] = { type: 'number', values }
  await writeTable(path, { rows: predictions.rows, columns }, { metadata: { ...metadata, role: predictions.role } })
}

/** Reads what {@link writePredictions} wrote. */
export async function readPredictions(
  path: string,
): Promise<{ predictions: Predictions; metadata: Readonly<Record<string, string>> }> {
  const { table, metadata } = await readTable(path)
  const role = metadata['role']
  if (role !== 'test' && role !== 'validation') {
    throw new Error(`models: ${path}: role=${String(role)}: is not a predictions file. Train again.`)
  }
  const withPrefix = (prefix: string): Map<string, Float64Array> =>
    new Map(
      Object.keys(table.columns)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), numbersOf(table, name)]),
    )
  const fold = numbersOf(table, 'fold')
  const predictions: Predictions = {
    role,
    rows: table.rows,
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    fold,
    heads: withPrefix(HEAD_PREFIX),
    calibrated: withPrefix(CALIBRATED_PREFIX),
  }
  return { predictions, metadata }
}
