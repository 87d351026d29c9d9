// What may go wrong on the way, with a real server and real processes: each time the run ends with the hashes that one process
// gives, and nothing is computed twice except where its worker died.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { joinBus, openBus } from '@breakwater/jobs/jetstream'
import { followLines, type NatsServer } from '@breakwater/nats'
import { jetstreamManager } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import { afterEach, describe, expect, test } from 'vitest'
import {
  computedBy,
  dataIn,
  HASTE,
  hashesOf,
  jetStreamServer,
  jobsOn,
  runAll,
  scratch,
  SERVER,
  starter,
  startWorker,
  timesComputed,
  type WorkerProcess,
} from './rig.ts'

/** How much is tried: a little, or with BREAKWATER_ATTACK=1, as `npm run attack` sets it, all of it. */
const COUNTS =
  process.env['BREAKWATER_ATTACK'] === '1'
    ? { kills: 50, servers: 10, stores: 10 }
    : { kills: 4, servers: 2, stores: 2 }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})

/** Uniform numbers in [0, 1) from a seed, so that a failure can be repeated. */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function folder(): string {
  const { path, clean } = scratch()
  undo.push(clean)
  return path
}

interface Place {
  readonly path: string
  readonly store: string
  readonly data: ReturnType<typeof dataIn>
  readonly log: string
  server: NatsServer
}

