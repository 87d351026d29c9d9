// What else may go wrong, with a real server and real processes: each time the run ends with the hashes that one process gives, and
// nothing is computed twice except where its worker hung, or could not keep what it computed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { joinBus, openBus } from '@breakwater/jobs/jetstream'
import { jetstreamManager } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import { afterEach, describe, expect, test } from 'vitest'
import { ATTACK, expected, folder, once, place, sorted, start, tell, undo, undoAll, worker } from './place.ts'
import { counter, HASTE, jobsOn, runAll, SERVER, timesComputed, type WorkerProcess } from './rig.ts'

// A job that five workers in turn hang with counts as failed: fewer are stopped.
const COUNTS = ATTACK ? { deliveries: 60, starters: 400, stops: 3 } : { deliveries: 8, starters: 24, stops: 1 }

const [MOUNT, UNMOUNT] = ['mount', 'umount']

afterEach(undoAll)

describe.skipIf(SERVER === undefined)('faults', () => {
  test('deliveries that come twice and out of order', async () => {
    const here = await place()
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, COUNTS.deliveries, { ms: 700 })
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
    once(here.log, jobs.length)
    tell(`jobs: ${jobs.length}; delivered ${again + delivered.consumer_seq} times; computed again: 0`)
  }, 900_000)

  test('two starters of the same jobs at once', async () => {
    const here = await place()
    await worker(here, 'w0')
    await worker(here, 'w1')
    const jobs = jobsOn(here.data, COUNTS.starters, { ms: 40 })
    const wanted = await expected(jobs, here)
    const both = await Promise.all([
      runAll(jobs, await start(here), folder()),
      runAll(jobs.toReversed(), await start(here), folder()),
    ])
    for (const { hashes } of both) expect(sorted(hashes)).toEqual(sorted(wanted))
    once(here.log, jobs.length)
    tell(`two starters at once; jobs: ${jobs.length}; computed again: 0`)
  }, 900_000)

  test(`workers that are stopped without dying, ${COUNTS.stops} times, and go on when their jobs were done by others`, async () => {
    const here = await place()
    const stopped = new Set<number>()
    const workers = [await worker(here, 'w0')]
    const jobs = jobsOn(here.data, 3 * COUNTS.stops + 1, { ms: 400 })
    const wanted = await expected(jobs, here)
    const begun = counter()
    const running = runAll(jobs, await start(here), here.path, {
      onProgress: ({ done }) => {
        if (done > 0) begun.add()
      },
    })
    await begun.reach(1)
    for (let stop = 0; stop < COUNTS.stops; stop++) {
      const hung = workers.at(-1) as WorkerProcess
      stopped.add(hung.pid)
      hung.signal('SIGSTOP')
      workers.push(await worker(here, `w${stop + 1}`))
      // It is at work when the next one stops it.
      await setTimeout(ATTACK ? 3000 : 0)
    }
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    for (const each of workers) {
      each.signal('SIGCONT')
      each.signal('SIGTERM')
    }
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(workers.map(() => 0))
    // What one was at when it was stopped is computed a second time at most.
    const again = once(here.log, jobs.length, stopped)
    expect(again).toBeLessThanOrEqual(COUNTS.stops)
    tell(`workers stopped: ${COUNTS.stops}; jobs: ${jobs.length}; computed again: ${again}`)
  }, 900_000)

  test('a job that hangs and one that ends its thread are given up after five workers', async () => {
    const here = await place()
    const strict = await worker(here, 'w0', folder(), { stallMs: 2000, threads: 2 })
    const jobs = [...jobsOn(here.data, 1, {}, 'hangs'), ...jobsOn(here.data, 1, {}, 'ends')]
    const { outcomes } = await runAll(jobs, await start(here), here.path)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.reason] : []))
    expect(reasons).toHaveLength(2)
    for (const reason of reasons) expect(reason).toContain('given to workers 5 times')
    strict.signal('SIGTERM')
    expect(await strict.ended).toBe(0)
    // On a busy machine a thread may take longer to start than that one waits: another, which waits, does what can be done.
    await worker(here, 'w1')
    const others = jobsOn(here.data, 5)
    expect(sorted((await runAll(others, await start(here), here.path)).hashes)).toEqual(
      sorted(await expected(others, here)),
    )
  })

  test('a worker whose disk is full ends with the reason, and another does its jobs', async () => {
    const here = await place()
    const disk = folder()
    if (spawnSync(MOUNT, ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status !== 0) return
    undo.push(() => spawnSync(UNMOUNT, [disk]))
    const jobs = jobsOn(here.data, 10, { ms: 20, bytes: 90_000 })
    const wanted = await expected(jobs, here)
    const full = await worker(here, 'w0', disk)
    const running = runAll(jobs, await start(here), here.path)
    expect(await full.ended).toBe(1)
    expect(full.past.find((line) => line.startsWith('ended: '))).toMatch(/its disk has \d+ free|the disk is full/)
    await worker(here, 'w1')
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    // What could not be kept is computed again, by the other.
    expect(once(here.log, jobs.length, new Set([full.pid]))).toBeLessThanOrEqual(1)
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
      // Four times four jobs, each once.
      expect([...timesComputed(here.log).values()]).toEqual([4, 4, 4, 4])
    },
  )
})
