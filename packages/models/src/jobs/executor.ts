import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bars } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { type DataFiles, type Executor, inProcess, resultFolder, type ResultStore } from '@breakwater/jobs'
import type { StartOptions } from '@breakwater/jobs/jetstream'
import { type JobData, packBars } from './data.ts'
import { program } from './program.ts'

/** What a command's jobs work on and where they are done. */
export interface ExecutorRequest extends Pick<StartOptions, 'command' | 'clock'> {
  /** The bus whose workers do the jobs; without it this process does. */
  readonly bus?: Pick<StartOptions, 'address' | 'env' | 'sharedFolder'> | undefined
  /** Threads that this process may use; undefined for one a processor. */
  readonly threads: number | undefined
  /** The command's output folder, absolute: results are kept below it until {@link forgetJobs}. */
  readonly folder: string
  readonly dataOf: (hash: string) => Promise<JobData>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

const FOLDER = 'jobs'
/** Heads are trained by threads, which leaves this one to fit a law meanwhile. */
const AT_ONCE = 2

/** Gives `use` what does jobs and where their results are, and leaves the bus afterwards. */
export async function withExecutor<T>(
  { bus, threads, folder, command, clock, dataOf, filesOf }: ExecutorRequest,
  use: (executor: Executor, results: ResultStore) => Promise<T>,
): Promise<T> {
  const own = resultFolder(join(folder, FOLDER))
  if (bus === undefined) {
    return await use(inProcess({ program, dataOf, threads, atOnce: AT_ONCE }), own)
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
