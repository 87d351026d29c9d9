// Whoever is killed and whatever is lost on the way, with a real server and real processes: each time the run ends with the hashes that
// one process gives. Nothing is computed twice but where its worker died, or where the server forgot what its workers had at hand.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { followLines } from '@breakwater/nats'
import { afterEach, describe, expect, test } from 'vitest'
import { expected, folder, once, place, sorted, start, undoAll, worker } from './place.ts'
import { computedBy, counter, HASTE, jetStreamServer, jobsOn, runAll, SERVER, type WorkerProcess } from './rig.ts'

/** How much is tried: a little, or with BREAKWATER_ATTACK=1, as `npm run attack` sets it, all of it. */
const COUNTS =
  process.env['BREAKWATER_ATTACK'] === '1'
    ? { kills: 50, servers: 10, stores: 10 }
    : { kills: 4, servers: 2, stores: 2 }

/** A machine that is busy with other tests takes its time to be back. */
const PATIENT = { patience: { ...HASTE, graceMs: 8000 } }

/** How often a job was computed again, over all jobs of a log. */
const repeats = (log: string): number => [...computedBy(log).values()].reduce((sum, pids) => sum + pids.length - 1, 0)

/** Uniform numbers in [0, 1) from a seed, so that a failure can be repeated. */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

afterEach(undoAll)

describe.skipIf(SERVER === undefined)('losses', () => {
  test(`${COUNTS.kills} workers killed at random moments`, async () => {
    const here = await place()
    const next = uniforms(19)
    const killed = new Set<number>()
    const workers = [await worker(here, 'w0'), await worker(here, 'w1')]
    const jobs = jobsOn(here.data, 12 * COUNTS.kills, { ms: 60 })
    const wanted = await expected(jobs, here)
    const over = new AbortController()
    const killing = (async () => {
      for (let kill = 0; kill < COUNTS.kills && !over.signal.aborted; kill++) {
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
    over.abort()
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
    await worker(here, 'w0', folder(), PATIENT)
    await worker(here, 'w1', folder(), PATIENT)
    const jobs = jobsOn(here.data, 30 * COUNTS.servers, { ms: 50 })
    const wanted = await expected(jobs, here)
    const seen = counter()
    const running = runAll(jobs, await start(here), here.path, { onOutcome: seen.add })
    for (let kill = 0; kill < COUNTS.servers; kill++) {
      await seen.reach(20 * kill + 5)
      await setTimeout(300 * next())
      await here.server.kill()
      here.server = await jetStreamServer(here.store, here.server.port)
    }
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    // A server that starts again has forgotten what it gave out: what each worker had at hand may be computed again.
    expect(repeats(here.log)).toBeLessThanOrEqual(2 * COUNTS.servers)
  }, 900_000)

  test(`the store wiped ${COUNTS.stores} times in the middle, with the data in it`, async () => {
    const here = await place()
    await worker(here, 'w0', folder(), PATIENT)
    await worker(here, 'w1', folder(), PATIENT)
    const jobs = jobsOn(here.data, 20 * COUNTS.stores, { ms: 100 })
    const wanted = await expected(jobs, here)
    const seen = counter()
    const running = runAll(jobs, await start(here), here.path, { onOutcome: seen.add })
    for (let wipe = 0; wipe < COUNTS.stores; wipe++) {
      await seen.reach(12 * wipe + 4)
      await here.server.kill()
      rmSync(here.store, { recursive: true })
      here.server = await jetStreamServer(here.store, here.server.port)
      // One that has nothing in its folder asks the starter for the data that the store lost.
      await worker(here, `late${wipe}`, folder(), PATIENT)
    }
    expect(sorted((await running).hashes)).toEqual(sorted(wanted))
    const workers = 2 + COUNTS.stores
    expect(repeats(here.log)).toBeLessThanOrEqual(workers * COUNTS.stores)
  }, 900_000)

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
})