/** A server, data, and a log of what was computed. */
async function place(): Promise<Place> {
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

async function worker(
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

async function start({ server, data }: Place, options: Parameters<typeof starter>[2] = {}) {
  const started = await starter(server.url, data, options)
  undo.push(started.close)
  return started.executor
}

/** What one process makes of the jobs, without noting what it computes. */
async function expected(jobs: ReturnType<typeof jobsOn>, { data, log }: Place): Promise<Map<string, string>> {
  delete process.env['TEST_LOG']
  const hashes = await hashesOf(jobs, data, folder())
  process.env['TEST_LOG'] = log
  return hashes
}

const sorted = (hashes: ReadonlyMap<string, string>): [string, string][] =>
  [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1))

const once = (log: string): void => {
  expect([...timesComputed(log)].filter(([, times]) => times !== 1)).toEqual([])
}

describe.skipIf(SERVER === undefined)('faults', () => {
  test(`${COUNTS.kills} workers killed at random moments`, async () => {
    const here = await place()
    const next = uniforms(19)
    const killed = new Set<number>()
    const workers = [await worker(here, 'w0'), await worker(here, 'w1')]
    const jobs = jobsOn(here.data, 12 * COUNTS.kills, { ms: 60 })
    const wanted = await expected(jobs, here)
    let over = false
    const killing = (async () => {
      for (let kill = 0; kill < COUNTS.kills && !over; kill++) {
        await setTimeout(1200 * next())
        const at = Math.floor(next() * workers.length)
        const victim = workers[at] as WorkerProcess
        killed.add(victim.pid)
        victim.signal('SIGKILL')
        await victim.ended
        workers[at] = await worker(here, `w${2 + kill}`)
      }
    })()
    const { hashes } = await runAll(jobs, await start(here), here.path)
    over = true
    await killing
    expect(sorted(hashes)).toEqual(sorted(wanted))
    expect(killed.size).toBe(COUNTS.kills)
    const computed = computedBy(here.log)
    expect(computed.size).toBe(jobs.length)
    // All but the last of a fold's computations were by workers that were killed.
    const twice = [...computed].filter(([, pids]) => pids.filter((pid) => !killed.has(pid)).length > 1)
    expect(twice).toEqual([])
    const extra = [...computed.values()].reduce((sum, pids) => sum + pids.length - 1, 0)
    expect(extra).toBeLessThanOrEqual(COUNTS.kills)
    process.stdout.write(`workers killed: ${killed.size}; jobs: ${jobs.length}; computed again: ${extra}\n`)
  }, 1_200_000)

  test(`the server killed ${COUNTS.servers} times`, async () => {
    const here = await place()
    const next = uniforms(20)
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, 30 * COUNTS.servers, { ms: 50 })
    const wanted = await expected(jobs, here)
    let seen = 0
    let wake: () => void = () => undefined
    const running = runAll(jobs, await start(here), here.path, {
      onOutcome: () => {
        seen++
        wake()
      },
    })
    for (let kill = 0; kill < COUNTS.servers; kill++) {
      while (seen < 20 * kill + 5) await new Promise<void>((resolve) => (wake = resolve))
      await setTimeout(300 * next())
      await here.server.kill()
      here.server = await jetStreamServer(here.store, here.server.port)
    }
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    once(here.log)
  }, 600_000)

  test(`the store wiped ${COUNTS.stores} times in the middle, with the data in it`, async () => {
    const here = await place()
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, 20 * COUNTS.stores, { ms: 100 })
    const wanted = await expected(jobs, here)
    let seen = 0
    let wake: () => void = () => undefined
    const running = runAll(jobs, await start(here), here.path, {
      onOutcome: () => {
        seen++
        wake()
      },
    })
    for (let wipe = 0; wipe < COUNTS.stores; wipe++) {
      while (seen < 12 * wipe + 4) await new Promise<void>((resolve) => (wake = resolve))
      await here.server.kill()
      rmSync(here.store, { recursive: true })
      here.server = await jetStreamServer(here.store, here.server.port)
      // One that has nothing in its folder asks the starter for the data that the store lost.
      await worker(here, `late${wipe}`)
    }
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    once(here.log)
  }, 600_000)

  test('the starter killed, and started again', async () => {
    const here = await place()
    await worker(here, 'w0')
    const [count, ms] = [12, 150]
    const jobs = jobsOn(here.data, count, { ms })
    const wanted = await expected(jobs, here)
    const begin = () => {
      const script = fileURLToPath(new URL('./starter-process.ts', import.meta.url))
      const given = [here.server.url, here.path, String(count), JSON.stringify({ ms })]
      const child = spawn(process.execPath, ['--conditions=@breakwater/source', script, ...given], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('close', resolve))
      return {
        child,
        ended,
        ...followLines(child.stdout, ended, (pattern) => new Error(`ended before ${String(pattern)}`)),
      }
    }
    const first = begin()
    await first.said(/^done /)
    first.child.kill('SIGKILL')
    await first.ended
    const second = begin()
    const line = await second.said(/^over /)
    await second.ended
    expect(sorted(new Map(JSON.parse(line.slice('over '.length)) as [string, string][]))).toEqual(sorted(wanted))
    once(here.log)
  })

  test('deliveries that come twice and out of order', async () => {
    const here = await place()
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, 10, { ms: 900 })
    const wanted = await expected(jobs, here)
    // The server gives each job again after 200 ms, before its worker says that it is at it.
    const nats = await joinBus({ servers: [here.server.url] }, 'meddler')
    undo.push(() => nats.close())
    const bus = await openBus(nats, HASTE)
    const manager = await jetstreamManager(nats)
    const { version } = await import('./program.ts').then(({ program }) => program)
    const consumer = await bus.ensureConsumer(version)
    await manager.consumers.update('BREAKWATER_JOBS', consumer, { ack_wait: 200_000_000 })
    const { hashes } = await runAll(jobs.toReversed(), await start(here), here.path)
    const { num_redelivered: again, delivered } = await manager.consumers.info('BREAKWATER_JOBS', consumer)
    expect(again + delivered.consumer_seq).toBeGreaterThan(jobs.length)
    expect(sorted(hashes)).toEqual(sorted(wanted))
    once(here.log)
  })

  test('two starters of the same jobs at once', async () => {
    const here = await place()
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, 24, { ms: 40 })
    const wanted = await expected(jobs, here)
    const both = await Promise.all([
      runAll(jobs, await start(here), folder()),
      runAll(jobs.toReversed(), await start(here), folder()),
    ])
    for (const { hashes } of both) expect(sorted(hashes)).toEqual(sorted(wanted))
    once(here.log)
  })

  test('a worker that is stopped without dying, and goes on when its job was done by another', async () => {
    const here = await place()
    const hung = await worker(here, 'w0')
    const jobs = jobsOn(here.data, 4, { ms: 400 })
    const wanted = await expected(jobs, here)
    const running = runAll(jobs, await start(here), here.path)
    await setTimeout(600)
    hung.signal('SIGSTOP')
    const other = await worker(here, 'w1')
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    hung.signal('SIGCONT')
    for (const each of [hung, other]) each.signal('SIGTERM')
    expect(await Promise.all([hung.ended, other.ended])).toEqual([0, 0])
    // What it was at when it was stopped is computed a second time at most.
    const extra = [...timesComputed(here.log).values()].reduce((sum, times) => sum + times - 1, 0)
    expect(extra).toBeLessThanOrEqual(1)
  })

  test('a job that hangs and one that ends its thread are given up after five workers', async () => {
    const here = await place()
    await worker(here, 'w0', folder(), { stallMs: 3000, threads: 2 })
    const jobs = [...jobsOn(here.data, 1, {}, 'hangs'), ...jobsOn(here.data, 1, {}, 'ends'), ...jobsOn(here.data, 5)]
    const { outcomes, hashes } = await runAll(jobs, await start(here), here.path)
    expect(hashes.size).toBe(5)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.reason] : []))
    expect(reasons).toHaveLength(2)
    for (const reason of reasons) expect(reason).toContain('given to workers 5 times')
  })

  test('a worker whose disk is full ends with the reason, and another does its jobs', async () => {
    const here = await place()
    const disk = folder()
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status !== 0) return
    undo.push(() => spawnSync('umount', [disk]))
    const jobs = jobsOn(here.data, 10, { ms: 20, bytes: 90_000 })
    const wanted = await expected(jobs, here)
    const full = await worker(here, 'w0', disk)
    const running = runAll(jobs, await start(here), here.path)
    expect(await full.ended).toBe(1)
    expect(full.past.find((line) => line.startsWith('ended: '))).toMatch(/its disk has \d+ free|the disk is full/)
    await worker(here, 'w1')
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
  })

  test.each(['cut short', 'other content'])(
    'a data file that is %s: in a shared folder, in a cache, in the store',
    async (fault) => {
      const here = await place()
      const spoil = (at: string): void => {
        for (const file of readdirSync(join(at, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.endsWith('.txt'),
        )) {
          if (fault === 'cut short') truncateSync(join(at, 'data', file), 3)
          else writeFileSync(join(at, 'data', file), 'nonsense!')
        }
      }
      const jobs = jobsOn(here.data, 4)
      const wanted = await expected(jobs, here)
      // A cache: the worker fetches it anew when it starts.
      const cache = folder()
      const filling = await worker(here, 'w0', cache)
      expect(sorted((await runAll(jobs, await start(here), folder())).hashes)).toEqual(sorted(wanted))
      filling.signal('SIGTERM')
      await filling.ended
      spoil(cache)
      const more = jobsOn(here.data, 4, { bytes: 10 })
      const caching = await worker(here, 'w1', cache)
      expect(sorted((await runAll(more, await start(here), folder())).hashes)).toEqual(
        sorted(await expected(more, here)),
      )
      caching.signal('SIGTERM')
      await caching.ended
      // The store: the starter puts it anew.
      const nats = await joinBus({ servers: [here.server.url] }, 'meddler')
      undo.push(() => nats.close())
      const store = await new Objm(nats).open('breakwater-data')
      for (const { name } of await store.list())
        await store.putBlob({ name }, Buffer.from(fault === 'cut short' ? 'som' : 'nonsense!'))
      const third = await worker(here, 'w2')
      const again = jobsOn(here.data, 4, { bytes: 20 })
      expect(sorted((await runAll(again, await start(here), folder())).hashes)).toEqual(
        sorted(await expected(again, here)),
      )
      third.signal('SIGTERM')
      await third.ended
      // A shared folder: the starter puts it anew as well.
      const shared = folder()
      mkdirSync(join(shared, 'data'))
      const first = await worker(here, 'w3', shared)
      const last = jobsOn(here.data, 4, { bytes: 30 })
      await runAll(last.slice(0, 1), await start(here, { shared }), shared)
      first.signal('SIGTERM')
      await first.ended
      const executor = await start(here, { shared })
      const running = runAll(last, executor, shared)
      // Its files are in place when its jobs are queued; the worker comes later.
      await setTimeout(1000)
      spoil(shared)
      await worker(here, 'w4', shared)
      expect(sorted((await running).hashes)).toEqual(sorted(await expected(last, here)))
    },
  )
})
