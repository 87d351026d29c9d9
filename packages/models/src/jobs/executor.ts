import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bars } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import {
  beside,
  type DataFiles,
  type Executor,
  inProcess,
  type Job,
  resultFolder,
  type ResultStore,
} from '@breakwater/jobs'
import type { StartOptions } from '@breakwater/jobs/jetstream'
import { type JobData, packBars } from './data.ts'
import { FOLD_JOBS } from './fold-jobs.ts'
import { type JobThreads, withJobThreads } from './job-threads.ts'
import { program } from './program.ts'

/** What a command's jobs work on and where they are done. */
export interface ExecutorRequest extends Pick<StartOptions, 'command' | 'clock'> {
  /** The bus whose workers do the jobs; without it this process does. */
  readonly bus?: Pick<StartOptions, 'address' | 'env' | 'sharedFolder'> | undefined
  /**
   * Threads that this process may use; undefined for one a processor. Those that are kept do jobs other than heads' beside them, as
   * sets have; with a number, one job is done after another.
   */
  readonly threads: JobThreads | number | undefined
  /** The command's output folder, absolute: results are kept below it until {@link forgetJobs}. */
  readonly folder: string
  readonly dataOf: (hash: string) => Promise<JobData>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

const FOLDER = 'jobs'

/** Gives `use` what does jobs and where their results are, and leaves the bus afterwards. */
export async function withExecutor<T>(
  request: ExecutorRequest,
  use: (executor: Executor, results: ResultStore) => Promise<T>,
): Promise<T> {
  const { bus, threads, folder, command, clock, filesOf } = request
  const own = resultFolder(join(folder, FOLDER))
  if (bus === undefined) {
    if (typeof threads === 'object') return await use(ownExecutor(request, threads), own)
    return await withJobThreads(threads, (made) => use(ownExecutor(request, { ...made, pool: null }), own))
  }
  // Who needs no bus does not wait for its client to load.
  const { resultsIn, withWorkers } = await import('@breakwater/jobs/jetstream')
  const results = bus.sharedFolder === null ? own : resultFolder(resultsIn(bus.sharedFolder))
  return await withWorkers({ ...bus, command, clock, filesOf }, (executor) => use(executor, results))
}

const isOfHeads = ({ kind }: Job): boolean => kind === FOLD_JOBS.heads

/** The executor of this process: without a pool it does one job after another. */
function ownExecutor({ dataOf, filesOf }: ExecutorRequest, { threads, heads, pool }: JobThreads): Executor {
  const withThreads = async (hash: string): Promise<JobData> => ({ ...(await dataOf(hash)), headThreads: heads })
  const here = { program, dataOf: withThreads, threads }
  if (pool === null) return inProcess(here)
  let files: Promise<DataFiles> | undefined
  return beside({ ...here, isHere: isOfHeads, pool, filesOf: (hash) => (files ??= filesOf(hash)) })
}

/** Writes bars beside the results of a command's jobs, for workers. Resolves to the path. */
export async function keepBars(folder: string, bars: Bars): Promise<string> {
  const path = join(folder, FOLDER, 'bars.safetensors')
  await replaceFile(path, Buffer.concat(packBars(bars)))
  return path
}

/** Removes the results of a command's jobs when what they are for is written. */
export const forgetJobs = (folder: string): Promise<void> => rm(join(folder, FOLDER), { recursive: true, force: true })
