import type { Schema, Table } from '@breakwater/features'
import { loadSchema, readSignals } from '@breakwater/features/parquet'
import type { Context } from './context.ts'
import { absolute, existing, shown } from './paths.ts'
import { coded } from './training/predictions.ts'

/** Signals read from files, with what identifies them. */
export interface Signals {
  readonly schema: Schema
  readonly table: Table
  /** Content hash of the rows read. */
  readonly hash: string
  /** Files read, as a person in the working folder would write them. */
  readonly files: readonly string[]
  /** Sessions of the rows, in order. */
  readonly dates: readonly string[]
  /** What `_1` and `_2` mean, in dollars from the level. */
  readonly thresholds: readonly [number, number]
  readonly symbol: string
}

/** Which signals to read; `paths` undefined is the default signals file. */
export interface SignalsRequest {
  readonly schemaPath: string
  readonly paths: readonly string[] | undefined
  readonly defaultPath: string
  /** Only these sessions; undefined reads all. */
  readonly dates?: readonly string[] | undefined
}

/** Reads the schema and the signals it describes. */
export async function loadSignals(context: Context, request: SignalsRequest): Promise<Signals> {
  const { cwd } = context
  const schemaFile = existing(
    cwd,
    request.schemaPath,
    `missing features.json: ${request.schemaPath} does not exist. Give its place with --schema.`,
  )
  const schema = await loadSchema(schemaFile)
  const paths = (request.paths ?? [request.defaultPath]).map((path) => absolute(cwd, path))
  const read = await readSignals({ paths, schema, ...(request.dates === undefined ? {} : { dates: request.dates }) })
  const files = read.files.map((file) => shown(cwd, file))
  const { codes, dictionary } = coded(read.table, 'date')
  const used = new Set(codes)
  const dates = dictionary.filter((_, code) => used.has(code)).toSorted()
  const symbol = coded(read.table, 'symbol').dictionary.join(', ')
  return { schema, table: read.table, hash: read.hash, files, dates, thresholds: thresholdsOf(read.metadata), symbol }
}

/** The thresholds recorded in the file's metadata; $1 and $2 where it records none. */
function thresholdsOf(metadata: Readonly<Record<string, string>>): readonly [number, number] {
  const recorded = metadata['thresholds']
  if (recorded === undefined) return [1, 2]
  const [first, second, ...more] = recorded.split(',').map(Number)
  if (first === undefined || second === undefined || more.length > 0 || !(first > 0) || !(second > first)) {
    throw new Error(`trainer: thresholds=${recorded}: the signals' metadata is damaged. Run \`trainer signals\` again.`)
  }
  return [first, second]
}
