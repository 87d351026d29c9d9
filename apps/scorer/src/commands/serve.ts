import { dirname, join, resolve } from 'node:path'
import { type Bus, checkSubjects, joinBus, type Log, type StreamChoice, type Subjects } from '@breakwater/bus'
import { connectionOf } from '@breakwater/jobs/connection'
import { createLivePage } from '@breakwater/pages/live'
import { type BusFlags, busPlace } from '@breakwater/command-line'
import { servedModels } from '@breakwater/monitor'
import { healthOf, startWatch, type Watch, type WatchOptions } from '@breakwater/monitor/node'
import { readTouchFile, servedHorizons, servedSignals } from '@breakwater/models/node'
import { pino } from 'pino'
import { type Context, scorerVersion } from '../context.ts'
import { type AnyScorerOptions, createAnyScorer } from '../embedded/create.ts'
import type { AnyScorer } from '../embedded/scorer.ts'
import { signalsOf } from '../embedded/status.ts'
import { historyOf } from '../replay/snapshots.ts'
import { serveHttp } from '../serve/http.ts'
import { createMetrics } from '../serve/metrics.ts'
import { readinessOf } from '../serve/readiness.ts'
import { answerTo } from '../serve/tick.ts'
import { type BarFlags, readBarFiles } from './bars.ts'
import { type ModelFlags, settingsFrom } from './flags.ts'

/** Options of `breakwater serve` as commander gives them. */
export interface ServeFlags extends ModelFlags, BarFlags, BusFlags {
  readonly nats?: readonly string[]
  readonly subject: string
  /** true where the flag stands alone. */
  readonly enrich?: string | true
  readonly publish: string
  readonly stream?: string
  readonly durable?: string
  readonly from?: string
  readonly maxAgeMs?: number
  readonly maxAheadMs: number
  readonly readyAgeMs: number
  readonly httpHost: string
  readonly httpPort: number
  readonly httpAllow?: readonly string[]
  readonly ui?: boolean
  readonly bars?: readonly string[]
  readonly reloadSeconds: number
  readonly audit?: string
  readonly auditBytes: number
  readonly auditDays: number
  readonly monitorState?: string
  readonly challenger?: string
  readonly challengerMs: number
}

/** Subject that level payloads are read from unless `--enrich` names another. */
const SECONDS_PER_MINUTE = 60
const RAW_LEVELS = 'levels.raw'
/** Alarms are published under this subject, by their kind. */
const ALERTS = 'alerts.breakwater'
const MS = 1000
/** Age from which a message is dropped: one of a stream is wanted whenever it comes. */
const MAX_AGE_MS = 2000
/** Refusals in a row that readiness bears: five seconds of ticks. */
const MAX_REFUSED = 20
const limitOf = (ms: number): number => (ms === 0 ? Infinity : ms)

