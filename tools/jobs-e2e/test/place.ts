// A server, data, and processes for one test of faults.
import { join } from 'node:path'
import type { NatsServer } from '@breakwater/nats'
import { expect } from 'vitest'
import {
  dataIn,
  hashesOf,
  jetStreamServer,
  type jobsOn,
  scratch,
  starter,
  startWorker,
  timesComputed,
  type WorkerProcess,
} from './rig.ts'

export const undo: (() => unknown)[] = []
/** Undoes what a test did, the last first. */
export async function undoAll(): Promise<void> {
  for (const each of undo.splice(0).toReversed()) await each()
}

export function folder(): string {
  const { path, clean } = scratch()
  undo.push(clean)
  return path
}

export interface Place {
  readonly path: string
  readonly store: string
  readonly data: ReturnType<typeof dataIn>
  readonly log: string
  server: NatsServer
}

/** A server, data, and a log of what was computed. */
export async function place(): Promise<Place> {
  const path = folder()
  const store = join(path, 'store')
  const log = join(path, 'log')
  process.env['TEST_LOG'] = log
  const found: Place = { path, store, log, data: dataIn(join(path, 'input')), server: await jetStreamServer(store) }
  undo.push(
    () => found.server.stop(),
    () => delete process.env['TEST_LOG'],
  )
  return found
}

type WorkerSettings = Parameters<typeof startWorker>[3]

export async function worker(
  { server }: Place,
  name: string,
  at = folder(),
  settings: WorkerSettings = {},
): Promise<WorkerProcess> {
  const started = await startWorker(server.url, at, name, settings)
  undo.push(async () => {
    started.signal('SIGKILL')
    await started.ended
  })
  return started
}

export async function start({ server, data }: Place, options: Parameters<typeof starter>[2] = {}) {
  const started = await starter(server.url, data, options)
  undo.push(started.close)
  return started.executor
}

/** What one process makes of the jobs, without noting what it computes. */
export async function expected(jobs: ReturnType<typeof jobsOn>, { data, log }: Place): Promise<Map<string, string>> {
  delete process.env['TEST_LOG']
  const hashes = await hashesOf(jobs, data, folder())
  process.env['TEST_LOG'] = log
  return hashes
}

export const sorted = (hashes: ReadonlyMap<string, string>): [string, string][] =>
  [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1))

export const once = (log: string): void => {
  expect([...timesComputed(log)].filter(([, times]) => times !== 1)).toEqual([])
}
