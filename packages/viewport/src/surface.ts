import type { RowValues } from '@breakwater/features'
import type { Anchor, Stage, Thresholds } from '@breakwater/features/vocabulary'
import type { BarFault, PlausibilityOptions } from './door/plausibility.ts'
import type { EnsembleOptions } from './ensemble.ts'
import type { GateOptions } from './feasibility.ts'
import type { MixKind } from './mix-terms.ts'
import type { Models, RowSource } from './parts.ts'
import type { Pin } from './pins.ts'
import type { RelevanceOptions } from './relevance.ts'
import type { Snapshot, SnapshotBar } from './snapshot.ts'
import type { StateOptions } from './state.ts'
import type { ScoreSource, Target, TargetError, TargetState } from './target.ts'
import type { UtilityOptions, UtilitySettings } from './utility.ts'

/** What {@link createViewport} is set up with. */
export interface ViewportOptions {
  readonly models: Models
  readonly rows: RowSource
  /**
   * Milliseconds since 1970. With a clock, a snapshot later than it by more than `maxAheadMs` is refused as `time_ahead`; none
   * by default. Scores do not depend on it.
   */
  readonly clock?: () => number
  /** Milliseconds, at least 0; default 2,000. Infinity sets no limit. */
  readonly maxAheadMs?: number
  /** Which prices are believed; false believes all. */
  readonly plausibility?: PlausibilityOptions | false
  /** Default the primary anchor. It names the heads (`direction_2min`) and sets how long a confirmation takes. */
  readonly timeframe?: Anchor
  /** Seconds; default 60, 120, 180, 300. */
  readonly horizons?: readonly number[]
  /**
   * What `_1` and `_2` mean, dollars from the level; default 1 and 2. A confirmed level that price is already as far beyond has
   * no probability of getting there: training leaves such rows out.
   */
  readonly thresholds?: Thresholds
  /** Most targets that are not pinned; default 8. */
  readonly mostTargets?: number
  /** Most pinned targets, the nearest ones; default 16. */
  readonly mostPinned?: number
  /** Nanoseconds after the end of the last bar from which supposed touches are no longer scored; default 300 s. */
  readonly staleAfterNs?: bigint
  /** Nanoseconds without a sighting after which a level's state, touch and trend are forgotten; default 30 minutes. */
  readonly forgetAfterNs?: bigint
  /** Levels remembered at once; beyond, those seen longest ago are forgotten. Default 5,000. */
  readonly maxLevels?: number
  /** `confirmNs` is the timeframe's by default. */
  readonly state?: StateOptions
  readonly relevance?: RelevanceOptions
  readonly ensemble?: EnsembleOptions
  readonly gate?: GateOptions
  /**
   * How neighbours and gate enter P(break | tradeable). By default the terms of models that were fitted with some; without any the hand-set formulas
   * (`documented`) where heads alone answer, and nothing beside a law.
   */
  readonly mix?: MixKind
  readonly utility?: UtilityOptions
  /**
   * What answers: `law`, the path forecaster where one is loaded (the default), which may let heads stand in for the law at the anchor, or
   * `heads`, the predictors alone, which answer about the anchor and fall silent when their windows are over.
   */
  readonly source?: ScoreSource
  /** Seconds of the label window after the anchor: so long the outcome of a touch is open. Default 480. */
  readonly windowSeconds?: number
  /** Kinds of which there is one level at a time, known by its kind while its price moves; default `SINGLE_KINDS` of features. */
  readonly singleKinds?: readonly string[]
  /** Pins to begin with. */
  readonly pins?: readonly Pin[]
  /**
   * Called with the row of every touch at its confirmation, also of levels that are no targets: to watch, not to change what is
   * scored. The row is the caller's. It must not throw.
   */
  readonly onConfirmed?: (row: RowValues) => void
}

/** A level of a snapshot that could not become a target. */
export interface RejectedLevel {
  /** Its place in `snapshot.levels`. */
  readonly index: number
  readonly level_id: string | null
  readonly code: 'bad_level' | 'bad_price' | 'duplicate_level' | 'too_many_levels'
}

/** What one tick gave. */
export interface TickResult {
  readonly tsNs: bigint
  /** By what `utility.order` names, falling; those without it after the others, by falling relevance. */
  readonly targets: readonly Target[]
  readonly rejected: readonly RejectedLevel[]
  /** Pinned levels left out because there are more than `mostPinned`. */
  readonly pinsLeftOut: number
  /** Messages of bars that the row source refused, the first twenty; the tick went on without them. */
  readonly barErrors: readonly string[]
}

/** Why a bar was left out. */
export type BarRejection = BarFault | 'not_ended' | 'refused'

/** State of a viewport, for people and metrics. Counts are since the viewport was made. */
export interface ViewportStatus {
  readonly ticks: number
  readonly lastTsNs: bigint | null
  /** Levels remembered, and those forgotten because there were too many. */
  readonly levels: number
  readonly evictedLevels: number
  readonly pins: readonly Pin[]
  /** Heads that the payload needs and no predictor has: their fields are null. */
  readonly missingHeads: Readonly<Record<Stage, readonly string[]>>
  readonly hasNeighbours: Readonly<Record<Stage, boolean>>
  /** Targets of the last tick by state. */
  readonly targetsByState: Readonly<Record<TargetState, number>>
  /** Failed targets by code, with the last message of each. */
  readonly failures: Readonly<Partial<Record<TargetError, { readonly count: number; readonly last: string }>>>
  readonly rejectedLevels: number
  readonly rejectedBars: number
  /** The same by code. `not_ended`: of a minute that is not over. `refused`: no bar, or not the next one. */
  readonly rejectedBarsBy: Readonly<Partial<Record<BarRejection, number>>>
  /** Jumps of price that were accepted because ticks agreed on them, or because the sender announced them. */
  readonly believedJumps: number
  /** How often time went back behind ticks that had been ahead of the clock: levels and later bars were forgotten. */
  readonly rewinds: number
}

/** The targets near the price, scored at every tick. One tick at a time. */
export interface Viewport {
  /** What orders the targets, and what a trade costs. */
  readonly utility: UtilitySettings
  /**
   * Takes the snapshot's bars, moves every level's state, chooses the targets and scores them. Synchronous. What fails at one
   * level is reported in that target's `error`; the others are scored. Throws {@link SnapshotError} for a snapshot that
   * cannot be scored at all (time, spot), which changes nothing.
   */
  tick(snapshot: Snapshot): TickResult
  /** Takes a bar of the past, as it is: before the first tick. Throws as the row source does. */
  learn(bar: SnapshotBar): void
  /** Pins levels of a kind, at every price or at one (to half a cent). Pinning twice is pinning once. */
  pin(pin: Pin): void
  /** Takes a pin away; false where there was none like it. */
  unpin(pin: Pin): boolean
  /** Serves other models from the next tick on; states, touches and pins stay. */
  replaceModels(models: Models): void
  status(): ViewportStatus
}
