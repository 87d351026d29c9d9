// Cold start of the embedded scorer from files, and a whole session through it: reading a snapshot, scoring it, writing
// the payload as JSON. Models are made by the trainer on simulated sessions: 27 heads a stage, both stages, with their
// indexes. Each cold start is a process of its own. Run with: npm run bench -- scorer, or npm run bench -- scorer --starts 9.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createViewportScorer } from '@breakwater/scorer'
import { makeModels } from '../test/make-models.ts'
import { lastSession, optionsOf, readMarket } from '../test/market.ts'

const { values: given } = parseArgs({
  options: {
    starts: { type: 'string', default: '7' },
    models: { type: 'string', default: '' },
    once: { type: 'string', default: '' },
  },
  strict: false,
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const TICKS_A_DAY = 390 * 240
/** Sessions of the models: enough for a law that has intervals, and the last a whole day. */
const SESSIONS = 25
const SELF = fileURLToPath(import.meta.url)

/** Whether the bars so far come with the first snapshot, or are given at the start. */
const WAYS = ['snapshot', 'history'] as const
type Way = (typeof WAYS)[number]

/** One cold start: from options to the first scored snapshot, in milliseconds of wall and processor time. */
async function coldStart(folder: string, way: Way): Promise<void> {
  const session = lastSession(await readMarket(folder), 15_000)
  const [snapshot] = session.snapshots()
  if (snapshot === undefined) throw new Error('bench: no snapshot')
  const bars = [...session.history()].slice(-2000)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const scorer = await createViewportScorer({
    ...optionsOf(folder, 'law'),
    ...(way === 'history' ? { history: bars } : {}),
  })
  const loaded = performance.now()
  const { viewport } = scorer.score(way === 'history' ? snapshot : { ...snapshot, bars })
  const scored = performance.now()
  if (viewport?.error !== null || viewport.targets.length === 0) throw new Error('bench: nothing was scored')
  const { user, system } = process.cpuUsage(cpu)
  print(JSON.stringify({ loaded: loaded - start, first: scored - loaded, cpu: (user + system) / 1000 }))
}

interface Start {
  readonly loaded: number
  readonly first: number
  readonly cpu: number
}

function coldStarts(folder: string, way: Way): void {
  const flags = ['--conditions=@breakwater/source', SELF, '--once', way, '--models', folder]
  const starts = Array.from(
    { length: Number(given['starts']) },
    () => JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' })) as Start,
  )
  const median = (value: (start: Start) => number): string =>
    (starts.map(value).toSorted((a, b) => a - b)[Math.floor(starts.length / 2)] ?? Number.NaN).toFixed(0)
  print(
    `cold start, 2,000 bars with ${way === 'history' ? 'the start' : 'the first tick'}, median of ${starts.length} processes: loaded and ` +
      `checked ${median(({ loaded }) => loaded)} ms, first tick ${median(({ first }) => first)} ms; ` +
      `${median(({ cpu }) => cpu)} ms of processor time in all`,
  )
}

async function wholeSession(folder: string): Promise<void> {
  const day = lastSession(await readMarket(folder), 250)
  const scorer = await createViewportScorer({ ...optionsOf(folder, 'law'), history: day.history() })
  const times = new Float64Array(TICKS_A_DAY)
  const gc = { pauses: 0, worst: 0 }
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      gc.pauses += 1
      gc.worst = Math.max(gc.worst, duration)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  let [count, targets, bytes] = [0, 0, 0]
  const cpu = process.cpuUsage()
  const start = performance.now()
  for (const snapshot of day.snapshots()) {
    const before = performance.now()
    const payload = scorer.score(snapshot)
    const text = JSON.stringify(payload)
    times[count++] = performance.now() - before
    bytes += text.length
    targets += payload.viewport?.targets.length ?? 0
    if (payload.viewport?.error !== null) throw new Error(`bench: tick ${count} was refused`)
    day.learn(payload.viewport.targets)
    if (count % 1000 === 0) await new Promise((turn) => setImmediate(turn))
  }
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  observer.disconnect()
  const sorted = times.subarray(0, count).toSorted()
  const at = (share: number): string => (sorted[Math.ceil(share * count) - 1] ?? Number.NaN).toFixed(3)
  print(
    `${count} ticks of a session, ${(targets / count).toFixed(1)} targets each, none refused: ${seconds.toFixed(1)} s wall, ` +
      `${((user + system) / 1e6).toFixed(1)} s of processor time, making the snapshots included`,
  )
  print(
    `reading, scoring and JSON of ${(bytes / count / 1024).toFixed(1)} KiB: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`,
  )
  print(`${gc.pauses} pauses of the collector, the longest ${gc.worst.toFixed(1)} ms`)
  print(`resident memory at the end: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`)
}

const once = WAYS.find((way) => way === given['once'])
if (once !== undefined) await coldStart(String(given['models']), once)
else {
  const kept = String(given['models'])
  const folder = kept === '' ? mkdtempSync(join(tmpdir(), 'breakwater-bench-')) : kept
  if (kept === '') await makeModels(folder, SESSIONS)
  for (const way of WAYS) coldStarts(folder, way)
  await wholeSession(folder)
  if (kept === '') rmSync(folder, { recursive: true, force: true })
}
