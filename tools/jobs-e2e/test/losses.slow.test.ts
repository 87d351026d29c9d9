// Whoever is killed and whatever is lost on the way, with a real server and real processes: each time the run ends with the hashes that
// one process gives, and nothing is computed twice but where its worker died.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { followLines } from '@breakwater/nats'
import { afterEach, describe, expect, test } from 'vitest'
import { ATTACK, expected, folder, once, PATIENT, place, sorted, start, tell, undoAll, worker } from './place.ts'
import { counter, jetStreamServer, jobsOn, joinOf, runAll, SERVER, type WorkerProcess } from './rig.ts'

const COUNTS = ATTACK
  ? { kills: 50, servers: 10, stores: 10, starters: 20 }
  : { kills: 4, servers: 1, stores: 1, starters: 1 }

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
    const seen = counter()
    const killing = (async () => {
      for (let kill = 0; kill < COUNTS.kills; kill++) {
        await seen.reach(10 * kill + 2)
        await setTimeout(300 * next())
        const at = Math.floor(next() * workers.length)
        const victim = workers[at] as WorkerProcess
        killed.add(victim.pid)
        victim.signal('SIGKILL')
        await victim.ended
        workers[at] = await worker(here, `w${2 + kill}`)
      }
    })()
    const { hashes } = await runAll(jobs, await start(here), here.path, { onOutcome: seen.add })
    await killing
    expect(sorted(hashes)).toEqual(sorted(wanted))
    expect(killed.size).toBe(COUNTS.kills)
    const again = once(here.log, jobs.length, killed)
    expect(again).toBeLessThanOrEqual(COUNTS.kills)
    tell(`workers killed: ${killed.size}; jobs: ${jobs.length}; computed again: ${again}`)
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
    // A server that starts again has forgotten what it gave out; its workers have not.
    const again = once(here.log, jobs.length)
    tell(`servers killed: ${COUNTS.servers}; jobs: ${jobs.length}; computed again: ${again}`)
  }, 900_000)

  test(`the store wiped ${COUNTS.stores} times in the middle, with the data in it`, async () => {
    const here = await place()
    await worker(here, 'w0', folder(), PATIENT)
    await worker(here, 'w1', folder(), PATIENT)
    const parts = jobsOn(here.data, 20 * COUNTS.stores, { ms: 100 })
    // What these need the store loses, and no worker has all of: the starter brings it again.
    const jobs = [...parts, joinOf(parts, here.data, parts.length), joinOf(parts.toReversed(), here.data, -1)]
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
    // What the store lost is brought again by whoever computed it.
    const again = once(here.log, jobs.length)
    tell(`stores wiped: ${COUNTS.stores}; jobs: ${jobs.length}; computed again: ${again}`)
  }, 900_000)

  test(`the starter killed ${COUNTS.starters} times, and started again`, async () => {
    const here = await place()
    await worker(here, 'w0')
    const [count, ms] = [10 * (COUNTS.starters + 1), 100]
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
    for (let kill = 0; kill < COUNTS.starters; kill++) {
      const killed = begin()
      await killed.said(/^(?:done|over) /)
      killed.child.kill('SIGKILL')
      await killed.ended
    }
    const last = begin()
    const line = await last.said(/^over /)
    await last.ended
    expect(sorted(new Map(JSON.parse(line.slice('over '.length)) as [string, string][]))).toEqual(sorted(wanted))
    const again = once(here.log, count)
    tell(`starters killed: ${COUNTS.starters}; jobs: ${count}; computed again: ${again}`)
  }, 900_000)
})
