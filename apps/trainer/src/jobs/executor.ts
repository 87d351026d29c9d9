import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DataFiles, type Executor, inProcess, resultFolder, type ResultStore } from '@breakwater/jobs'
import { resultsIn, withWorkers } from '@breakwater/jobs/jetstream'
import type { Signals } from '@breakwater/models'
import { program } from '@breakwater/models/jobs'
import type { Context } from '../context.ts'
import { absolute } from '../paths.ts'
import { addressOf, type WorkersFlags } from './bus.ts'

const FOLDER = 'jobs'

/** What a command's jobs work on and where they are done. */
export interface JobsRequest {
  /** Who does the jobs; this process without `workers`. */
  readonly workers?: WorkersFlags | undefined
  /** Threads that this process may use. */
  readonly threads: number | undefined
  /** The command's output folder, absolute: results are kept below it until the command is done. */
  readonly folder: string
  /** What `trainer jobs` shows. */
  readonly command: string
  readonly signalsOf: (hash: string) => Promise<Signals>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Gives `use` what does jobs and where their results are, and leaves the bus afterwards. */
export async function withExecutor<T>(
  context: Context,
  request: JobsRequest,
  use: (executor: Executor, results: ResultStore) => Promise<T>,
): Promise<T> {
  const { workers, threads, folder, command, signalsOf, filesOf } = request
  const own = resultFolder(join(folder, FOLDER))
  if (workers?.workers === undefined) {
    const dataOf = async (hash: string): Promise<{ signals: Signals }> => ({ signals: await signalsOf(hash) })
    return await use(inProcess({ program, dataOf, threads }), own)
  }
  const { cwd, env, clock } = context
  const sharedFolder = workers.dataDir === undefined ? null : absolute(cwd, workers.dataDir)
  const address = addressOf(context, workers.workers, workers)
  const results = sharedFolder === null ? own : resultFolder(resultsIn(sharedFolder))
  return await withWorkers({ address, env, command, clock, filesOf, sharedFolder }, (executor) =>
    use(executor, results),
  )
}

/** Removes the results of a command's jobs when what they are for is written. */
export const forgetJobs = (folder: string): Promise<void> => rm(join(folder, FOLDER), { recursive: true, force: true })
