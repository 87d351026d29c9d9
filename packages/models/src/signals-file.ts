import { stringColumn } from '@breakwater/features'
import { loadSchema, readSignals } from '@breakwater/features/parquet'
import { recordedSettings, type Signals } from './signals.ts'

/** Which signals to read. */
export interface SignalsRequest {
  /** File of the schema. */
  readonly schemaFile: string
  /** Files, folders or globs of the signals. */
  readonly paths: readonly string[]
  /** Only these sessions; undefined reads all. */
  readonly dates?: readonly string[] | undefined
  /** What {@link Signals.files} and messages call a file; its path by default. */
  readonly nameOf?: (path: string) => string
}

/** Reads the schema and the signals that it describes. */
export async function loadSignals({ schemaFile, paths, dates, nameOf }: SignalsRequest): Promise<Signals> {
  const schema = await loadSchema(schemaFile)
  const read = await readSignals({ paths, schema, ...(dates === undefined ? {} : { dates }) })
  const { codes, dictionary } = stringColumn(read.table, 'date')
  const used = new Set(codes)
  return {
    schema,
    table: read.table,
    hash: read.hash,
    files: nameOf === undefined ? read.files : read.files.map(nameOf),
    dates: dictionary.filter((_, code) => used.has(code)).toSorted(),
    symbol: stringColumn(read.table, 'symbol').dictionary.join(', '),
    ...recordedSettings(read.metadata),
  }
}
