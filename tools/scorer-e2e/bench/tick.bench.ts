// Ticks of the embedded scorer where the law answers: eight targets, every one scored anew at every tick, on a replay of simulated sessions
// every 250 ms, one thread. Times the tick alone and the tick with its payload as JSON, and shows the collector's pauses. Run with:
// npm run bench -- tick, or npm run bench -- tick --ticks 20000 --models <folder of an earlier run>.
// The heap begins as that of the container, which `--heap plain` leaves out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import {
  createViewportScorer,
  historyOf,
  type IncomingLevel,
  type IncomingSnapshot,
  replaySnapshots,
} from '@breakwater/scorer'
import { makeModels } from '../test/make-models.ts'
import { optionsOf, readMarket } from '../test/market.ts'

const { values: given } = parseArgs({
  options: { ticks: { type: 'string', default: '100000' }, models: { type: 'string', default: '' } },
  strict: false,
})
const TICKS = Number(given['ticks'])
const INTERVAL_MS = 250
/** Sessions of the models: enough for a law that has intervals, and the last a whole day. */
const SESSIONS = 25
const TICKS_A_DAY = 390 * 240
const WARM_UP = 2000
/** Levels besides those of the market, so that eight are always near. */
const SPACING = 0.25
const EXTRA = 24

/** The target of a pause of the collector. */
const LONG_MS = 5
const KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'young'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'whole heap'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'step'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
])

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Levels about a price, each the same from tick to tick while price stays near. */
function levelsAbout(spot: number): IncomingLevel[] {
  const first = Math.floor(spot / SPACING) - EXTRA / 2
  return Array.from({ length: EXTRA }, (_, i) => {
    const price = (first + i) * SPACING
    return { id: `ZONE_${price.toFixed(2)}`, kind: 'USER_HOTZONE', price }
  })
}

const withLevels = (snapshot: IncomingSnapshot): IncomingSnapshot => ({
  ...snapshot,
  levels: [...snapshot.levels, ...levelsAbout(snapshot.spy.spot)],
})

async function run(folder: string): Promise<void> {
  const { bars, physics, dates } = await readMarket(folder)
  const replayed = new Set(dates.slice(-Math.ceil((TICKS + WARM_UP) / TICKS_A_DAY)))
  const scorer = await createViewportScorer({
    ...optionsOf(folder, 'law'),
    history: historyOf({ bars, dates: replayed }),
  })
  const touches = new Map<string, number | null>()
  const input = { bars, physics, intervalMs: INTERVAL_MS, dates: replayed }
  const ticks = new Float64Array(TICKS)
  const whole = new Float64Array(TICKS)
  const pauses = new Map<string, number[]>()
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = Reflect.get(entry, 'detail') as { readonly kind: number }
      const name = KINDS.get(kind) ?? 'other'
      pauses.set(name, [...(pauses.get(name) ?? []), entry.duration])
    }
  })
  let [count, targets, bytes, law] = [-WARM_UP, 0, 0, 0]
  for (const snapshot of replaySnapshots({ ...input, touchOf: (id) => touches.get(id) ?? null })) {
    const full = withLevels(snapshot)
    const before = performance.now()
    const payload = scorer.score(full)
    const scored = performance.now()
    const text = JSON.stringify(payload)
    const written = performance.now()
    const { viewport } = payload
    if (viewport?.error !== null) throw new Error(`bench: tick ${count} was refused: ${viewport?.error.code}`)
    touches.clear()
    for (const { level_id: id, touch_ts_ns: ns } of viewport.targets) touches.set(id, ns)
    if (count === 0) observer.observe({ entryTypes: ['gc'] })
    if (count >= 0) {
      ticks[count] = scored - before
      whole[count] = written - before
      targets += viewport.targets.length
      law += viewport.targets.filter(({ source }) => source === 'law').length
      bytes += text.length
    }
    count += 1
    if (count === TICKS) break
    // Turns of the loop, in which the observer hears of pauses.
    if (count % 1000 === 0) await new Promise((turn) => setImmediate(turn))
  }
  observer.disconnect()
  const at = (times: Float64Array, share: number): string =>
    (times.subarray(0, count).toSorted()[Math.ceil(share * count) - 1] ?? Number.NaN).toFixed(3)
  print(
    `${count} ticks, ${(targets / count).toFixed(1)} targets each, ${(law / targets).toFixed(3)} of them by the law, none refused`,
  )
  for (const [name, times] of [
    ['tick', ticks],
    [`tick and ${(bytes / count / 1024).toFixed(1)} KiB of JSON`, whole],
  ] as const)
    print(`${name}: p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms, worst ${at(times, 1)} ms`)
  for (const [kind, durations] of pauses) {
    const above = durations.filter((ms) => ms > LONG_MS).length
    const longest = Math.max(...durations).toFixed(1)
    print(`collector, ${kind}: ${durations.length} pauses, ${above} above ${LONG_MS} ms, the longest ${longest} ms`)
  }
}

// A heap is sized when its process starts.
const HEAP = '--initial-old-space-size=512'
if (given['heap'] !== 'plain' && !process.execArgv.includes(HEAP)) {
  const { status } = spawnSync(process.execPath, [...process.execArgv, HEAP, ...process.argv.slice(1)], {
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}
const kept = String(given['models'])
const folder = kept === '' ? mkdtempSync(join(tmpdir(), 'breakwater-tick-')) : kept
if (kept === '') await makeModels(folder, SESSIONS)
await run(folder)
if (kept === '') rmSync(folder, { recursive: true, force: true })
