import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Bars, newYorkCalendar, physicsSource } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { createLivePage } from '@breakwater/pages/live'
import type { Context } from '../context.ts'
import { createAnyScorer } from '../embedded/create.ts'
import { signalsOf } from '../embedded/status.ts'
import { type LatencyReport, watchLatency } from '../replay/latency.ts'
import { createPace, type Pace } from '../replay/pace.ts'
import { replayLength, type ReplayLength, sessionAfter, timeIn } from '../replay/progress.ts'
import { type ReplayCounts, runReplay, touchMemory } from '../replay/run.ts'
import { openSink, type Sink } from '../replay/sink.ts'
import { historyOf, type ReplayInput, replaySnapshots } from '../replay/snapshots.ts'
import { watchReplay } from '../replay/watch.ts'
import { serveHttp } from '../serve/http.ts'
import { createMetrics } from '../serve/metrics.ts'
import { readinessOf } from '../serve/readiness.ts'
import { type BarFlags, readBarFiles } from './bars.ts'
import { type ModelFlags, settingsFrom } from './flags.ts'

/** Options of `breakwater replay` as commander gives them. */
export interface ReplayFlags extends ModelFlags, BarFlags {
  readonly bars: readonly string[]
  readonly physicsFile?: string
  readonly dates?: readonly string[]
  readonly speed: number
  readonly from?: string
  readonly intervalMs: number
  readonly output?: string
  readonly writeEvery: number
  readonly ui?: boolean
  readonly httpHost: string
  readonly httpPort: number
  readonly httpAllow?: readonly string[]
  readonly json?: boolean
}

const MINUTE_MS = 60_000
/** Latencies kept: a month of 250 ms ticks. */
const MOST_TICKS = 2_000_000

/** Runs `breakwater replay`. */
export async function runReplayCommand(context: Context, flags: ReplayFlags): Promise<void> {
  if (MINUTE_MS % flags.intervalMs !== 0) {
    throw new RangeError(`scorer: --interval-ms=${flags.intervalMs}: must divide a minute, 60000. Use 250 or 1000.`)
  }
  const touches = touchMemory()
  const input: ReplayInput = { ...(await readInput(context, flags)), touchOf: touches.touchOf }
  const length = replayLength(input.bars, input)
  const from = flags.from === undefined ? undefined : startOf(length, flags.from)
  const scorer = await createAnyScorer({
    // A replay depends on what it is given alone: the file that the environment names is the live scorer's.
    ...settingsFrom(
      { ...context, env: { ...context.env, VIEWPORT_SCORING_ENABLED: 'true', VIEWPORT_TOUCHES: '' } },
      flags,
    ),
    onTrouble: (message) => context.err(`${message}\n`),
    history: historyOf(input),
    // They were held to the rules when they were read.
    acceptBars: 'all',
    clock: context.clock,
    // What was recorded may be of any time.
    tuning: { maxAheadMs: Infinity },
  })
  const signals = signalsOf(scorer.status())
  const page = flags.ui === true ? await createLivePage(signals) : null
  const metrics = createMetrics({ scorer, bus: () => null, page, watch: null })
  const http =
    page === null
      ? null
      : await serveHttp({
          host: flags.httpHost,
          port: flags.httpPort,
          allow: flags.httpAllow ?? [],
          metrics,
          readiness: () => readinessOf(scorer, null, context.clock()),
          page,
        })
  try {
    if (http !== null) context.err(`live page: ${http.url}\n`)
    const watch = watchLatency(MOST_TICKS)
    const counts = await paced(context, flags, { length, from }, (pace, stop, onTick, sink) =>
      runReplay({
        scorer,
        snapshots: replaySnapshots({ ...input, signals }),
        pace,
        writeEvery: flags.writeEvery,
        sink,
        stopwatch: context.stopwatch,
        stop,
        onTick: (payload, ms) => {
          watch.tick(ms)
          metrics.observeTick(ms)
          onTick(payload.ts)
          page?.push(payload, () => JSON.stringify(payload))
          if (payload.viewport !== undefined) touches.learn(payload.viewport.targets)
        },
      }),
    )
    tell(context, flags, counts, watch.finish())
    if (http !== null) await keepPage(context, http.url)
  } finally {
    await scorer.close()
    await http?.close()
  }
}

/** Milliseconds since 1970 of `--from`. */
function startOf(length: ReplayLength, text: string): number {
  const ts = timeIn(length, text)
  if (ts !== null) return ts
  throw new RangeError(
    `scorer: --from ${text}: must be a time of the first session in New York, such as 10:30. Sessions open at 09:30.`,
  )
}

