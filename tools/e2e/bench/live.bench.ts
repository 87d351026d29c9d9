// Ticks of the viewport: eight targets and more levels, every head of an anchor in both stages, retrieval, mix and
// gate. Simulated sessions; models and index are fitted on the first (--sessions), the ticks of those after them are
// replayed. First the served targets are compared with those of a viewport that scores everything anew at every tick.
// Run with: npm run bench -- live, or npm run bench -- live --ticks 1000000 for the memory of a long run. Shows the
// collector's pauses.
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { buildSignals, newYorkCalendar } from '@breakwater/features'
import type { MinuteBar } from '@breakwater/features'
import { loadSchema } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { createViewport } from '@breakwater/viewport'
import type { Models, Physics } from '@breakwater/viewport'
import { neighboursOf, predictorOf, trainStage } from './live-parts.ts'
import { minuteBars, physicsByMinute, snapshots, warmed } from './live-ticks.ts'
import type { PhysicsPace } from './live-ticks.ts'

const { values: given } = parseArgs({
  options: {
    sessions: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '100' },
    ticks: { type: 'string', default: '100000' },
    pace: { type: 'string', default: 'none,minute,tick' },
  },
  strict: false,
})
const number = (name: 'sessions' | 'rounds' | 'ticks'): number => Number(given[name])
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const CHECKED_TICKS = 3000
const TICKS_A_DAY = 390 * 240
const SCHEMA = fileURLToPath(new URL('../../../data/features.json', import.meta.url))

interface Preparation {
  readonly models: Models
  readonly before: readonly MinuteBar[]
  /** Bars of the sessions to replay, pre-market included. */
  readonly replayed: readonly MinuteBar[]
  readonly physics: ReadonlyMap<number, Physics>
}

async function prepare(ticks: number): Promise<Preparation> {
  const fitted = number('sessions')
  const { bars, physics, truth } = simulate({ sessions: fitted + 1 + Math.ceil(ticks / TICKS_A_DAY), seed: 11 })
  const calendar = newYorkCalendar()
  const session = calendar.sessionOf(truth.dates[fitted] ?? '')
  if (session === null) throw new Error('bench: no session')
  const end = bars.ts.findIndex((ts) => ts >= session.preOpenNs)
  const past = { ...bars, rows: end, ts: bars.ts.subarray(0, end) }
  const { table } = buildSignals(past, { physics, calendar })
  const schema = await loadSchema(SCHEMA)
  const a = await trainStage(table, schema, 'stage_a', number('rounds'))
  const b = await trainStage(table, schema, 'stage_b', number('rounds'))
  print(
    `${table.rows} touches of ${fitted} sessions in the index, ${a.heads.length} and ${b.heads.length} heads of ` +
      `${number('rounds')} trees, ${a.encoder.columns.length} and ${b.encoder.columns.length} columns`,
  )
  const all = minuteBars(bars)
  return {
    models: {
      stage_a: { predictor: predictorOf(a), neighbours: neighboursOf(a) },
      stage_b: { predictor: predictorOf(b), neighbours: neighboursOf(b) },
    },
    before: all.slice(0, end),
    replayed: all.slice(end),
    physics: physicsByMinute(physics),
  }
}

/** Targets of the first ticks, with scores kept and with everything scored anew: they must be the same. */
function check({ models, before, replayed, physics }: Preparation): void {
  const [kept, anew] = [warmed(before), warmed(before)]
  const [one, other] = [createViewport({ models, rows: kept }), createViewport({ models, rows: anew })]
  let compared = 0
  for (const snapshot of snapshots(replayed, kept, physics, 'minute')) {
    const { targets } = one.tick(snapshot)
    other.replaceModels(models)
    if (!isDeepStrictEqual(targets, other.tick(snapshot).targets)) throw new Error(`bench: tick ${compared} differs`)
    if (++compared === CHECKED_TICKS) break
  }
  const { targetsByState, failures } = one.status()
  print(
    `${compared} ticks give the same targets when everything is scored anew; states at the end ${JSON.stringify(targetsByState)}`,
  )
  if (Object.keys(failures).length > 0) print(`failures: ${JSON.stringify(failures)}`)
}

/** Calls of the collector and the longest of them, ms. */
interface Pauses {
  count: number
  longest: number
  total: number
}

function watchCollector(): { readonly pauses: Pauses; readonly stop: () => Promise<void> } {
  const pauses = { count: 0, longest: 0, total: 0 }
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { duration } = entry
      // Our own calls of the collector, for the heap figures.
      if (isForced(Reflect.get(entry, 'detail'))) continue
      pauses.count += 1
      pauses.total += duration
      pauses.longest = Math.max(pauses.longest, duration)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    pauses,
    stop: async () => {
      await turn()
      observer.disconnect()
    },
  }
}

function isForced(detail: unknown): boolean {
  const flags: unknown = typeof detail === 'object' && detail !== null ? Reflect.get(detail, 'flags') : 0
  return typeof flags === 'number' && (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0
}

const quantile = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN

/** Replays `ticks` through one viewport, session after session. */
async function run(
  { models, before, replayed, physics }: Preparation,
  pace: PhysicsPace,
  ticks: number,
): Promise<void> {
  const times = new Float64Array(ticks)
  const heap: number[] = []
  const states = new Map<string, number>()
  let [done, targets] = [0, 0]
  const live = warmed(before)
  const viewport = createViewport({ models, rows: live })
  const { pauses, stop } = watchCollector()
  for (const snapshot of snapshots(replayed, live, physics, pace)) {
    const start = performance.now()
    const result = viewport.tick(snapshot)
    times[done] = performance.now() - start
    targets += result.targets.length
    for (const { viewport_state: state } of result.targets) states.set(state, (states.get(state) ?? 0) + 1)
    done += 1
    if (done % Math.ceil(ticks / 8) === 0) heap.push(heapNow())
    if (done % 4096 === 0) await turn()
    if (done === ticks) break
  }
  await stop()
  const sorted = times.subarray(0, done).toSorted()
  const at = (q: number): string => quantile(sorted, q).toFixed(3)
  const { failures, rejectedBars, rejectedLevels } = viewport.status()
  print(
    `physics each ${pace}: ${done} of ${ticks} ticks, ${(targets / done).toFixed(2)} targets, p50 ${at(0.5)} ms, p90 ${at(0.9)}, ` +
      `p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)}; collector ${pauses.count} pauses, longest ` +
      `${pauses.longest.toFixed(2)} ms, ${pauses.total.toFixed(0)} ms in all; heap MiB ${heap.map((mib) => mib.toFixed(1)).join(' ')}`,
  )
  print(
    `  targets by state ${JSON.stringify(Object.fromEntries(states))}, rejected: ${rejectedBars} bars, ${rejectedLevels} levels`,
  )
  if (Object.keys(failures).length > 0) print(`  failures: ${JSON.stringify(failures)}`)
}

/** Lets the observer of the collector be called. */
async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const prepared = await prepare(number('ticks'))
check(prepared)
for (const pace of String(given.pace).split(',')) {
  if (pace === 'none' || pace === 'minute' || pace === 'tick') await run(prepared, pace, number('ticks'))
}
