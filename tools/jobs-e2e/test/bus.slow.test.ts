import { join } from 'node:path'
import { jobId } from '@breakwater/jobs'
import { type Bus, busState, busText, cancelRun, joinBus, openBus, retryRun } from '@breakwater/jobs/jetstream'
import { afterEach, describe, expect, test } from 'vitest'
import {
  counter,
  dataIn,
  HASTE,
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

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
  delete process.env['TEST_LOG']
})

function folder(): string {
  const { path, clean } = scratch()
  undo.push(clean)
  return path
}

interface Here {
  readonly url: string
  readonly path: string
  readonly store: string
  readonly data: ReturnType<typeof dataIn>
  readonly bus: Bus
}

async function here(): Promise<Here> {
  const path = folder()
  const store = join(path, 'store')
  const server = await jetStreamServer(store)
  undo.push(() => server.stop())
  const nats = await joinBus({ servers: [server.url] }, 'test')
  undo.push(() => nats.close())
  return { url: server.url, path, store, data: dataIn(join(path, 'input')), bus: await openBus(nats, HASTE) }
}

async function worker(
  url: string,
  name: string,
  settings: Parameters<typeof startWorker>[3] = {},
): Promise<WorkerProcess> {
  const started = await startWorker(url, folder(), name, settings)
  undo.push(async () => {
    started.signal('SIGKILL')
    await started.ended
  })
  return started
}

async function start({ url, data }: Here) {
  const { executor, close } = await starter(url, data)
  undo.push(close)
  return executor
}

