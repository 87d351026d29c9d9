import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Bars } from '@breakwater/features'
import { canonicalJson, type DataFiles, type Json, pack, sha256, unpack } from '@breakwater/jobs'
import type { HeadThreads } from '@breakwater/trees/node'
import { loadSignals } from '../signals-file.ts'
import type { Signals } from '../signals.ts'

/** The data of jobs, opened. */
export interface JobData {
  readonly signals: Signals
  /** The bars that the signals were made from, for the law's forecast of volatility; without them it is the ATR's. */
  readonly bars?: Bars | undefined
  /** Threads that heads are trained by, kept between jobs; without them each job that may use several starts its own. */
  readonly headThreads?: HeadThreads | undefined
}

/** Where the data of jobs is on this machine. */
export interface DataPlace {
  /** Paths, absolute: of the schema, and of the signals in the order in which they are read. */
  readonly schemaFile: string
  readonly paths: readonly string[]
  /** The sessions that are read; undefined for all. */
  readonly dates?: readonly string[] | undefined
  /** Path, absolute, of the bars as {@link packBars} gives them; undefined where jobs see none. */
  readonly barsFile?: string | undefined
}

const BARS_NAME = 'bars.safetensors'

/** Bars as a file keeps them. They travel as they were read: whoever opens them needs to know nothing of columns and time zones. */
export function packBars({ rows, ts, open, high, low, close, volume }: Bars): readonly Uint8Array[] {
  return pack({ rows, ts, open, high, low, close, volume })
}

/**
 * The hash by which jobs name their data: of the rows, of what the schema says of the columns, of what the files record about the
 * labels, and of the bars. Whatever else differs does not change a result.
 */
export function dataHash({ signals: { hash, schema, thresholds, lookforwardSeconds, state }, bars }: JobData): string {
  // The state matters where there are bars to make moments from.
  const fromBars = bars === undefined ? {} : { state, bars: hashOf(packBars(bars)) }
  const described = JSON.parse(JSON.stringify({ hash, schema, thresholds, lookforwardSeconds, ...fromBars })) as Json
  return sha256(canonicalJson(described))
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const running = createHash('sha256')
  for (const piece of pieces) running.update(piece)
  return running.digest('hex')
}

/** The files of jobs' data, as a worker needs them. */
export function dataFiles(data: JobData, { schemaFile, paths, dates, barsFile }: DataPlace): DataFiles {
  return {
    hash: dataHash(data),
    files: [
      { name: 'features.json', path: schemaFile },
      ...paths.map((path, i) => ({ name: `signals-${i}.parquet`, path })),
      ...(barsFile === undefined ? [] : [{ name: BARS_NAME, path: barsFile }]),
    ],
    reading: { dates: dates === undefined ? null : [...dates] },
  }
}

/** Opens what {@link dataFiles} lists. Throws where it is not what the jobs are about. */
export async function openData({ hash, files, reading }: DataFiles): Promise<JobData> {
  const barsFile = files.find(({ name }) => name === BARS_NAME)?.path
  const [schema, ...paths] = files.flatMap(({ name, path }) => (name === BARS_NAME ? [] : [path]))
  const { dates } = reading as { readonly dates: readonly string[] | null }
  if (schema === undefined || paths.length === 0)
    throw new Error('models: the data of the jobs lacks files. Start them again.')
  const data = {
    signals: await loadSignals({ schemaFile: schema, paths, dates: dates ?? undefined }),
    bars: barsFile === undefined ? undefined : (unpack(await readFile(barsFile)) as unknown as Bars),
  }
  const found = dataHash(data)
  if (found === hash) return data
  throw new Error(
    `models: the data's hash is ${found.slice(0, 12)}, not ${hash.slice(0, 12)}: the files have changed, or this machine reads them otherwise. Start again, with workers of the starter's version.`,
  )
}
