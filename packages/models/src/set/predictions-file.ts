import { hashFile, hashOpenFile } from '@breakwater/formats/node'
import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import type { Column } from '@breakwater/features'
import type { Predictions } from './predictions.ts'

/** Put off, so that a program that only serves does not load a native add-on. */
const parquet = (): Promise<typeof import('@breakwater/features/parquet')> => import('@breakwater/features/parquet')

const HEAD_PREFIX = 'p_'
const CALIBRATED_PREFIX = 'c_'
const LAW_PREFIX = 'law_'
const TILTED_PREFIX = 'tilted_'
const SERVED_PREFIX = 's_'

/**
 * Writes predictions as Parquet: one column `p_{head}` a head, `c_{head}` for the calibrated value,
 * `law_{head}` for the law alone, `tilted_{head}` for the law with its tilt and `s_{head}` for what is served. Resolves to the SHA-256
 * of what was written, taken before the file has its name: whatever another process puts there later is not hashed.
 */
export async function writePredictions(
  path: string,
  predictions: Predictions,
  metadata: Readonly<Record<string, string>>,
): Promise<string> {
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
  for (const [name, values] of predictions.served) columns[SERVED_PREFIX + name] = { type: 'number', values }
  for (const [name, values] of predictions.law) columns[LAW_PREFIX + name] = { type: 'number', values }
  for (const [name, values] of predictions.tilted) columns[TILTED_PREFIX + name] = { type: 'number', values }
  let sha256 = ''
  const { writeTable } = await parquet()
  await writeTable(
    path,
    { rows: predictions.rows, columns },
    {
      metadata: { ...metadata, role: predictions.role },
      verify: async (file) => {
        sha256 = await hashOpenFile(file)
        return null
      },
    },
  )
  return sha256
}

/**
 * Reads what {@link writePredictions} wrote, whose SHA-256 must be `sha256` before and after it is read: DuckDB reads a path,
 * and a file is replaced once and never back.
 */
export async function readPredictions(path: string, sha256: string): Promise<Predictions> {
  await checkHash(path, sha256)
  const { readTable } = await parquet()
  const { table, metadata } = await readTable(path)
  await checkHash(path, sha256)
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
  return {
    role,
    rows: table.rows,
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    fold,
    heads: withPrefix(HEAD_PREFIX),
    calibrated: withPrefix(CALIBRATED_PREFIX),
    law: withPrefix(LAW_PREFIX),
    tilted: withPrefix(TILTED_PREFIX),
    served: withPrefix(SERVED_PREFIX),
  }
}

async function checkHash(path: string, sha256: string): Promise<void> {
  if ((await hashFile(path)) === sha256) return
  throw new Error(
    `models: ${path}: its SHA-256 is not the one in the metadata: it was changed after training, or is of another training. Train again.`,
  )
}