describe.skipIf(SERVER === undefined)('the bus', () => {
  test.each([
    ['version', 'test+2 linux', 'version test+1, not test+2'],
    ['platform', 'test+1 darwin', 'platform linux, not darwin'],
  ])('a worker of another %s takes nothing and says why; one of ours does the work', async (_what, other, reason) => {
    const at = await here()
    const stranger = await worker(at.url, 'stranger', { program: other })
    const notes: string[] = []
    const told = counter()
    const jobs = jobsOn(at.data, 3)
    const running = runAll(jobs, await start(at), at.path, {
      onNote: (note) => {
        notes.push(note)
        told.add()
      },
    })
    await told.reach(1)
    expect(notes[0]).toBe(
      `worker stranger refuses: the work is of ${reason}: results could differ in their last bits. Start a worker of that ${_what}.`,
    )
    await stranger.said(/^refuses run [0-9a-f]{16}: the work is of/)
    await worker(at.url, 'own')
    const { hashes } = await running
    expect(hashes.size).toBe(3)
    expect(notes).toHaveLength(1)
    stranger.signal('SIGTERM')
    expect(await stranger.ended).toBe(0)
  })

  test('a worker that is asked to end finishes its job, and another does the rest', async () => {
    const at = await here()
    process.env['TEST_LOG'] = join(at.path, 'log')
    const first = await worker(at.url, 'first')
    const jobs = jobsOn(at.data, 6, { ms: 250 })
    let asked = false
    const running = runAll(jobs, await start(at), at.path, {
      onOutcome: () => {
        if (!asked) first.signal('SIGTERM')
        asked = true
      },
    })
    expect(await first.ended).toBe(0)
    expect(first.past.at(-1)).toBe('left')
    await worker(at.url, 'second')
    expect((await running).hashes.size).toBe(6)
    expect([...timesComputed(join(at.path, 'log')).values()]).toEqual(jobs.map(() => 1))
  })

  test('shows runs, workers and failures, tries failures again, and cancels', async () => {
    const at = await here()
    await worker(at.url, 'w0')
    const jobs = [...jobsOn(at.data, 2), ...jobsOn(at.data, 1, {}, 'fails')]
    await runAll(jobs, await start(at), at.path)
    let state = await busState(at.bus)
    // A worker says what it is at now and then.
    while (state.runs[0]?.atWork !== 0) state = await busState(at.bus)
    const { runs, workers } = state
    expect(runs).toHaveLength(1)
    const [run] = runs
    expect(run).toMatchObject({ command: 'test', total: 3, state: 'done', queued: 0, atWork: 0 })
    expect(run?.failures.map(({ id, worker: by, deliveries, reason }) => ({ id, by, deliveries, reason }))).toEqual([
      {
        id: jobId(jobs[2] as (typeof jobs)[0]),
        by: 'w0',
        deliveries: 1,
        reason: 'the body says no; because: of its own reason',
      },
    ])
    expect(workers).toMatchObject([{ worker: 'w0', threads: 1, program: 'test+1 linux' }])
    const text = busText({ runs, workers }, (run?.since ?? 0) + 61_000)
    expect(text).toContain('1 worker\n  w0: 1 thread, 0 at work, ')
    expect(text).toContain(' done since 1 minute: 3 jobs, 2 done, 0 queued (0 at work), 1 failed\n  test\n  failed ')
    const next = (told: Parameters<typeof busText>[0]): string =>
      busText(told, run?.since ?? 0, '--nats nats://queue:4222')
        .split('\n')
        .at(-2) ?? ''
    expect(next({ runs, workers })).toBe(
      `Next: breakwater jobs retry ${run?.run.slice(0, 16)} --nats nats://queue:4222`,
    )
    const waiting = runs.map((one) => ({ ...one, state: 'waiting' as const, failures: [] }))
    expect(next({ runs: waiting, workers })).toBe('Next: breakwater jobs --nats nats://queue:4222')
    expect(next({ runs: waiting, workers: [] })).toBe('Next: breakwater worker --nats nats://queue:4222')
    expect(next({ runs: [], workers })).toBe('Next: breakwater train --workers <urls>')
    expect(next({ runs: [], workers: [] })).toBe('Next: breakwater worker --nats nats://queue:4222')
    // Tried again it fails again, and is listed anew.
    const at1 = run?.failures[0]?.at ?? 0
    expect(await retryRun(at.bus, run?.run.slice(0, 8) ?? '')).toBe(1)
    let later = at1
    while (later === at1) later = (await busState(at.bus)).runs[0]?.failures[0]?.at ?? at1
    expect(later).toBeGreaterThan(at1)
    // Cancelling takes what is queued and stops what is at work.
    const long = jobsOn(at.data, 4, { ms: 60_000 })
    const begun = counter()
    const running = runAll(long, await start(at), at.path, {
      onProgress: ({ done }) => {
        if (done > 0) begun.add()
      },
    })
    const outcome = running.catch((error: unknown) => String(error))
    await begun.reach(1)
    const second = (await busState(at.bus)).runs.find(({ total }) => total === 4)
    await cancelRun(at.bus, second?.run ?? '')
    expect(await outcome).toMatch(/jobs: run [0-9a-f]{16} was cancelled\. Run the command again to go on\.$/)
    let left = 1
    while (left > 0) left = (await busState(at.bus)).workers[0]?.jobs.length ?? 1
    expect((await busState(at.bus)).runs.find(({ total }) => total === 4)).toMatchObject({
      state: 'cancelled',
      queued: 0,
    })
    // The worker is free for others.
    const more = jobsOn(at.data, 2, { bytes: 7 })
    expect((await runAll(more, await start(at), at.path)).hashes.size).toBe(2)
    await expect(retryRun(at.bus, 'nothing')).rejects.toThrow('jobs: run=nothing: there is no such run. Name one of ')
  })

  test('tells the state while workers write theirs', async () => {
    const at = await here()
    const [record, key] = ['{}', 'worker.busy']
    await at.bus.workers.put(key, record)
    const over = new AbortController()
    const writing = (async () => {
      while (!over.signal.aborted) await at.bus.workers.put(key, record)
    })()
    const states = []
    for (let look = 0; look < 300; look++) states.push(await busState(at.bus))
    over.abort()
    await writing
    expect(states).toEqual(Array.from({ length: 300 }, () => ({ runs: [], workers: [] })))
  })

  test('what others put on the bus stops nobody', async () => {
    const at = await here()
    await worker(at.url, 'w0')
    const subject = `breakwater.jobs.work.${await at.bus.ensureConsumer('test+1 linux').then((name) => name.slice('workers-'.length))}`
    const id = 'f'.repeat(64)
    await at.bus.js.publish(`${subject}.x.${id}`, 'no job at all')
    await at.bus.js.publish(`${subject}.y.${id}`, JSON.stringify({ version: 1, job: { kind: 'steps' } }))
    const [job] = jobsOn(at.data, 1)
    const forged = { version: 1, job, run: 'a'.repeat(64), manifest: 'b'.repeat(64), via: 'store' }
    await at.bus.js.publish(`${subject}.z.${id}`, JSON.stringify(forged))
    const jobs = jobsOn(at.data, 2)
    expect((await runAll(jobs, await start(at), at.path)).hashes.size).toBe(2)
    const dead = await at.bus.jsm.streams.info('KV_breakwater-runs', { subjects_filter: '$KV.breakwater-runs.dead.>' })
    expect(Object.keys(dead.state.subjects ?? {})).toHaveLength(1)
    const [state] = [await at.bus.jsm.streams.info('BREAKWATER_JOBS')]
    expect(state?.state.messages).toBe(0)
  })
})
