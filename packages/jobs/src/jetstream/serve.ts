import { hostname } from 'node:os'
import { join } from 'node:path'
import { resultFolder } from '../results.ts'
import { createPool } from '../threads/pool.ts'
import type { Executor } from '../collect.ts'
import { type Bus, openBus, type Patience } from './bus.ts'
import { type BusAddress, joinBus } from './connection.ts'
import type { WorkerLog } from './presence.ts'
import { onWorkers, type WorkersOptions } from './starter.ts'
import { work } from './worker.ts'

/** How a process works for whoever asks on a bus. */
export interface ServeOptions {
  readonly address: BusAddress
  readonly env: NodeJS.ProcessEnv
  /** URL of the module that exports `program`, for threads. */
  readonly module: string
  /** Version of that program. */
  readonly program: string
  /** Folder for data and results. Absolute. */
  readonly folder: string
  /** Jobs at once, each on a thread of its own. */
  readonly threads: number
  readonly log: WorkerLog
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Takes no more jobs, and ends when those at work are done. */
  readonly drain: AbortSignal
  readonly patience?: Partial<Patience> | undefined
  /** A job that reports no progress for so many milliseconds counts as hung. */
  readonly stallMs?: number | undefined
}

/** Where results lie in a folder that starters and workers may share. */
export const resultsIn = (folder: string): string => join(folder, 'results')

/** Joins the bus, works until drained, and leaves. */
export async function serveJobs(options: ServeOptions): Promise<void> {
  const { address, env, module, program, folder, threads, log, clock, drain, patience, stallMs } = options
  const worker = `${hostname().replaceAll(/[^\w-]/g, '_')}-${process.pid}`
  const nats = await joinBus(address, `worker ${worker}`, env)
  const pool = createPool({ module, threads, stallMs })
  try {
    const bus = await openBus(nats, patience)
    log.note(`worker ${worker}: ${threads} ${threads === 1 ? 'thread' : 'threads'}, program ${program}`)
    log.note('Next: breakwater train --workers <urls>')
    const results = resultFolder(resultsIn(folder))
    await work({
      bus,
      worker,
      program,
      pool,
      threads,
      folder,
      results,
      log,
      clock,
      drain,
      stop: new AbortController().signal,
    })
    log.note('The worker has finished its jobs and left.\nNext: breakwater jobs')
  } finally {
    await pool.close()
    await nats.close()
  }
}

/** How a process gives work to the workers of a bus. */
export interface StartOptions extends Pick<WorkersOptions, 'command' | 'clock' | 'filesOf'> {
  readonly address: BusAddress
  readonly env: NodeJS.ProcessEnv
  /** The folder that the workers share with us, absolute; null where data and results travel through the bus. */
  readonly sharedFolder: string | null
  readonly patience?: Partial<Patience> | undefined
}

/** Gives `use` an executor on the workers of a bus, and leaves the bus when it is over. */
export async function withWorkers<T>(
  { address, env, patience, ...options }: StartOptions,
  use: (executor: Executor) => Promise<T>,
): Promise<T> {
  const nats = await joinBus(address, 'starter', env)
  try {
    return await use(onWorkers({ ...options, bus: await openBus(nats, patience) }))
  } finally {
    await nats.close()
  }
}

/** Gives `use` an open bus, and leaves it when it is over. */
export async function withBus<T>(
  address: BusAddress,
  env: NodeJS.ProcessEnv,
  use: (bus: Bus) => Promise<T>,
): Promise<T> {
  const nats = await joinBus(address, 'jobs', env)
  try {
    return await use(await openBus(nats))
  } finally {
    await nats.close()
  }
}
