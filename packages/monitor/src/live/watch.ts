import { replaceFile } from '@breakwater/formats/node'
import { createChallenger, type Challenger } from '../challenger/budget.ts'
import { createGainWatch, type GainWatch } from '../challenger/gain.ts'
import { createRowRecorder } from '../audit/rows.ts'
import { type AuditThread, startAuditThread } from '../audit/thread.ts'
import type { Models } from '@breakwater/viewport'
import type { AnyViewportPayload } from '@breakwater/viewport/payload'
import type { FeatureRow } from '../drift/drift.ts'
import { compareInThread } from '../skew/thread.ts'
import type { AlarmEvent } from './alarm-event.ts'
import { createFeatureWatch, type FeatureWatch, modelsOf, type SkewCounts } from './feature-watch.ts'
import { forecastsOf } from './from-payload.ts'
import { createLawReference } from './law-reference.ts'
import {
  createObserver,
  minuteBarsOf,
  type Observer,
  type ObserverOptions,
  type PublishedBar,
  type PublishedTick,
} from './observer.ts'
import type { ServedModels } from './served-models.ts'
import { readWatchState, type WatchFile } from './state-file.ts'

/** What a process watches itself by. */
export interface WatchOptions extends Pick<
  ObserverOptions,
  'horizons' | 'thresholds' | 'touchBand' | 'maxGapMinutes' | 'windowSeconds'
> {
  /** File of the monitor's state, to go on from and to keep; null keeps none. */
  readonly stateFile: string | null
  /** Folder of the audit log; null keeps none. */
  readonly audit: { readonly folder: string; readonly maxBytes: number; readonly maxDays: number } | null
  /** Names this run of the process. */
  readonly run: string
  readonly code: string
  /** Gives the settings and history that a replay of the log starts from, JSON; called once, and only where a log is kept. */
  readonly start: () => string
  /** What is known of the models that serve; null before they do. */
  readonly served: () => ServedModels | null
  /** Bars that the scorer began with, oldest first. */
  readonly history: readonly PublishedBar[]
  /** A second set that scores the same snapshots; null for none. Only the champion is published. */
  readonly challenger: ChallengerSetup | null
  readonly onAlarm: (alarm: AlarmEvent) => void
  /** Called with all counts after live rows have been compared with batch. */
  readonly onCompared: (counts: SkewCounts) => void
  /** Called where the state could not be kept or rows could not be compared, with why. */
  readonly onTrouble: (message: string) => void
}

/** A second set and its share of the time. */
export interface ChallengerSetup {
  /** Scores a snapshot; undefined where it cannot. */
  readonly score: (snapshot: object) => AnyViewportPayload | undefined
  /** Milliseconds that it may use for each tick, on average. */
  readonly budgetMs: number
  readonly stopwatch: () => number
  /** Calls back soon, after what is to be sent has been sent. */
  readonly later: (work: () => void) => void
}

/** Watches what a scorer publishes, and keeps what is needed to do so again. */
export interface Watch {
  readonly observer: Observer
  readonly features: FeatureWatch
  /** The last hundred alarms, the newest last. */
  readonly alarms: readonly AlarmEvent[]
  readonly audit: AuditThread | null
  /** Models that score as these do, and that are watched. */
  readonly wrap: (models: Models) => Models
  readonly challenger: { readonly counts: Challenger<object>['counts']; readonly gain: GainWatch['gain'] } | null
  /** Takes the row of a touch at its confirmation. */
  confirm(row: FeatureRow): void
  /** Takes a tick after it was published. */
  take(tick: WatchedTick): void
  /** Keeps the state and ends the log. */
  close(): Promise<void>
}

/** A tick that was published. */
export interface WatchedTick {
  readonly published: PublishedTick
  /** The same as it was sent. */
  readonly json: string
  readonly latencyMs: number
}

const MS_NS = 1_000_000n
/** Minutes between two times that the state is kept. */
const KEEP_MS = 30 * 60_000
const MOST_ALARMS = 100

