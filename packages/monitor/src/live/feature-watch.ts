import type { MinuteBar } from '@breakwater/features'
import { isUnlike } from '@breakwater/models'
import type { AnyViewportPayload } from '@breakwater/viewport/payload'
import { createDriftWatch, type DriftState, type DriftWatch, type FeatureRow } from '../drift/drift.ts'
import type { SkewReport } from '../skew/skew.ts'
import { keepStored, type StoredWork } from '../skew/stored.ts'
import { driftEvent, type DriftEvent, type SkewEvent, skewEvent } from './alarm-event.ts'
import type { ServedModels } from './served-models.ts'

/** Options of {@link createFeatureWatch}. */
export interface FeatureWatchOptions {
  /** What serves now; asked for when payloads name other models. null where nothing is known of it. */
  readonly served: () => ServedModels | null
  /** Bars that the scorer began with, oldest first. */
  readonly history: readonly MinuteBar[]
  /** Compares rows with batch, apart from scoring. */
  readonly compare: (work: StoredWork) => Promise<SkewReport>
  /** Chance that any feature ever raises a drift alarm where none has drifted. Default 0.01. */
  readonly level?: number
  readonly state?: FeatureState | null
  readonly onAlarm: (alarm: DriftEvent | SkewEvent) => void
  /** Called with all counts after each comparison. Default does nothing. */
  readonly onCompared?: (counts: SkewCounts) => void
  /** Called where rows could not be compared, with why. */
  readonly onTrouble: (message: string) => void
}

/** Drift against certain models as plain JSON. */
export interface FeatureState {
  /** SHA-256 of the metadata of their stages A and B. */
  readonly models: string
  readonly drift: DriftState
}

/** Rows compared with batch since the start. */
export interface SkewCounts {
  same: number
  skewed: number
  /** Rows of touches that the signals do not follow, such as those of a trader's own levels. */
  absent: number
  /** Values that differed, by feature. */
  readonly byFeature: Map<string, number>
}

/** Watches the rows that models are served. One caller at a time. */
export interface FeatureWatch {
  /** What serves; null before the first tick, and where nothing is known of it. */
  readonly served: ServedModels | null
  /** null before the first tick, and where the models have no baseline. */
  readonly drift: DriftWatch | null
  readonly skew: SkewCounts
  /** Takes the row of a touch at its confirmation; costs a push. */
  confirm(row: FeatureRow): void
  /** Takes a tick after it was published, in a session of `date`. */
  observe(tick: FeatureTick): void
  state(): FeatureState | null
  /** Compares the rows that wait, and resolves when all comparisons are done. */
  close(): Promise<void>
}

/** A published tick as features see it. */
export interface FeatureTick {
  readonly viewport: AnyViewportPayload
  readonly bars: readonly MinuteBar[]
  /** 'YYYY-MM-DD' of the session; null before the first. */
  readonly date: string | null
}

/** Milliseconds of market time between comparisons. */
const COMPARE_MS = 3_600_000

/**
 * A watch of features before its first tick: drift session by session (see `createDriftWatch`), and every hour of market time a comparison
 * of live rows with batch. Rows are looked at after their payload was published, one a touch.
 */
export function createFeatureWatch(options: FeatureWatchOptions): FeatureWatch {
  const { served, compare, level = 0.01, onAlarm, onCompared, onTrouble } = options
  const stored = keepStored()
  for (const bar of options.history) stored.bar(bar)
  const skew: SkewCounts = { same: 0, skewed: 0, absent: 0, byFeature: new Map() }
  const told = new Set<string>()
  const confirmed: FeatureRow[] = []
  const seen = new Set<string>()
  let models: ServedModels | null = null
  let drift: DriftWatch | null = null
  let [hashes, date, compared, ts]: [string, string | null, number | null, number] = ['', null, null, 0]
  let running: Promise<void> = Promise.resolve()

  const begin = (viewport: AnyViewportPayload): void => {
    hashes = modelsOf(viewport)
    models = served()
    told.clear()
    const state = options.state?.models === hashes ? options.state.drift : undefined
    const baseline = models?.baseline ?? []
    drift =
      baseline.length === 0 ? null : createDriftWatch(baseline, { level, ...(state === undefined ? {} : { state }) })
    date = null
  }
  const takeReport = ({ rows, absent, skewed }: SkewReport): void => {
    const wrong = new Set(skewed.map((one) => `${one.touchNs} ${one.kind} ${one.price}`)).size
    skew.skewed += wrong
    skew.absent += absent
    skew.same += rows - absent - wrong
    for (const { name } of skewed) skew.byFeature.set(name, (skew.byFeature.get(name) ?? 0) + 1)
    onCompared?.(skew)
    const event = skewEvent(skewed, ts, told)
    if (event === null) return
    for (const name of event.features) told.add(name)
    onAlarm(event)
  }
  const compareWaiting = (): Promise<void> => {
    const work =
      models === null
        ? null
        : stored.due(
            models.settings,
            models.baseline.map(({ name }) => name),
          )
    if (work === null) return running
    return (running = running.then(() =>
      compare(work).then(takeReport, (error: unknown) => {
        onTrouble(
          `live rows could not be compared with batch: ${error instanceof Error ? error.message : String(error)}`,
        )
      }),
    ))
  }
  const lookAt = (viewport: AnyViewportPayload): void => {
    for (const { row_basis: basis, retrieval, level_id: id, touch_ts_ns: touch } of viewport.targets) {
      if (basis !== 'confirmation' || retrieval === null) continue
      const key = `${id} ${touch}`
      if (seen.has(key)) continue
      seen.add(key)
      const percentile = retrieval['distance_percentile']
      drift?.lookUp(isUnlike(typeof percentile === 'number' ? percentile : null))
    }
  }
  return {
    get served() {
      return models
    },
    get drift() {
      return drift
    },
    skew,
    confirm: (row) => void confirmed.push(row),
    observe(tick) {
      const { viewport, bars } = tick
      for (const bar of bars) stored.bar(bar)
      if (modelsOf(viewport) !== hashes) begin(viewport)
      ts = viewport.ts ?? ts
      if (tick.date !== null && tick.date !== date) {
        date = tick.date
        seen.clear()
        for (const one of drift?.begin(date) ?? []) onAlarm(driftEvent(one, ts, level))
      }
      for (const row of confirmed.splice(0)) {
        drift?.take(row)
        stored.take(row)
      }
      lookAt(viewport)
      compared ??= ts
      if (ts - compared < COMPARE_MS) return
      compared = ts
      void compareWaiting()
    },
    state: () => (drift === null ? null : { models: hashes, drift: drift.state() }),
    close: () => compareWaiting(),
  }
}

/** SHA-256 of the metadata of stages A and B that a payload was scored with. */
export const modelsOf = ({ models: { stage_a: a, stage_b: b } }: AnyViewportPayload): string =>
  `${a ?? 'none'} ${b ?? 'none'}`
