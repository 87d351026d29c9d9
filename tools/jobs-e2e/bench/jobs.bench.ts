// What giving jobs to workers costs: trivial jobs over JetStream on this machine, and training folds by one, two and three workers
// against threads alone; under six minutes on two idle cores. With --pin (Linux) each worker has a processor of its own, as on a machine
// of its own: what V8 does on threads of its own is then done there too. Run with: npm run bench -- jobs, or with --jobs 300 --folds 0.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { joinBus } from '@breakwater/jobs/jetstream'
import { Kvm } from '@nats-io/kv'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { dataIn, jetStreamServer, jobsOn, runAll, scratch, SERVER, starter, startWorker } from '../test/rig.ts'

const { values: given } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    folds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '60' },
    repeats: { type: 'string', default: '2' },
    pin: { type: 'boolean', default: false },
  },
  strict: false,
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
if (SERVER === undefined) {
  print('no nats-server here')
  process.exit(0)
}
const MAIN = fileURLToPath(new URL('../../../apps/trainer/src/main.ts', import.meta.url))
const SCHEMA = fileURLToPath(new URL('../../../data/features.json', import.meta.url))
const { path: cwd, clean } = scratch()
const PATIENCE = { graceMs: 0 }
const MIB = 2 ** 20
/** Of /proc on Linux, whatever the kernel's own. */
const TICKS_PER_SECOND = 100

/** Trivial jobs with two workers: wall time and the starter's processor time for each, and its memory by thousand. */
async function overhead(shares: boolean): Promise<void> {
  const count = Number(given['jobs'])
  const place = join(cwd, shares ? 'shared' : 'store-only')
  const data = dataIn(join(place, 'input'))
  const server = await jetStreamServer(join(place, 'store'))
  const folders = shares ? [place, place] : [join(place, 'w0'), join(place, 'w1')]
  const workers = await Promise.all(
    folders.map((folder, i) => startWorker(server.url, folder, `w${i}`, { patience: PATIENCE })),
  )
  const { executor, close } = await starter(server.url, data, { shared: shares ? place : null, patience: PATIENCE })
  // Threads and modules are loaded by the first few.
  await runAll(jobsOn(data, 8, { bytes: 10 }), executor, place)
  const memory: number[] = []
  let seen = 0
  const collectGarbage = (globalThis as { gc?: () => void }).gc
  const cpu = process.cpuUsage()
  const start = performance.now()
  await runAll(jobsOn(data, count), executor, place, {
    onOutcome: () => {
      if (++seen % Math.max(1, Math.floor(count / 5)) !== 0) return
      collectGarbage?.()
      memory.push(Math.round(process.memoryUsage().heapUsed / MIB))
    },
  })
  const wall = (performance.now() - start) / count
  const { user, system } = process.cpuUsage(cpu)
  print(
    `${count} trivial jobs, two workers, ${shares ? 'a shared folder' : 'the object store'}: ${wall.toFixed(1)} ms of wall time and ` +
      `${((user + system) / 1000 / count).toFixed(1)} ms of the starter's processor time a job; its heap ${memory.join(', ')} MiB`,
  )
  for (const worker of workers) worker.signal('SIGTERM')
  await Promise.all(workers.map(({ ended }) => ended))
  await close()
  await server.stop()
}

/** Processor time of a process so far in seconds, from /proc; with `ofChildren` that of its children that have ended. */
function processorSeconds(pid: number | 'self', ofChildren = false): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in brackets, may hold anything; the fields after it begin with the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = ofChildren ? [fields[13], fields[14]] : [fields[11], fields[12]]
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/** What a command took, in seconds. */
interface Taken {
  readonly wall: number
  readonly processor: number
}

/** Runs the trainer to its end. */
async function trainer(args: readonly string[]): Promise<Taken> {
  const start = performance.now()
  const before = processorSeconds('self', true)
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', MAIN, ...args], {
    cwd,
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`bench: trainer ${args.join(' ')} ended with ${code}`)
  return { wall: (performance.now() - start) / 1000, processor: processorSeconds('self', true) - before }
}