/** Starts to watch. Rejects where the state file holds no state, and where the folder of the log cannot be used. */
export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { horizons, thresholds, touchBand, maxGapMinutes, windowSeconds, stateFile, onTrouble, code } = options
  const state = stateFile === null ? null : await readWatchState(stateFile)
  const alarms: AlarmEvent[] = []
  const onAlarm = (alarm: AlarmEvent): void => {
    alarms.push(alarm)
    if (alarms.length > MOST_ALARMS) alarms.shift()
    options.onAlarm(alarm)
  }
  const law = createLawReference()
  const observer = createObserver({
    reference: (questions, price, isTouched) => law.numbersOf(questions, price, isTouched),
    horizons,
    thresholds,
    ...(touchBand === undefined ? {} : { touchBand }),
    ...(maxGapMinutes === undefined ? {} : { maxGapMinutes }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    onAlarm,
    ...(state === null ? {} : { state: state.monitor }),
  })
  const features = createFeatureWatch({
    served: options.served,
    history: minuteBarsOf(options.history),
    compare: compareInThread,
    onAlarm,
    onCompared: options.onCompared,
    onTrouble,
    state: state?.features ?? null,
  })
  const audit = options.audit === null ? null : await startAuditThread({ ...options.audit, run: options.run })
  let start = audit === null ? null : options.start()
  const rows = createRowRecorder()
  const wrap = (models: Models): Models => law.wrap(audit === null ? models : rows.wrap(models))
  const rival = options.challenger === null ? null : compared(observer, options.challenger, state)
  let kept: number | null = null
  const keep = async (): Promise<void> => {
    if (stateFile === null) return
    await replaceFile(stateFile, JSON.stringify(stateOf(observer, features, rival))).catch((error: unknown) => {
      onTrouble(error instanceof Error ? error.message : String(error))
    })
  }
  return {
    observer,
    features,
    alarms,
    audit,
    wrap,
    challenger: rival,
    confirm: (row) => features.confirm(row),
    take({ published, json, latencyMs }) {
      const { viewport } = published
      if (viewport === undefined) return
      if (audit !== null) {
        const encoded = rows.take()
        const { stage_a: a, stage_b: b } = viewport.models
        const tsNs = BigInt(viewport.ts ?? 0) * MS_NS
        const common = { tsNs, models: `${a ?? 'none'} ${b ?? 'none'}`, code }
        if (start !== null) audit.record({ ...common, kind: 'start', input: start, output: '', rows: '', latencyMs: 0 })
        start = null
        audit.record({ ...common, kind: 'tick', input: '', output: json, rows: encoded, latencyMs })
      }
      observer.observe(published)
      law.forget()
      if (viewport.error === null) {
        features.observe({ viewport, bars: minuteBarsOf(published.bars), date: observer.monitor.date })
      }
      rival?.take(published)
      const ts = viewport.ts ?? 0
      kept ??= ts
      if (ts - kept < KEEP_MS) return
      kept = ts
      void keep()
    },
    async close() {
      await features.close()
      await keep()
      if (audit === null) return
      const { lost, failure } = await audit.close()
      if (lost === 0) return
      onTrouble(`monitor: the audit log lost ${lost} records: ${failure ?? 'they came faster than it writes'}`)
    },
  }
}

interface Rival extends NonNullable<Watch['challenger']> {
  take(published: PublishedTick): void
  readonly state: () => NonNullable<WatchFile['challenger']>
}

/** Compares a challenger with what the observer follows, on the first tick of each minute that it was in time for. */
function compared(observer: Observer, setup: ChallengerSetup, state: WatchFile | null): Rival {
  const { questions } = observer.monitor
  const gains = createGainWatch(questions, state?.challenger?.gain)
  const challenger = createChallenger<object>(setup)
  let [models, champion, minute] = ['', '', -1]
  const score = ({ viewport, ...snapshot }: PublishedTick): void => {
    const other = challenger.score(snapshot) as AnyViewportPayload | null | undefined
    const spot = snapshot.spy?.spot
    if (viewport?.ts == null || other == null || spot === undefined) return
    models = modelsOf(other)
    champion = modelsOf(viewport)
    const now = Math.floor(viewport.ts / MINUTE_MS)
    if (now === minute) return
    minute = now
    gains.pair(forecastsOf(viewport, { questions, spot }), forecastsOf(other, { questions, spot }))
  }
  return {
    counts: challenger.counts,
    get gain() {
      return gains.gain
    },
    take(published) {
      gains.resolve(observer.monitor.resolved)
      setup.later(() => score(published))
    },
    state: () => ({ models, champion, gain: gains.state() }),
  }
}

const MINUTE_MS = 60_000

const stateOf = (observer: Observer, features: FeatureWatch, rival: Rival | null): WatchFile => ({
  version: 1,
  monitor: observer.monitor.state(),
  features: features.state(),
  challenger: rival?.state() ?? null,
})
