import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bars } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { type DataFiles, type Executor, inProcess, resultFolder, type ResultStore } from '@breakwater/jobs'
import type { StartOptions } from '@breakwater/jobs/jetstream'
import { createHeadThreads } from '@breakwater/trees/node'
import { type JobData, packBars } from './data.ts'
import { program } from './program.ts'

/** What a command's jobs work on and where they are done. */
export interface ExecutorRequest extends Pick<StartOptions, 'command' | 'clock'> {
  /** The bus whose workers do the jobs; without it this process does. */
  readonly bus?: Pick<StartOptions, 'address' | 'env' | 'sharedFolder'> | undefined
  /** Threads that this process may use; undefined for one a processor. */
  readonly threads: number | undefined
  /** Jobs at once where this process does them, see `inProcess`: {@link SET_AT_ONCE} for those of a set. Default 1. */
  readonly atOnce?: number | undefined
  /** The command's output folder, absolute: results are kept below it until {@link forgetJobs}. */
  readonly folder: string
  readonly dataOf: (hash: string) => Promise<JobData>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

const FOLDER = 'jobs'
/** Jobs of a set at once: heads are trained by threads, which leaves this one to fit a law meanwhile. */
export const SET_AT_ONCE = 2

/** Gives `use` what does jobs and where their results are, and leaves the bus afterwards. */
export async function withExecutor<T>(
  { bus, threads, atOnce, folder, command, clock, dataOf, filesOf }: ExecutorRequest,
  use: (executor: Executor, results: ResultStore) => Promise<T>,
): Promise<T> {
  const own = resultFolder(join(folder, FOLDER))
  if (bus === undefined) {
    const headThreads = createHeadThreads()
    const withThreads = async (hash: string): Promise<JobData> => ({ ...(await dataOf(hash)), headThreads })
    try {
      return await use(inProcess({ program, dataOf: withThreads, threads, atOnce }), own)
    } finally {
      await headThreads.close()
    }
  }
  // Who needs no bus does not wait for its client to load.
  const { resultsIn, withWorkers } = await import('@breakwater/jobs/jetstream')
  const results = bus.sharedFolder === null ? own : resultFolder(resultsIn(bus.sharedFolder))
  return await withWorkers({ ...bus, command, clock, filesOf }, (executor) => use(executor, results))
}

/** Writes bars beside the results of a command's jobs, for workers. Resolves to the path. */
export async function keepBars(folder: string, bars: Bars): Promise<string> {
  const path = join(folder, FOLDER, 'bars.safetensors')
  await replaceFile(path, Buffer.concat(packBars(bars)))
  return path
}

/** Removes the results of a command's jobs when what they are for is written. */
export const forgetJobs = (folder: string): Promise<void> => rm(join(folder, FOLDER), { recursive: true, force: true })
