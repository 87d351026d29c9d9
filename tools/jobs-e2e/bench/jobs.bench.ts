// What giving jobs to workers costs: trivial jobs over JetStream on this machine, and training folds by one, two and three workers
// against threads alone. Run with: npm run bench -- jobs, or npm run bench -- jobs --jobs 300 --folds 0.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { dataIn, jetStreamServer, jobsOn, runAll, scratch, SERVER, starter, startWorker } from '../test/rig.ts'

const { values: given } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    folds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '60' },
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

/** Runs the trainer; resolves to its wall time in seconds. */
async function trainer(args: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', MAIN, ...args], {
    cwd,
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`bench: trainer ${args.join(' ')} ended with ${code}`)
  return (performance.now() - start) / 1000
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

/** 27 heads of one anchor on folds, by threads alone and by workers of one thread each. */
async function folds(): Promise<void> {
  const { bars, physics } = await writeSimulation(cwd, simulate({ sessions: Number(given['sessions']), seed: 5 }))
  await trainer(['signals', '--bars', bars, '--physics', physics, '--output', 'signals.parquet'])
  const train = [
    'train',
    '--stage',
    'stage_b',
    '--ablation',
    'full',
    '--anchors',
    '4min',
    '--folds',
    String(given['folds']),
  ]
  const fast = [
    '--rounds',
    String(given['rounds']),
    '--data-path',
    'signals.parquet',
    '--tracking',
    'none',
    '--schema',
    SCHEMA,
  ]
  const threads = await trainer([...train, ...fast, '--threads', '1', '--output-dir', 'alone'])
  print(`27 heads x ${given['folds']} folds: one thread alone ${threads.toFixed(1)} s, set ${digestOf('alone')}`)
  for (const count of [1, 2, 3]) {
    const server = await jetStreamServer(join(cwd, `store-${count}`))
    const started = Array.from({ length: count }, (_, i) => {
      const args = ['worker', '--nats', server.url, '--data-dir', `w${count}-${i}`, '--threads', '1']
      return spawn(process.execPath, ['--conditions=@breakwater/source', MAIN, ...args], {
        cwd,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    })
    await Promise.all(started.map((child) => new Promise((resolve) => child.stderr.once('data', resolve))))
    const output = `by-${count}`
    const times = await trainer([...train, ...fast, '--workers', server.url, '--output-dir', output])
    print(`  ${count} ${count === 1 ? 'worker' : 'workers'}: ${times.toFixed(1)} s, set ${digestOf(output)}`)
    for (const child of started) child.kill('SIGTERM')
    await Promise.all(started.map((child) => new Promise((resolve) => child.once('close', resolve))))
    await server.stop()
  }
}

await overhead(false)
await overhead(true)
if (Number(given['folds']) > 0) await folds()
clean()