/** Runs `breakwater serve` until the process is asked to end. */
export async function runServe(context: Context, flags: ServeFlags): Promise<void> {
  const log = pino({ name: 'scorer' }, { write: context.err })
  const enrich = flags.enrich === undefined ? null : flags.enrich === true ? RAW_LEVELS : flags.enrich
  const subjects = { score: flags.subject, enrich, publish: flags.publish }
  checkSubjects(subjects)
  let bus: Bus | null = null
  let serving: AnyScorer | null = null
  const onTrouble = (message: string): void => log.warn({}, message)
  const settings = withTouchesFile(context, flags)
  const { enabled, touchesFile } = settings
  const touches = enabled && touchesFile !== null ? await readTouchFile(touchesFile, onTrouble) : ''
  const history = [...(await historyFrom(context, flags))]
  const watch = settings.enabled
    ? await watchFrom(context, flags, log, {
        ...(await outcomesOf(settings)),
        challenger: await challengerFrom(context, flags, { settings, history, touches }),
        start: () => JSON.stringify({ settings, history, touches }),
        served: () => (serving === null ? null : servedBy(serving)),
        history,
        alert: (kind, text) => bus?.publish(`${ALERTS}.${kind}`, text),
      })
    : null
  const stream = streamFrom(flags)
  const maxAgeMs = flags.maxAgeMs ?? (stream === null ? MAX_AGE_MS : 0)
  const scorer = await createAnyScorer({
    ...settings,
    history,
    touches,
    onTrouble,
    ...(watch === null ? {} : { onConfirmed: (row) => watch.confirm(row), wrapModels: watch.wrap }),
    // They were held to the rules when they were read.
    acceptBars: 'all',
    tuning: { maxAheadMs: limitOf(flags.maxAheadMs) },
    clock: context.clock,
  })
  serving = scorer
  if (!scorer.enabled)
    log.warn({}, 'scoring is off: VIEWPORT_SCORING_ENABLED is not true; payloads pass without viewport')
  const page = flags.ui === true ? await createLivePage({ ...signalsOf(scorer.status()), history }) : null
  const metrics = createMetrics({ scorer, bus: () => bus?.counts ?? null, page, watch })
  const http = await serveHttp({
    host: flags.httpHost,
    port: flags.httpPort,
    allow: flags.httpAllow ?? [],
    metrics,
    readiness: () =>
      readinessOf(scorer, bus?.connected ?? false, context.clock(), {
        maxAgeMs: limitOf(flags.readyAgeMs),
        maxAheadMs: limitOf(flags.maxAheadMs),
        maxRefused: MAX_REFUSED,
      }),
    health: watch === null ? undefined : () => healthOf(watch),
    page,
  })
  log.info({ url: http.url, page: page !== null }, 'serving HTTP')
  const endReloads = reloadOn(context, scorer, flags.reloadSeconds, log)
  try {
    bus = await joinBus({
      ...subjects,
      stream,
      connection: (await connectionOf(busPlace(context.cwd, flags.nats, flags), context.env)).options,
      answer: (data) => answerTo(scorer, data, { now: context.clock(), most: maxAgeMs }),
      clock: context.clock,
      stopwatch: context.stopwatch,
      log,
      stop: context.stop,
      onScored: ({ payload, json, ms, sinceArrivalMs }) => {
        metrics.observeTick(ms, sinceArrivalMs)
        page?.push(payload, () => json)
        watch?.take({ published: payload, json, latencyMs: ms })
      },
    })
    if (bus !== null) {
      log.info({ next: nextWhenReady(subjects, page === null ? null : http.url) }, 'ready')
      await serveUntilStopped(bus, context.stop, log)
    }
  } finally {
    endReloads()
    await scorer.close()
    await http.close()
    await watch?.close()
  }
  const { published = 0, replied = 0 } = bus?.counts ?? {}
  log.info({ published, replied, next: nextAtEnd(flags) }, 'ended')
}

/** What to open, and what to send. */
function nextWhenReady({ score, enrich }: Subjects, page: string | null): string {
  const send = enrich === null ? `nats request ${score} '<snapshot>'` : `publish level payloads on ${enrich}`
  return page === null ? send : `open ${page} and ${send}`
}

/** How what was published is compared with what happened, which takes an audit log. */
const nextAtEnd = ({ audit }: ServeFlags): string =>
  audit === undefined
    ? 'breakwater serve --audit <folder> keeps what is published, for breakwater evaluate --served'
    : `breakwater evaluate --served ${audit} --bars <files>`

/** Serves until the process is asked to end, and leaves in order. Throws where the connection is over before. */
async function serveUntilStopped(bus: Bus, stop: AbortSignal, log: Log): Promise<void> {
  const lost = await Promise.race([stopped(stop), bus.closed.then((error) => ({ error }))])
  log.info({}, 'draining')
  await bus.drain()
  if (lost === undefined) return
  throw new Error('scorer: the connection to the bus was closed and will not reconnect.', {
    cause: lost.error ?? new Error('it was closed'),
  })
}

/** Name of the file of touches in a folder of what a scorer keeps. */
const TOUCHES = 'touches.log'

/** The settings, with a file of touches beside what else is kept, unless one is named or none is wanted. */
function withTouchesFile(context: Context, flags: ServeFlags): ReturnType<typeof settingsFrom> {
  const settings = settingsFrom(context, flags)
  const { monitorState, audit, touches } = flags
  const folder = monitorState === undefined ? audit : dirname(monitorState)
  if (settings.touchesFile !== null || touches === false || folder === undefined) return settings
  return { ...settings, touchesFile: resolve(context.cwd, join(folder, TOUCHES)) }
}

/** The second set, with settings and history of the first. */
async function challengerFrom(
  { cwd, clock, stopwatch }: Context,
  { challenger, challengerMs, maxAheadMs }: ServeFlags,
  own: Pick<AnyScorerOptions, 'history' | 'touches'> & { readonly settings: ReturnType<typeof settingsFrom> },
): Promise<WatchOptions['challenger']> {
  if (challenger === undefined) return null
  const scorer = await createAnyScorer({
    ...own.settings,
    modelDir: resolve(cwd, challenger),
    // The file is the other's.
    touchesFile: null,
    touches: own.touches ?? '',
    history: own.history ?? [],
    tuning: { maxAheadMs: limitOf(maxAheadMs) },
    clock,
  })
  return { score: (snapshot) => scorer.viewportOf(snapshot), budgetMs: challengerMs, stopwatch, later: setImmediate }
}

