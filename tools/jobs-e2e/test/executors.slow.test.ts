import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  beside,
  type Body,
  collect,
  createPool,
  type Executor,
  inProcess,
  type Job,
  jobId,
  onThreads,
  plan,
  resultFolder,
} from '@breakwater/jobs'
import { afterEach, describe, expect, test } from 'vitest'
import { program } from './program.ts'
import {
  dataIn,
  HASTE,
  jetStreamServer,
  joinOf,
  jobsOn,
  runAll,
  scratch,
  SERVER,
  starter,
  startWorker,
  timesComputed,
} from './rig.ts'

const undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})

function folder(): string {
  const { path, clean } = scratch()
  undo.push(clean)
  return path
}

type Data = ReturnType<typeof dataIn>

const MODULE = import.meta.resolve('./program.ts')
const threads = (count: number) => (data: Data) =>
  Promise.resolve(onThreads({ module: MODULE, threads: count, filesOf: () => Promise.resolve(data) }))

/** Workers on a bus: so many, that share the starter's folder or have folders of their own. */
const workers =
  (count: number, shares: boolean) =>
  async (data: Data, place: string): Promise<Executor> => {
    const server = await jetStreamServer(join(folder(), 'store'))
    undo.push(() => server.stop())
    for (let i = 0; i < count; i++) {
      const worker = await startWorker(server.url, shares ? place : folder(), `w${i}`, {
        patience: { ...HASTE, graceMs: 0 },
      })
      undo.push(async () => {
        worker.signal('SIGTERM')
        expect(await worker.ended).toBe(0)
      })
    }
    const { executor, close } = await starter(server.url, data, { shared: shares ? place : null })
    undo.push(close)
    return executor
  }

async function inHere(data: Data): Promise<Executor> {
  const text = await program.open(data)
  return inProcess({ program, dataOf: () => Promise.resolve(text) })
}

/** Of about every third job. */
const isThird = (job: Job): boolean => Number.parseInt(jobId(job).slice(0, 8), 16) % 3 === 0

/** A third of the jobs here, the others on two threads. */
async function onBoth(data: Data): Promise<Executor> {
  const text = await program.open(data)
  const pool = createPool({ module: MODULE, threads: 2, stallMs: Infinity })
  undo.push(() => pool.close())
  const filesOf = (): Promise<Data> => Promise.resolve(data)
  return beside({ program, dataOf: () => Promise.resolve(text), isHere: isThird, pool, filesOf })
}

const EXECUTORS: readonly (readonly [string, (data: Data, place: string) => Promise<Executor>])[] = [
  ['this process', inHere],
  ['this process and two threads beside it', onBoth],
  ['one thread', threads(1)],
  ['three threads', threads(3)],
  ...(SERVER === undefined
    ? []
    : ([
        ['one worker with the object store', workers(1, false)],
        ['two workers with the object store', workers(2, false)],
        ['two workers that share a folder', workers(2, true)],
        ['three workers with the object store', workers(3, false)],
      ] as const)),
]

/** Of the results of twelve jobs in the order of their ids; every executor gives it. */
const EXPECTED = '8bee4a8bcd4f777a'

/** A place for one run: data, results, and a log of what was computed. */
function newPlace(): { readonly path: string; readonly data: Data; readonly log: string } {
  const path = folder()
  const log = join(path, 'log')
  process.env['TEST_LOG'] = log
  undo.push(() => void delete process.env['TEST_LOG'])
  return { path, data: dataIn(join(path, 'input')), log }
}

const digest = (bytes: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(bytes)).digest()

const ONCE = Array.from({ length: 12 }, () => 1)

