import {
  type BarRuleName,
  checkBarRules,
  createLiveFeatures,
  encodeCounts,
  newYorkCalendar,
  type SignalSettings,
} from '@breakwater/features'
import { countOne, createIndexGrower, emptyCounts, growingRows, type ScoreCounts } from '@breakwater/models'
import { type LoadedModels, loadModels, type LoadRequest, readTouchFile } from '@breakwater/models/node'
import {
  countName,
  createViewport,
  type IncomingBar,
  type IncomingSnapshot,
  type Models,
  type Pin,
  publishable,
  readBar,
  readSnapshot,
  SnapshotError,
  type SnapshotBar,
  type SnapshotLimits,
  snapshotLimits,
  type SnapshotNotes,
  type ViewportOptions,
} from '@breakwater/viewport'
import {
  type AnyViewportPayload,
  integerOfNs,
  msOfNs,
  type PayloadVersion,
  refusedViewport,
  type TickErrorCode,
  VIEWPORT_VERSION,
  viewportOf,
} from '@breakwater/viewport/payload'
import { isRegular } from '../replay/snapshots.ts'
import { keepModels } from './keeper.ts'
import { type KeptOptions, keepTouches } from './kept-touches.ts'
import { type AnyScorer, idleScorer, type ViewportScorer } from './scorer.ts'
import { allowedOf, type Environment, physicsOf, type ScorerSettings, settingsOf } from './settings.ts'
import type { ActiveStatus } from './status.ts'

/** What a scorer is made with. Settings given here win over the environment. */
export interface ScorerOptions extends Partial<Omit<ScorerSettings, 'payload'>> {
  /** Where VIEWPORT_* are looked up; nothing by default. */
  readonly env?: Environment
  /** Bars that ended before the first snapshot, oldest first: three sessions and today's warm everything up. */
  readonly history?: Iterable<IncomingBar>
  /** Rules of bars that the history may break (`BAR_RULES` of features); 'all' where it was held to them before. Default none. */
  readonly acceptBars?: readonly BarRuleName[] | 'all'
  readonly pins?: readonly Pin[]
  /** Neighbours listed in a payload, nearest first; default 5. All of them vote. */
  readonly listedNeighbours?: number
  /** Settings of the signals; those that the models record by default. Models that record others are refused. */
  readonly signals?: Partial<SignalSettings>
  /** Bands, weights and limits of the viewport, where they are not the defaults; touch and monitor bands are the models' by default. */
  readonly tuning?: Pick<
    ViewportOptions,
    | 'maxAheadMs'
    | 'maxLevels'
    | 'plausibility'
    | 'mostTargets'
    | 'mostPinned'
    | 'staleAfterNs'
    | 'forgetAfterNs'
    | 'state'
    | 'relevance'
    | 'ensemble'
    | 'gate'
    | 'source'
  >
  /** What one snapshot may hold. */
  readonly limits?: Partial<SnapshotLimits>
  /** Called with models before they serve, also after a reload; what it returns serves. To watch them, not to change them. */
  readonly wrapModels?: (models: Models) => Models
  /** Called with the row of every touch at its confirmation, see `ViewportOptions` of viewport. To watch drift and skew. */
  readonly onConfirmed?: ViewportOptions['onConfirmed']
  /** What the file of touches held when the run began, where it was read before, or is not to be written; default what is in `touchesFile`. */
  readonly touches?: string
  /** Told what does not work and ends nothing: a file of touches that cannot be used, read or written. Default nobody. */
  readonly onTrouble?: (message: string) => void
  /** Milliseconds since 1970; default the system's clock. Scores do not depend on it. */
  readonly clock?: () => number
}

/** {@link ScorerOptions} with either version of the payload. */
export type AnyScorerOptions = ScorerOptions & { readonly payload?: PayloadVersion }

/**
 * A scorer for a program that snaps the market itself. Loads and checks the models, which takes some hundred
 * milliseconds; after that scoring is synchronous. With scoring off (the default) nothing is read and the scorer does
 * nothing. Throws where models are missing, damaged, or need a feature that this system does not have.
 */
export async function createViewportScorer(options: ScorerOptions = {}): Promise<ViewportScorer> {
  // What the environment says of the version is for command lines: a program knows which it reads.
  return (await createAnyScorer({ ...options, payload: VIEWPORT_VERSION })) as ViewportScorer
}

/** The same scorer, publishing either version of the payload. */
export async function createAnyScorer(options: AnyScorerOptions): Promise<AnyScorer> {
  const settings = chosen(options)
  if (!settings.enabled) return idleScorer()
  const counts = emptyCounts()
  const request: LoadRequest = {
    place: {
      modelDir: settings.modelDir,
      indexPath: settings.retrievalIndex,
      ablation: settings.ablation,
      timeframe: settings.timeframe,
    },
    horizons: settings.horizons,
    physics: physicsOf(settings.physics),
    allowMissing: allowedOf(settings.allowMissing),
    signals: options.signals,
    listedNeighbours: options.listedNeighbours ?? 5,
    timeOf: (ns) => integerOfNs(ns),
  }
  const history = Array.from(options.history ?? [], readBar)
  if (options.acceptBars !== 'all') await checkBarRules(history, options.acceptBars)
  const { onTrouble = () => undefined } = options
  const { touchesFile } = settings
  const touches = options.touches ?? (touchesFile === null ? '' : await readTouchFile(touchesFile, onTrouble))
  const all = { ...options, ...settings, history, touches, onTrouble }
  return activeScorer(all, request, await loadModels(request, counts), counts)
}