interface Watched extends Omit<
  WatchOptions,
  'stateFile' | 'audit' | 'run' | 'code' | 'onAlarm' | 'onCompared' | 'onTrouble'
> {
  readonly alert: (kind: string, text: string) => void
}

/** What outcomes are read by: the settings of the signals that the models were trained on. */
async function outcomesOf({
  modelDir,
  retrievalIndex,
  ablation,
  timeframe,
  horizons: asked,
}: ReturnType<typeof settingsFrom>): Promise<
  Pick<WatchOptions, 'horizons' | 'thresholds' | 'touchBand' | 'maxGapMinutes' | 'windowSeconds'>
> {
  const place = { modelDir, indexPath: retrievalIndex, ablation, timeframe }
  const { thresholds, touchBand, maxGapMinutes, lookforward } = await servedSignals({ place })
  const horizons = asked ?? (await servedHorizons({ place }))
  return { horizons, thresholds, touchBand, maxGapMinutes, windowSeconds: lookforward * SECONDS_PER_MINUTE }
}

/** What is known of the models of a scorer. */
function servedBy(scorer: AnyScorer): ReturnType<WatchOptions['served']> {
  const status = scorer.status()
  if (!status.enabled) return null
  return servedModels([status.models.stage_a, status.models.stage_b], status.timeframe, status.signals)
}

/** Starts to watch what is published: an alarm is a line of the log, an event on the bus, a metric and a line on the page. */
async function watchFrom(
  { cwd, clock }: Context,
  { audit, auditBytes, auditDays, monitorState }: ServeFlags,
  log: Log,
  { alert, ...watched }: Watched,
): Promise<Watch> {
  return startWatch({
    ...watched,
    stateFile: monitorState === undefined ? null : resolve(cwd, monitorState),
    audit: audit === undefined ? null : { folder: resolve(cwd, audit), maxBytes: auditBytes, maxDays: auditDays },
    run: `${clock()}-${process.pid}`,
    code: scorerVersion(),
    onAlarm: (alarm) => {
      log.warn(alarm, alarm.message)
      alert(alarm.kind, JSON.stringify(alarm))
    },
    onCompared: ({ same, skewed, absent }) => log.info({ same, skewed, absent }, 'compared live rows with batch'),
    onTrouble: (message) => log.warn({}, message),
  })
}

async function historyFrom(context: Context, flags: ServeFlags): Promise<ReturnType<typeof historyOf>> {
  if (flags.bars === undefined) return historyOf(NO_BARS)
  return historyOf({ bars: await readBarFiles(context, flags.bars, flags), dates: new Set() })
}

/** The stream to read, where one is named. Throws where flags of a stream stand without what they need. */
function streamFrom({ stream, durable, from, enrich }: ServeFlags): StreamChoice | null {
  if (stream === undefined) {
    const [flag] = Object.entries({ durable, from }).find(([, value]) => value !== undefined) ?? []
    if (flag === undefined) return null
    throw new RangeError(`scorer: --${flag}: needs --stream. Name the stream to read.`)
  }
  if (enrich === undefined) {
    throw new RangeError(`scorer: --stream=${stream}: needs --enrich, whose subject is read from the stream. Add it.`)
  }
  return { name: stream, durable: durable ?? null, from: from ?? 'new' }
}

const none = new Float64Array()
const NO_BARS = {
  bars: { rows: 0, ts: new BigInt64Array(), open: none, high: none, low: none, close: none, volume: none },
  dates: new Set<string>(),
}

/** Resolves when the process is asked to end. */
function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((done) => {
    signal.addEventListener('abort', () => done(), { once: true })
  })
}

/** Reads models again on SIGHUP and, with `seconds` above 0, when their files have changed. Returns how to end that. */
function reloadOn({ onReload }: Context, scorer: AnyScorer, seconds: number, log: Log): () => void {
  const reload = async (): Promise<void> => {
    const result = await scorer.reload()
    if (result.status === 'swapped') log.info({}, 'models reloaded')
    if (result.status === 'refused') log.warn({ reason: result.reason }, 'new models refused; the old ones serve on')
  }
  onReload(() => void reload())
  if (seconds === 0) return () => undefined
  const timer = setInterval(() => void reload(), seconds * MS)
  return () => clearInterval(timer)
}
