import type { MinuteBar, Thresholds } from '@breakwater/features'
import type { AnyViewportPayload } from '@breakwater/viewport/payload'
import { createMonitor, type Monitor, type MonitorState } from '../monitor.ts'
import { type Question, questionsOf } from '../outcomes/question.ts'
import { type CalibrationEvent, calibrationEvent } from './alarm-event.ts'
import { forecastsOf } from './from-payload.ts'

/** What a scorer took in and published at one tick. */
export interface PublishedTick {
  readonly spy?: { readonly spot?: number }
  readonly bars?: readonly PublishedBar[]
  readonly viewport?: AnyViewportPayload
}

/** A bar as payloads have it. */
export interface PublishedBar extends Omit<MinuteBar, 'minute'> {
  /** Start of the minute, milliseconds since 1970. */
  readonly ts: number
}

/** Options of {@link createObserver}. */
export interface ObserverOptions {
  readonly horizons: readonly number[]
  /** Settings of the signals that the models were trained on: by these outcomes are read. */
  readonly thresholds: Thresholds
  /** Dollars within which a level is touched. Default 0.10. */
  readonly touchBand?: number
  /** Minutes without a bar that count as quiet; after more the data breaks off. Default 5. */
  readonly maxGapMinutes?: number
  /** Length of the label window. Default 480. */
  readonly windowSeconds?: number
  /** Chance that a calibrated head ever raises an alarm. Default 0.01. */
  readonly level?: number
  readonly state?: MonitorState
  /** What published numbers are held against, see `PayloadContext`. Default nothing. */
  readonly reference?: (questions: readonly Question[], price: number, isTouched: boolean) => Float64Array | null
  readonly onAlarm: (alarm: CalibrationEvent) => void
}

/** Observes what a scorer publishes. */
export interface Observer {
  readonly monitor: Monitor
  /** Alarms raised so far. */
  readonly raised: number
  /** Takes a tick after it was published. */
  observe(published: PublishedTick): void
}

const MS_NS = 1_000_000n
const MINUTE_MS = 60_000

/** An observer before its first tick. What it throws is a defect: a tick holds only what the scorer let through its door. */
export function createObserver(options: ObserverOptions): Observer {
  const { horizons, thresholds, touchBand, maxGapMinutes, windowSeconds = WINDOW_SECONDS } = options
  const { level, state, reference, onAlarm } = options
  const questions = questionsOf({ horizons: horizons.filter((seconds) => seconds <= windowSeconds), windowSeconds })
  const monitor = createMonitor({
    questions,
    thresholds,
    ...(touchBand === undefined ? {} : { touchBand }),
    ...(maxGapMinutes === undefined ? {} : { maxGapMinutes }),
    ...(level === undefined ? {} : { level }),
    ...(state === undefined ? {} : { state }),
  })
  let raised = 0
  let models: string | null = null
  return {
    monitor,
    get raised() {
      return raised
    },
    observe({ spy, bars, viewport }) {
      const spot = spy?.spot
      if (viewport === undefined || viewport.error !== null || viewport.ts === null || spot === undefined) return
      const served = `${viewport.models.stage_a} ${viewport.models.stage_b}`
      if (models !== null && served !== models) monitor.reset()
      models = served
      const raisedNow = monitor.tick({
        tsNs: BigInt(viewport.ts) * MS_NS,
        spot,
        bars: minuteBarsOf(bars),
        forecasts: () =>
          forecastsOf(viewport, {
            questions,
            spot,
            ...(reference === undefined
              ? {}
              : { reference: (price, isTouched) => reference(questions, price, isTouched) }),
          }),
      })
      for (const alarm of raisedNow) {
        raised += 1
        onAlarm(calibrationEvent(alarm))
      }
    },
  }
}

const NO_BARS: readonly MinuteBar[] = []

/** Bars of a payload as the features package has them. */
export function minuteBarsOf(bars: readonly PublishedBar[] = NO_PUBLISHED): readonly MinuteBar[] {
  if (bars.length === 0) return NO_BARS
  return bars.map(({ ts, ...bar }) => ({ ...bar, minute: Math.floor(ts / MINUTE_MS) }))
}

const NO_PUBLISHED: readonly PublishedBar[] = []
/** Length of the label window, which is also the longest horizon that an outcome is known for. */
const WINDOW_SECONDS = 480