/** The settings, those of the options before those of the environment. */
function chosen(options: AnyScorerOptions): ScorerSettings {
  const settings = settingsOf(options.env ?? {})
  const given = Object.keys(settings).map((name): [string, unknown] => [name, Reflect.get(options, name)])
  return { ...settings, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
}

function activeScorer(
  options: Omit<ScorerOptions, 'history'> & ScorerSettings & KeptOptions & { readonly history: readonly SnapshotBar[] },
  request: LoadRequest,
  first: LoadedModels,
  counts: ScoreCounts,
): AnyScorer {
  const { clock = Date.now, pins = [], history, tuning, payload: version } = options
  const { wrapModels = (models) => models, onConfirmed } = options
  const { place } = request
  const { signals, horizons } = first
  const { thresholds, touchBand, monitorBand } = signals
  const { timeframe } = place
  const limits = snapshotLimits(options.limits)
  const rows = createLiveFeatures(signals)
  const touches = keepTouches(options, first.growthBase)
  const grower = createIndexGrower({ rows, signals, timeframe, indexes: first.indexes, onChange: touches.write })
  const calendar = newYorkCalendar()
  const plausibility = tuning?.plausibility !== false && {
    isRegular: (minute: number) => isRegular(calendar, minute),
    ...tuning?.plausibility,
  }
  const viewport = createViewport({
    ...tuning,
    plausibility,
    clock,
    models: wrapModels(first.models),
    rows: growingRows(rows, grower),
    timeframe,
    horizons,
    thresholds,
    // A close may be asked to lie nearer than the range; for a state bands rise.
    state: { touchBand, monitorBand: Math.max(touchBand, monitorBand), ...tuning?.state },
    pins,
    windowSeconds: signals.lookforward * 60,
    utility: { order: options.order, cost: options.cost },
    ...(options.mix === null ? {} : { mix: options.mix }),
    onConfirmed: (row) => {
      grower.confirm(onConfirmed === undefined ? row : { ...row })
      onConfirmed?.(row)
    },
  })
  for (const bar of history) viewport.learn(bar)
  touches.begin(grower)
  const keeper = keepModels(first, {
    // What is followed since the start cannot change its settings.
    request: { ...request, signals, horizons },
    counts,
    clock,
    utility: viewport.utility,
    replace: ({ models, indexes, growthBase }) => {
      grower.serve(indexes)
      touches.rebase(growthBase)
      viewport.replaceModels(wrapModels(models))
    },
  })
  const notes = { unknownFields: new Map<string, number>(), badReadings: 0 }
  const refused = new Map<string, number>()
  let refusedInARow = 0
  let closed = false
  const scoreOne = (value: unknown): AnyViewportPayload => {
    try {
      const read = readSnapshot(value, limits)
      addNotes(notes, read.notes)
      const payload = viewportOf(keeper.header, viewport.tick(read.snapshot), version)
      refusedInARow = 0
      return payload
    } catch (error) {
      const told = refusalOf(error)
      countOne(refused, told.code)
      refusedInARow += 1
      return refusedViewport(keeper.header, tsOf(copyOf(value, limits)), told, version)
    }
  }
  return {
    enabled: true,
    limits,
    score: (snapshot) => {
      const copy = copyOf(snapshot, limits) as IncomingSnapshot
      return closed ? copy : { ...copy, viewport: scoreOne(snapshot) }
    },
    viewportOf: (value) => (closed ? undefined : scoreOne(value)),
    pin: (pin) => viewport.pin(pin),
    unpin: (pin) => viewport.unpin(pin),
    status: (): ActiveStatus => ({
      enabled: true,
      timeframe,
      horizons,
      signals,
      models: keeper.loaded.reports,
      loadedAt: keeper.loadedAt,
      reloads: keeper.reloads,
      viewport: viewport.status(),
      growth: grower.counts,
      touchesFile: touches.counts,
      bars: { ...rows.counts, lastTs: rows.lastBarNs === null ? null : msOfNs(rows.lastBarNs) },
      refusedTicks: Object.fromEntries(refused),
      refusedInARow,
      unknownFields: Object.fromEntries(notes.unknownFields),
      badReadings: notes.badReadings,
      ...countsOf(counts),
    }),
    reload: () => keeper.reload(),
    close: () => {
      closed = true
      return touches.settle()
    },
  }
}

function addNotes(sum: { unknownFields: Map<string, number>; badReadings: number }, notes: SnapshotNotes): void {
  for (const [name, count] of notes.unknownFields) {
    countName(sum.unknownFields, name, count)
  }
  sum.badReadings += notes.badReadings
}

function refusalOf(error: unknown): { readonly code: TickErrorCode; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error)
  return { code: error instanceof SnapshotError ? error.code : 'failed', message }
}

/** What of a snapshot can be published: nothing where looking at it throws. */
function copyOf(value: unknown, limits: SnapshotLimits): object {
  try {
    return publishable(value, limits)
  } catch {
    return {}
  }
}

function tsOf(value: { readonly ts?: unknown }): number | null {
  const { ts } = value
  return typeof ts === 'number' && Number.isSafeInteger(ts) ? ts : null
}

function countsOf(
  counts: ScoreCounts,
): Pick<
  ActiveStatus,
  'missingFeatures' | 'unseenCategories' | 'lookUps' | 'outOfDistribution' | 'droppedFilters' | 'treesAlone'
> {
  const { missing, unseen } = encodeCounts(counts.encoding)
  return {
    missingFeatures: missing,
    unseenCategories: unseen,
    lookUps: counts.lookUps,
    outOfDistribution: counts.lookUps === 0 ? null : counts.unlike / counts.lookUps,
    droppedFilters: Object.fromEntries(counts.droppedFilters),
    treesAlone: Object.fromEntries(counts.noVote),
  }
}
