// A server, data, and processes for one test of faults.
import { join } from 'node:path'
import type { NatsServer } from '@breakwater/nats'
import { expect } from 'vitest'
import {
  computedBy,
  dataIn,
  HASTE,
  hashesOf,
  jetStreamServer,
  type jobsOn,
  scratch,
  starter,
  startWorker,
  type WorkerProcess,
} from './rig.ts'

/** Whether all of a fault is tried, as `npm run attack` sets it, or a little. */
export const ATTACK: boolean = process.env['BREAKWATER_ATTACK'] === '1'

/** Of workers whose server goes away: a machine that is busy with other tests takes its time to be back. */
export const PATIENT = { patience: { ...HASTE, graceMs: ATTACK ? 8000 : 5000 } }

/** What a long form tried and found, for docs/benchmarks.md. */
export function tell(line: string): void {
  if (ATTACK) process.stdout.write(`${line}\n`)
}

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

/**
 * Each job was computed once, but for those that processes in `dead` were at when they died or hung: no other process computed a job
 * that had been or was being computed. Returns how many computations there were beyond one a job.
 */
export function once(log: string, jobs: number, dead: ReadonlySet<number> = new Set()): number {
  const computed = computedBy(log)
  expect(computed.size).toBe(jobs)
  expect([...computed].filter(([, pids]) => pids.filter((pid) => !dead.has(pid)).length > 1)).toEqual([])
  return [...computed.values()].reduce((sum, pids) => sum + pids.length - 1, 0)
}
