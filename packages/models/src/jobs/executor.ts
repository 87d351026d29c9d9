import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Bars } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import {
  beside,
  createPool,
  type DataFiles,
  type Executor,
  inProcess,
  type Job,
  resultFolder,
  type ResultStore,
} from '@breakwater/jobs'
import type { StartOptions } from '@breakwater/jobs/jetstream'
import { createHeadThreads } from '@breakwater/trees/node'
import { type JobData, packBars } from './data.ts'
import { FOLD_JOBS } from './fold-jobs.ts'
import { program } from './program.ts'

/** What a command's jobs work on and where they are done. */
export interface ExecutorRequest extends Pick<StartOptions, 'command' | 'clock'> {
  /** The bus whose workers do the jobs; without it this process does. */
  readonly bus?: Pick<StartOptions, 'address' | 'env' | 'sharedFolder'> | undefined
  /** Threads that this process may use; undefined for one a processor. */
  readonly threads: number | undefined
  /** Whether laws are fitted on threads beside the heads, where this process does the jobs: those of a set. Default false. */
  readonly isSet?: boolean | undefined
  /** The command's output folder, absolute: results are kept below it until {@link forgetJobs}. */
  readonly folder: string
  readonly dataOf: (hash: string) => Promise<JobData>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

const FOLDER = 'jobs'
/** Threads beside those of the heads at most: each holds the data once more. */
const LAW_THREADS = 4

/** Gives `use` what does jobs and where their results are, and leaves the bus afterwards. */
export async function withExecutor<T>(
  request: ExecutorRequest,
  use: (executor: Executor, results: ResultStore) => Promise<T>,
): Promise<T> {
  const { bus, folder, command, clock, filesOf } = request
  const own = resultFolder(join(folder, FOLDER))
  if (bus === undefined) return withOwn(request, (executor) => use(executor, own))
  // Who needs no bus does not wait for its client to load.
  const { resultsIn, withWorkers } = await import('@breakwater/jobs/jetstream')
  const results = bus.sharedFolder === null ? own : resultFolder(resultsIn(bus.sharedFolder))
  return await withWorkers({ ...bus, command, clock, filesOf }, (executor) => use(executor, results))
}

const isOfHeads = ({ kind }: Job): boolean => kind === FOLD_JOBS.heads

/** Gives `use` an executor of this process, whose threads end with it. */
async function withOwn<T>(
  { threads = availableParallelism(), isSet = false, dataOf, filesOf }: ExecutorRequest,
  use: (executor: Executor) => Promise<T>,
): Promise<T> {
  const headThreads = createHeadThreads()
  const here = {
    program,
    dataOf: async (hash: string): Promise<JobData> => ({ ...(await dataOf(hash)), headThreads }),
    threads,
  }
  let files: Promise<DataFiles> | undefined
  const isBeside = isSet && threads > 1
  const pool = isBeside
    ? createPool({ module: import.meta.resolve('@breakwater/models/jobs'), threads: Math.min(threads, LAW_THREADS) })
    : null
  try {
    if (pool === null) return await use(inProcess(here))
    return await use(beside({ ...here, isHere: isOfHeads, pool, filesOf: (hash) => (files ??= filesOf(hash)) }))
  } finally {
    await Promise.all([headThreads.close(), pool?.close()])
  }
}

/** Writes bars beside the results of a command's jobs, for workers. Resolves to the path. */
export async function keepBars(folder: string, bars: Bars): Promise<string> {
  const path = join(folder, FOLDER, 'bars.safetensors')
  await replaceFile(path, Buffer.concat(packBars(bars)))
  return path
}

/** Removes the results of a command's jobs when what they are for is written. */
export const forgetJobs = (folder: string): Promise<void> => rm(join(folder, FOLDER), { recursive: true, force: true })
