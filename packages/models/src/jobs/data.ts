import { canonicalJson, type DataFiles, type Json, sha256 } from '@breakwater/jobs'
import { loadSignals } from '../signals-file.ts'
import type { Signals } from '../signals.ts'

/** The data of jobs, opened. */
export interface JobData {
  readonly signals: Signals
}

/** Where the signals of jobs are on this machine. */
export interface SignalsPlace {
  /** Paths, absolute: of the schema, and of the signals in the order in which they are read. */
  readonly schemaFile: string
  readonly paths: readonly string[]
  /** The sessions that are read; undefined for all. */
  readonly dates?: readonly string[] | undefined
}

/**
 * The hash by which jobs name their data: of the rows, of what the schema says of the columns, and of what the files record about the
 * labels. Whatever else differs does not change a result.
 */
export function dataHash({ hash, schema, thresholds, lookforwardSeconds }: Signals): string {
  const described = JSON.parse(JSON.stringify({ hash, schema, thresholds, lookforwardSeconds })) as Json
  return sha256(canonicalJson(described))
}

/** The files of jobs' data, as a worker needs them. */
export function signalsFiles(signals: Signals, { schemaFile, paths, dates }: SignalsPlace): DataFiles {
  return {
    hash: dataHash(signals),
    files: [
      { name: 'features.json', path: schemaFile },
      ...paths.map((path, i) => ({ name: `signals-${i}.parquet`, path })),
    ],
    reading: { dates: dates === undefined ? null : [...dates] },
  }
}

/** Opens what {@link signalsFiles} lists. Throws where the rows are not those that the jobs are about. */
export async function openSignals({ hash, files, reading }: DataFiles): Promise<JobData> {
  const [schema, ...paths] = files.map(({ path }) => path)
  const { dates } = reading as { readonly dates: readonly string[] | null }
  if (schema === undefined || paths.length === 0)
    throw new Error('models: the data of the jobs lacks files. Start them again.')
  const signals = await loadSignals({ schemaFile: schema, paths, dates: dates ?? undefined })
  const found = dataHash(signals)
  if (found === hash) return { signals }
  throw new Error(
    `models: the data's hash is ${found.slice(0, 12)}, not ${hash.slice(0, 12)}: this machine reads the files otherwise. Start a worker of the starter's version.`,
  )
}