const digestOf = (folder: string): string => {
  const hash = createHash('sha256')
  for (const name of readdirSync(join(cwd, folder))
    .filter((each) => /\.(?:onnx|json|parquet)$/.test(each))
    .toSorted()) {
    hash.update(name).update(readFileSync(join(cwd, folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}

interface Crew {
  readonly url: string
  /** Processor time of each worker so far. */
  readonly processors: () => number[]
  readonly end: () => Promise<void>
}

/** A server and so many workers of one thread each, in folders of their own: nothing is there yet. */
async function crewOf(name: string, count: number): Promise<Crew> {
  const server = await jetStreamServer(join(cwd, name, 'store'))
  const workers = Array.from({ length: count }, (_, i) => {
    const args = ['worker', '--nats', server.url, '--data-dir', join(name, `w${i}`), '--threads', '1']
    const command = [process.execPath, '--conditions=@breakwater/source', MAIN, ...args]
    const [program = '', ...rest] =
      given.pin === true ? ['taskset', '-c', String(i % cpus().length), ...command] : command
    return spawn(program, rest, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  })
  await Promise.all(workers.map((child) => new Promise((resolve) => child.stderr.once('data', resolve))))
  return {
    url: server.url,
    processors: () => workers.map(({ pid }) => processorSeconds(pid ?? 0)),
    end: async () => {
      const ended = workers.map((child) => new Promise((resolve) => child.once('close', resolve)))
      for (const child of workers) child.kill('SIGTERM')
      await Promise.all(ended)
      await server.stop()
    },
  }
}

const SET = ['train', '--stage', 'stage_b', '--ablation', 'full', '--anchors', '4min', '--data-path', 'signals.parquet']
const FAST = ['--tracking', 'none', '--schema', SCHEMA]
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length

/** Measures how long the jobs of the next run on a bus take in seconds, from their start to the last result. */
async function timeOfJobs(url: string): Promise<{ readonly end: () => Promise<number> }> {
  const nats = await joinBus({ servers: [url] }, 'bench')
  const watch = await new Kvm(nats).open('breakwater-runs').then((kv) => kv.watch({ key: 'run.*', include: 'updates' }))
  const at = new Map<string, number>()
  const over = (async () => {
    for await (const { value } of watch) {
      const { state } = JSON.parse(new TextDecoder().decode(value)) as { readonly state: string }
      at.set(state, performance.now())
      if (state === 'done') return
    }
  })()
  return {
    end: async () => {
      await over
      await nats.close()
      return ((at.get('done') ?? Number.NaN) - (at.get('running') ?? Number.NaN)) / 1000
    },
  }
}

/**
 * What two workers are compared by. Processor times are what a machine with a processor for each process would take at least, and other
 * work on this machine disturbs them little: the starter's, then that of the worker that did most.
 */
const RATIOS = {
  wall: 'the wall time of the whole command',
  processors: 'the processor times of the whole command, starter and busiest worker',
  jobsWall: 'the wall time of its jobs alone',
  jobsProcessors: 'the processor time of the busiest worker',
} as const

/**
 * 27 heads of one anchor on folds, by one thread alone and by workers of one thread each, one worker and two in turn.
 */
async function folds(): Promise<void> {
  const { bars, physics } = await writeSimulation(cwd, simulate({ sessions: Number(given['sessions']), seed: 5 }))
  await trainer(['signals', '--bars', bars, '--physics', physics, '--output', 'signals.parquet'])
  const whole = ['--folds', String(given['folds']), '--rounds', String(given['rounds']), ...FAST]
  const alone = await trainer([...SET, ...whole, '--threads', '1', '--output-dir', 'alone'])
  const digest = digestOf('alone')
  const heads = readdirSync(join(cwd, 'alone')).filter((name) => /^(?!law_).*\.onnx$/.test(name)).length
  const asked = `${heads} heads x ${given['folds']} folds, ${given['sessions']} sessions, ${given['rounds']} rounds`
  print(
    `${asked}: one thread alone ${alone.wall.toFixed(1)} s (${alone.processor.toFixed(1)} s of processor), set ${digest}`,
  )
  const taken = new Map<number, Record<keyof typeof RATIOS, number>[]>()
  const repeats = Number(given['repeats'])
  for (const [turn, count] of [...Array.from({ length: repeats }, () => [1, 2]).flat(), 3].entries()) {
    const crew = await crewOf(`crew-${turn}`, count)
    // They are daemons: they have loaded the code, and the data, when the work comes.
    const warm = ['--folds', '1', '--rounds', '1', '--calibration-folds', '0', '--output-dir', `warm-${turn}`]
    await trainer([...SET, ...FAST, ...warm, '--workers', crew.url])
    const before = crew.processors()
    const output = `run-${turn}`
    const jobs = await timeOfJobs(crew.url)
    const { wall, processor } = await trainer([...SET, ...whole, '--workers', crew.url, '--output-dir', output])
    const each = crew.processors().map((seconds, i) => seconds - (before[i] ?? 0))
    const most = Math.max(...each)
    const times = { wall, processors: processor + most, jobsWall: await jobs.end(), jobsProcessors: most }
    const found = digestOf(output)
    print(
      `  ${count} ${count === 1 ? 'worker' : 'workers'}: ${wall.toFixed(1)} s, of which ${times.jobsWall.toFixed(1)} s for the jobs; ` +
        `processor times: starter ${processor.toFixed(1)}, workers ${each.map((seconds) => seconds.toFixed(1)).join(' and ')}; set ${found}`,
    )
    if (found !== digest) throw new Error(`bench: ${count} workers made other bytes than one thread alone`)
    taken.set(count, [...(taken.get(count) ?? []), times])
    await crew.end()
  }
  const [one, two] = [taken.get(1), taken.get(2)]
  if (one === undefined || two === undefined) return
  for (const [what, text] of Object.entries(RATIOS) as [keyof typeof RATIOS, string][]) {
    const ratio = mean(one.map((times) => times[what])) / mean(two.map((times) => times[what]))
    print(`  two workers are ${ratio.toFixed(2)} times one by ${text} (target 1.85)`)
  }
}

const begun = performance.now()
await overhead(false)
await overhead(true)
if (Number(given['folds']) > 0) await folds()
print(`all of it took ${((performance.now() - begun) / 1000).toFixed(0)} s`)
clean()
