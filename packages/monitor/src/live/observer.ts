import type { MinuteBar, Thresholds } from '@breakwater/features'
import type { AnyViewportPayload } from '@breakwater/viewport/payload'
import type { CalibrationAlarm } from '../alarms/watch.ts'
import { createMonitor, type Monitor, type MonitorState } from '../monitor.ts'
import { questionsOf } from '../outcomes/question.ts'
import { forecastsOf } from './from-payload.ts'

/** What a scorer took in and published at one tick. */
export interface PublishedTick {
  readonly spy?: { readonly spot?: number }
  readonly bars?: readonly PublishedBar[]
  readonly viewport?: AnyViewportPayload
}

/** A bar as payloads have it. */
interface PublishedBar extends Omit<MinuteBar, 'minute'> {
  /** Start of the minute, milliseconds since 1970. */
  readonly ts: number
}

/** Options of {@link createObserver}. */
export interface ObserverOptions {
  readonly horizons: readonly number[]
  readonly thresholds: Thresholds
  /** Chance that a calibrated head ever raises an alarm. Default 0.01. */
  readonly level?: number
  readonly state?: MonitorState
  readonly onAlarm: (alarm: AlarmEvent) => void
}

/** An alarm as it is sent, logged and shown: plain JSON. */
export interface AlarmEvent {
  readonly kind: 'calibration'
  /** When the answer came that raised it, milliseconds since 1970. */
  readonly ts: number
  readonly head: string
  readonly evidence: number
  readonly level: number
  readonly votes: number
  /** When it seems to have begun, milliseconds since 1970; null where it was there from the first vote on. */
  readonly since: number | null
  readonly meanForecast: number | null
  readonly meanOutcome: number | null
  readonly message: string
  /** What to do. */
  readonly action: string
}

/** Observes what a scorer publishes. */
export interface Observer {
  readonly monitor: Monitor
  /** The alarms raised so far, the newest last; the last hundred are kept. */
  readonly alarms: readonly AlarmEvent[]
  readonly raised: number
  /** Takes a tick after it was published. */
  observe(published: PublishedTick): void
}

const MS_NS = 1_000_000n
const MINUTE_MS = 60_000
const MOST_ALARMS = 100

/** An observer before its first tick. What it throws is a defect: a tick holds only what the scorer let through its door. */
export function createObserver({ horizons, thresholds, level, state, onAlarm }: ObserverOptions): Observer {
  const questions = questionsOf({ horizons: horizons.filter((seconds) => seconds <= WINDOW_SECONDS) })
  const monitor = createMonitor({
    questions,
    thresholds,
    ...(level === undefined ? {} : { level }),
    ...(state === undefined ? {} : { state }),
  })
  const alarms: AlarmEvent[] = []
  let raised = 0
  let models: string | null = null
  return {
    monitor,
    alarms,
    get raised() {
      return raised
    },
    observe({ spy, bars = [], viewport }) {
      const spot = spy?.spot
      if (viewport === undefined || viewport.error !== null || viewport.ts === null || spot === undefined) return
      const served = `${viewport.models.stage_a} ${viewport.models.stage_b}`
      if (models !== null && served !== models) monitor.reset()
      models = served
      const raisedNow = monitor.tick({
        tsNs: BigInt(viewport.ts) * MS_NS,
        spot,
        bars:
          bars.length === 0 ? NO_BARS : bars.map(({ ts, ...bar }) => ({ ...bar, minute: Math.floor(ts / MINUTE_MS) })),
        forecasts: () => forecastsOf(viewport, { questions, spot }),
      })
      for (const alarm of raisedNow) {
        const event = eventOf(alarm)
        raised += 1
        alarms.push(event)
        if (alarms.length > MOST_ALARMS) alarms.shift()
        onAlarm(event)
      }
    },
  }
}

const NO_BARS: readonly MinuteBar[] = []
/** Length of the label window, which is also the longest horizon that an outcome is known for. */
const WINDOW_SECONDS = 480

const percent = (value: number): string => `${(100 * value).toFixed(1)}%`

/** An alarm in words. */
function eventOf({ head, evidence, level, knownNs, change, votes }: CalibrationAlarm): AlarmEvent {
  const since = change?.tsNs == null ? null : Number(BigInt(change.tsNs) / MS_NS)
  const seen =
    change === null
      ? ''
      : ` Since ${since === null ? 'the start' : new Date(since).toISOString()} ${change.forecasts} forecasts averaged ${percent(change.meanForecast)}, and ${percent(change.meanOutcome)} came true.`
  return {
    kind: 'calibration',
    ts: Number(knownNs / MS_NS),
    head,
    evidence,
    level,
    votes,
    since,
    meanForecast: change?.meanForecast ?? null,
    meanOutcome: change?.meanOutcome ?? null,
    message: `${head}: published probabilities are no longer calibrated: evidence ${evidence.toPrecision(3)} against ${(1 / level).toFixed(0)}.${seen}`,
    action:
      'Look at its curve on the live page; do not act on this head. Check the feed for missing or late bars and for drift; then roll back, or train on newer sessions.',
  }
}