describe.each(EXECUTORS)('%s', (_name, make) => {
  test('does every job once, the same bytes as any other, and nothing a second time', async () => {
    const { path, data, log } = newPlace()
    const jobs = jobsOn(data, 12)
    const executor = await make(data, path)
    const shares: number[] = []
    const { outcomes, hashes } = await runAll([...jobs, ...jobs], executor, path, {
      onProgress: ({ done, total }) => {
        expect(total).toBe(12)
        shares.push(done)
      },
    })
    expect(outcomes.map(({ status }) => status)).toEqual(jobs.map(() => 'done'))
    expect(new Set(outcomes.map(({ id }) => id))).toEqual(new Set(jobs.map((job) => jobId(job))))
    expect(Math.max(0, ...shares)).toBeLessThanOrEqual(12)
    const all = [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, hash]) => hash)
    expect(createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 16)).toBe(EXPECTED)
    expect([...timesComputed(log).values()]).toEqual(ONCE)
    const again = await runAll(jobs, executor, path)
    expect(again.hashes).toEqual(hashes)
    expect([...timesComputed(log).values()]).toEqual(ONCE)
  })

  test('tells a failure with its reason, and does the other jobs', async () => {
    const { path, data } = newPlace()
    const jobs = [...jobsOn(data, 2, {}, 'fails'), ...jobsOn(data, 3)]
    const { outcomes, hashes } = await runAll(jobs, await make(data, path), path)
    expect(hashes.size).toBe(3)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.reason] : []))
    expect(reasons).toEqual(Array.from({ length: 2 }, () => 'the body says no; because: of its own reason'))
  })

  test('begins a job when those that it needs are done, and gives it their results in order', async () => {
    const { path, data, log } = newPlace()
    const parts = jobsOn(data, 4, { ms: 30 })
    const pairs = [joinOf(parts.slice(0, 2), data, 4), joinOf(parts.slice(2).toReversed(), data, 5)]
    const all = joinOf(pairs, data, 6)
    // Whoever asks need not know the order.
    const jobs = [all, ...pairs, ...parts]
    const { outcomes } = await runAll(jobs, await make(data, path), path)
    expect(outcomes.map(({ status }) => status)).toEqual(jobs.map(() => 'done'))
    const results = resultFolder(join(path, 'results'))
    const bytesOf = async (job: Job): Promise<Uint8Array> => (await results.read(jobId(job))) ?? Buffer.of()
    const [one, two, three, four] = (await Promise.all(parts.map(bytesOf))) as [Buffer, Buffer, Buffer, Buffer]
    const wanted = digest([digest([one, two]), digest([four, three])])
    expect(Buffer.from(await bytesOf(all)).toString('hex')).toBe(wanted.toString('hex'))
    expect([...timesComputed(log).values()]).toEqual(ONCE.slice(0, 7))
  })

  test('fails what needs a job that fails, for the same reason, and does the rest', async () => {
    const { path, data } = newPlace()
    const [fine, bad] = [jobsOn(data, 2), jobsOn(data, 1, {}, 'fails')]
    const first = joinOf([...fine, ...bad], data, 3)
    const jobs = [...bad, ...fine, first, joinOf([first], data, 4), joinOf(fine, data, 5)]
    const { outcomes, hashes } = await runAll(jobs, await make(data, path), path)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.reason] : []))
    expect(reasons).toEqual(Array.from({ length: 3 }, () => 'the body says no; because: of its own reason'))
    expect(hashes.size).toBe(3)
  })

  test('gets a result again that was cut short or changed', async () => {
    const { path, data } = newPlace()
    const jobs = jobsOn(data, 4, { bytes: 5000 })
    const executor = await make(data, path)
    const { hashes } = await runAll(jobs, executor, path)
    const files = readdirSync(join(path, 'results'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.result'))
      .map((name) => join(path, 'results', name))
    expect(files).toHaveLength(4)
    const [cut = '', changed = '', empty = ''] = files
    writeFileSync(cut, readFileSync(cut).subarray(0, 3000))
    const bytes = readFileSync(changed)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(changed, bytes)
    writeFileSync(empty, '')
    const again = await runAll(jobs, executor, path)
    expect(again.hashes).toEqual(hashes)
    expect(again.outcomes).toHaveLength(4)
  })

  test('stops when asked to, and goes on later with what is left', async () => {
    const { path, data, log } = newPlace()
    const jobs = jobsOn(data, 6, { ms: 120 })
    const executor = await make(data, path)
    const results = resultFolder(join(path, 'results'))
    const abort = new AbortController()
    const reason = new Error('enough')
    const first: string[] = []
    const stopped = (async () => {
      for await (const { id } of collect(await plan(jobs, results), executor, results, { signal: abort.signal })) {
        first.push(id)
        if (first.length === 2) abort.abort(reason)
      }
    })()
    await expect(stopped).rejects.toBe(reason)
    expect(first).toHaveLength(2)
    const { hashes, outcomes } = await runAll(jobs, executor, path)
    expect(outcomes.map(({ status }) => status)).toEqual(jobs.map(() => 'done'))
    expect(hashes.size).toBe(6)
    for (const id of first) expect(hashes.has(id)).toBe(true)
    // The bodies note what they finished. What we heard of was done once; only what was at work when we stopped may be done twice.
    const times = timesComputed(log)
    expect(times.size).toBe(6)
    const heard = jobs.filter((job) => first.includes(jobId(job)))
    expect(heard.map(({ fold }) => times.get(JSON.stringify(fold)))).toEqual([1, 1])
    expect(Math.max(...times.values())).toBeLessThanOrEqual(2)
  })
})

describe.each(EXECUTORS.slice(0, 3))('%s', (_name, make) => {
  test('refuses jobs of another version or platform', async () => {
    const { path, data } = newPlace()
    const executor = await make(data, path)
    const other = (version: string): Promise<unknown> =>
      runAll(
        jobsOn(data, 1).map((job) => ({ ...job, program: version })),
        executor,
        path,
      )
    await expect(other('test+2 linux')).rejects.toThrow(
      'jobs: the work is of version test+2, not test+1: results could differ in their last bits. Start a worker of that version.',
    )
    await expect(other('test+1 darwin')).rejects.toThrow('platform darwin, not linux')
    const kind = runAll(jobsOn(data, 1, {}, 'constructor'), executor, path)
    await expect(kind).rejects.toThrow(
      'jobs: kind=constructor: this program does steps, joins, fails, hangs, ends only.',
    )
  })
})

test('one job at a time in this process, and beside it as many as there are threads', async () => {
  const { path, data } = newPlace()
  const text = await program.open(data)
  const atWork = { here: 0, there: 0 }
  const most = { ...atWork }
  const counted = async <T>(place: 'here' | 'there', work: () => Promise<T>): Promise<T> => {
    most[place] = Math.max(most[place], ++atWork[place])
    try {
      return await work()
    } finally {
      atWork[place]--
    }
  }
  const pool = createPool({ module: MODULE, threads: 2 })
  undo.push(() => pool.close())
  const steps = program.bodies['steps'] as Body<string>
  const executor = beside({
    program: { ...program, bodies: { ...program.bodies, steps: (...job) => counted('here', () => steps(...job)) } },
    dataOf: () => Promise.resolve(text),
    isHere: ({ fold }) => Number(fold) % 2 === 0,
    pool: { ...pool, run: (...job) => counted('there', () => pool.run(...job)) },
    filesOf: () => Promise.resolve(data),
  })
  const { hashes } = await runAll(jobsOn(data, 12, { ms: 30 }), executor, path)
  expect(hashes.size).toBe(12)
  expect(most).toEqual({ here: 1, there: 2 })
})
