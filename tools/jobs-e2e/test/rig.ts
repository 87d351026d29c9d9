// Servers, workers and starters for the tests, and what one process makes of the same jobs.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  collect,
  type DataFiles,
  type Executor,
  inProcess,
  type Job,
  jobId,
  type Json,
  type Outcome,
  plan,
  resultFolder,
} from '@breakwater/jobs'
import { joinBus, onWorkers, openBus, type Patience } from '@breakwater/jobs/jetstream'
import { findNatsServer, followLines, type NatsServer, startNatsServer } from '@breakwater/nats'
import { program } from './program.ts'

const found = findNatsServer()
if (found.path === undefined && !found.maySkip) throw new Error(found.reason)

/** The server's program, undefined where tests of the bus skip. */
export const SERVER: string | undefined = found.path
if (found.path === undefined) process.stderr.write(`tests of the bus are skipped: ${found.reason}\n`)

/** Short enough that a fault shows within a test. Where no server is killed nobody has to be waited for. */
export const HASTE: Partial<Patience> = {
  ackWaitMs: 1500,
  heartbeatMs: 200,
  reconcileMs: 400,
  graceMs: 0,
  retryMs: 60_000,
}

/** A folder of a test's own, removed by `clean`. */
export function scratch(): { readonly path: string; readonly clean: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'breakwater-jobs-'))
  return { path, clean: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A server with JetStream whose store lies in a folder that outlives it. */
export function jetStreamServer(store: string, port = 0): Promise<NatsServer> {
  mkdirSync(store, { recursive: true })
  return startNatsServer({ path: SERVER ?? '', port, config: `jetstream { store_dir: ${JSON.stringify(store)} }` })
}

/** Data of two files. */
export function dataIn(folder: string): DataFiles {
  mkdirSync(folder, { recursive: true })
  const files = ['one.txt', 'two.txt'].map((name) => ({ name, path: join(folder, name) }))
  const texts = ['some data', 'and more']
  for (const [i, { path }] of files.entries()) writeFileSync(path, texts[i] ?? '')
  return { hash: createHash('sha256').update(texts.join('\n')).digest('hex'), files, reading: null }
}

/** So many jobs on data; `options` go to the test program. */
export function jobsOn(data: DataFiles, count: number, options: Json = {}, kind = 'steps'): Job[] {
  return Array.from({ length: count }, (_, fold) => ({
    kind,
    program: program.version,
    data: data.hash,
    options,
    fold,
    heads: ['direction'],
  }))
}

/** A job that reads the results of others. */
export const joinOf = (jobs: readonly Job[], data: DataFiles, fold: number): Job => ({
  kind: 'joins',
  program: program.version,
  data: data.hash,
  options: {},
  fold,
  heads: [],
  needs: jobs.map((job) => jobId(job)),
})

/** SHA-256 of every result of jobs, by id, as one process computes them. */
export async function hashesOf(jobs: readonly Job[], data: DataFiles, folder: string): Promise<Map<string, string>> {
  const text = await program.open(data)
  const executor = inProcess({ program, dataOf: () => Promise.resolve(text) })
  return (await runAll(jobs, executor, folder)).hashes
}

/** What came of jobs. */
export interface Ended {
  readonly outcomes: readonly Outcome[]
  readonly hashes: Map<string, string>
}

/** Runs jobs with an executor, results in `folder`. */
export async function runAll(
  jobs: readonly Job[],
  executor: Executor,
  folder: string,
  { onOutcome, ...options }: Parameters<typeof collect>[3] & { readonly onOutcome?: (outcome: Outcome) => void } = {},
): Promise<Ended> {
  const results = resultFolder(join(folder, 'results'))
  const outcomes: Outcome[] = []
  const hashes = new Map<string, string>()
  for await (const outcome of collect(await plan(jobs, results), executor, results, options)) {
    outcomes.push(outcome)
    onOutcome?.(outcome)
    const bytes = outcome.status === 'done' ? await results.read(outcome.id) : null
    if (bytes !== null) hashes.set(outcome.id, createHash('sha256').update(bytes).digest('hex'))
  }
  return { outcomes, hashes }
}

/** A starter in this process: results in `folder`, through the object store or in a folder that workers share. */
export async function starter(
  url: string,
  data: DataFiles,
  { shared = null, patience = HASTE }: { readonly shared?: string | null; readonly patience?: Partial<Patience> } = {},
): Promise<{ readonly executor: Executor; readonly close: () => Promise<void> }> {
  const nats = await joinBus({ servers: [url] }, 'starter')
  const bus = await openBus(nats, patience)
  const filesOf = (): Promise<DataFiles> => Promise.resolve(data)
  const executor = onWorkers({ bus, filesOf, sharedFolder: shared, command: 'test', clock: Date.now })
  return { executor, close: () => nats.close() }
}

/** A worker process. */
export interface WorkerProcess {
  readonly pid: number
  readonly said: (pattern: RegExp) => Promise<string>
  readonly past: readonly string[]
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves to its exit code when it has ended. */
  readonly ended: Promise<number | null>
}

/** Starts a worker and resolves when it is ready. */
export async function startWorker(
  url: string,
  folder: string,
  name: string,
  options: { threads?: number; stallMs?: number; patience?: Partial<Patience>; program?: string } = {},
): Promise<WorkerProcess> {
  mkdirSync(folder, { recursive: true })
  const { program: version, ...settings } = options
  const script = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
  const given = [url, folder, name, JSON.stringify({ patience: HASTE, ...settings })]
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', script, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(version === undefined ? {} : { TEST_PROGRAM: version }) },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines = followLines(
    child.stdout,
    ended,
    (pattern) => new Error(`worker ${name} ended before ${String(pattern)}`),
  )
  await lines.said(/^ready$/)
  return {
    pid: child.pid ?? -1,
    said: lines.said,
    past: lines.past,
    signal: (signal) => void child.kill(signal),
    ended,
  }
}

/** The processes that computed each fold, by the lines that the bodies noted. */
export function computedBy(log: string): Map<string, number[]> {
  const processes = new Map<string, number[]>()
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  for (const line of lines.filter((each) => each !== '')) {
    const [fold = '', pid] = line.split(' ')
    processes.set(fold, [...(processes.get(fold) ?? []), Number(pid)])
  }
  return processes
}

/** How often each fold was computed. */
export const timesComputed = (log: string): Map<string, number> =>
  new Map([...computedBy(log)].map(([fold, pids]) => [fold, pids.length]))

/** Counts what happens, and tells who waits for the n-th time. */
export interface Counter {
  readonly add: () => void
  /** Resolves when it has happened so often. */
  readonly reach: (times: number) => Promise<void>
}

/** A counter at zero. */
export function counter(): Counter {
  let count = 0
  const waiting = new Set<() => void>()
  return {
    add: () => {
      count++
      for (const look of waiting) look()
    },
    reach: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (count < times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
