import { describeSignals, type Signals } from './signals.ts'

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
  // Put off, so that a program that only serves does not load a native add-on.
  const { loadSchema, readSignals } = await import('@breakwater/features/parquet')
  const schema = await loadSchema(schemaFile)
  const read = await readSignals({ paths, schema, ...(dates === undefined ? {} : { dates }) })
  const files = nameOf === undefined ? read.files : read.files.map((file) => nameOf(file))
  return describeSignals({ schema, table: read.table, hash: read.hash, files, metadata: read.metadata })
}