type Paced = (pace: Pace, stop: AbortSignal, onTick: (ts: number) => void, sink: Sink | null) => Promise<ReplayCounts>

/** Runs a replay with its clock, its keys and its file. */
async function paced(
  context: Context,
  { speed, intervalMs, output }: ReplayFlags,
  { length, from }: { readonly length: ReplayLength; readonly from: number | undefined },
  run: Paced,
): Promise<ReplayCounts> {
  const { stopwatch, stop } = context
  const path = output === undefined ? null : resolve(context.cwd, output)
  if (path !== null && existsSync(path)) context.err(`replaces ${output ?? ''}, which cannot be brought back\n`)
  const pace = createPace({ speed, from, stopwatch, sleep, stop, nextSession: sessionAfter(length) })
  const watch = watchReplay(context, { length, intervalMs, pace, interrupt })
  let isWhole = false
  try {
    const sink = path === null ? null : await openSink(path)
    const counts = await finished(sink, () => run(pace, stop, watch.tick, sink))
    isWhole = true
    return counts
  } finally {
    watch.end(isWhole)
  }
}

/** As Ctrl-C: a terminal that gives keys one by one raises no signal itself. */
const interrupt = (): void => void process.kill(process.pid, 'SIGINT')

/** Waits, or until the signal aborts. */
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })

/** The file is there whole, or not at all. */
async function finished(sink: Sink | null, run: () => Promise<ReplayCounts>): Promise<ReplayCounts> {
  try {
    const counts = await run()
    await sink?.finish()
    return counts
  } catch (error) {
    await sink?.abandon()
    throw error
  }
}

async function readInput(context: Context, flags: ReplayFlags): Promise<Omit<ReplayInput, 'touchOf'>> {
  const { physicsFile, dates, intervalMs } = flags
  const bars = await readBarFiles(context, flags.bars, flags)
  const physics = physicsFile === undefined ? undefined : (await readTable(resolve(context.cwd, physicsFile))).table
  return { bars, physics: physicsSource(physics), intervalMs, dates: replayed(bars, dates) }
}

/** The sessions asked for, or the last one. */
function replayed(bars: Bars, asked: readonly string[] | undefined): ReadonlySet<string> {
  const calendar = newYorkCalendar()
  const sessions = new Set<string>()
  for (const ns of bars.ts) {
    const date = calendar.dateOf(ns)
    const session = calendar.sessionOf(date)
    if (session !== null && ns >= session.openNs && ns < session.closeNs) sessions.add(date)
  }
  const there = [...sessions].toSorted()
  if (asked === undefined) return new Set(there.slice(-1))
  const absent = asked.filter((date) => !sessions.has(date))
  if (absent.length === 0) return new Set(asked)
  throw new RangeError(
    `scorer: --dates ${absent.join(' ')}: no matching dates: the bars have ${there.length} sessions from ${there[0]} to ${there.at(-1)}.`,
  )
}

const ms = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(3)} ms`)

/** How what was scored is compared with what happened, for which payloads have to be in a file; where nothing was scored, where they say why. */
function nextOf({ output, bars }: ReplayFlags, { scored }: ReplayCounts): string {
  const file = output === undefined || output.endsWith('.parquet') ? 'replay.jsonl' : output
  const look =
    scored === 0 ? `look at viewport.error in ${file}` : `breakwater evaluate --served ${file} --bars ${bars.join(' ')}`
  return file === output ? look : `breakwater replay with --output ${file}, then ${look}`
}

function tell({ out, err }: Context, flags: ReplayFlags, counts: ReplayCounts, latency: LatencyReport): void {
  if (flags.json === true) out(`${JSON.stringify({ ...counts, latency }, null, 2)}\n`)
  else {
    out(
      `${counts.ticks} ticks: ${counts.scored} scored, ${counts.refused} refused; ${counts.targets} targets, ` +
        `failures ${JSON.stringify(counts.failures)}; ${counts.written} payloads written\n` +
        `Next: ${nextOf(flags, counts)}\n`,
    )
    err(
      `latency p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}, worst ${ms(latency.worst)}; ` +
        `${latency.gcPauses} GC pauses, longest ${ms(latency.gcWorst)}\n`,
    )
  }
}

/** Shows the last payload until the process is asked to end. */
async function keepPage({ err, stop }: Context, url: string): Promise<void> {
  err(`replay ended; the page stays at ${url} until Ctrl-C\n`)
  if (!stop.aborted) await new Promise<void>((done) => stop.addEventListener('abort', () => done(), { once: true }))
}
