import type { RowValues } from '@breakwater/features'
import type { Stage } from '@breakwater/features/vocabulary'
import type { NeighbourVote } from './ensemble.ts'
import type { Physics, SnapshotBar } from './snapshot.ts'
import type { FittedMix, MixKind } from './mix-terms.ts'
import type { ScoreSource } from './target.ts'

/** The features of one level at one touch, real or supposed. */
export interface TouchRow {
  /** Start of the touch minute, t0. */
  readonly tsNs: bigint
  /** +1 when price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
  /** Dollars a minute toward the level; NaN where there are too few bars. */
  readonly approachVelocity: number
  /** Weighted closeness of other key levels, in [0, 1]; NaN where there are none. */
  readonly confluence: number
  /** Grows whenever {@link values} has changed something. */
  readonly revision: number
  /**
   * All features with `physics` where their windows have ended `afterS` seconds after t0, missing else. The object is the
   * row's own and is written again by the next call. Throws on a physics value of the wrong type. `spot`, the price at the
   * confirmation, tells how far it has moved; that is missing before.
   */
  values(physics: Physics | undefined, afterS: number, spot?: number): RowValues
}

/** A level's path: after a touch, or before one. Prices in dollars. */
export interface FollowedPath {
  /** Where the level stood at the touch, or stands now. */
  readonly price: number
  /** +1 when price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
  /** Start of the touch minute in minutes since 1970; null before a touch. */
  readonly touchMinute: number | null
  /** ATR of the touch; null where it is not known. */
  readonly atr: number | null
  /** Prices of ticks since the touch. */
  readonly seen?: { readonly highest: number; readonly lowest: number } | undefined
}

/** Writes the moments of paths at one time; see `moments` of the live features. */
export interface MomentSource {
  /** Seconds until the session closes. */
  readonly leftS: number
  /** Writes the numbers of a path's moment to `out`, as if price stood at `spot` where that is given. */
  write(path: FollowedPath, out: Float64Array, spot?: number): void
}

/** Bars so far, and rows made from them: the live features of `@breakwater/features`. */
export interface RowSource {
  /** Grows by at least 1 with every bar taken. */
  readonly version: number
  /** Start of the last bar taken; null before the first. */
  readonly lastBarNs: bigint | null
  /** Adds a bar that has ended. Throws on a bar that is not the next one; the source is then as it was. */
  push(bar: SnapshotBar): void
  /** Forgets the bars that had not ended at `tsNs`: the clock that let them in was wrong. Without it they stay. */
  rewind?(tsNs: bigint): void
  /**
   * The row of a level as if the last bar had touched it, price coming from the side `sign` (0: unknown, taken from the bars); null
   * before the first bar of a session and where the side is unknown.
   */
  supposed(level: RowLevel, sign: -1 | 0 | 1): TouchRow | null
  /**
   * The row of a touch in the minute that holds `touchNs`, from the side given by the bars (`sign` where they give none); null
   * until that minute's bar has been pushed, and where the bar is absent, no longer held, or the side is unknown.
   */
  touched(level: RowLevel, touchNs: bigint, sign: -1 | 0 | 1): TouchRow | null
  /**
   * The moments of paths at a time, with price at `spot` and ranges of bars by a forecaster's profile; null outside the session. Absent where
   * the source knows none.
   */
  moments?(tsNs: bigint, spot: number, profile: ArrayLike<number> | null): MomentSource | null
}

/** What a row needs of a level. */
export interface RowLevel {
  readonly kind: string
  readonly price: number
}

/** Where a predictor puts its answers; NaN where it has none. `[h * count + r]` is head h of row r. */
export interface Predictions {
  readonly values: Float64Array
  /** Interval of the value, both ends included; NaN where the head gives none. */
  readonly low: Float64Array
  readonly high: Float64Array
}

/** All heads of one stage over one encoded row each. */
export interface Predictor {
  /** Names of the heads that are loaded, in the order of their answers: `direction`, `t1_60s`, `t2_break_120s_2min`, ... */
  readonly heads: readonly string[]
  /** Number of floats of an encoded row. */
  readonly width: number
  /** Writes the encoded row to `out` (`width` floats). Called when a row has changed. Throws on an absent column. */
  encode(row: RowValues, out: Float32Array): void
  /**
   * Served (calibrated) answers of `count` rows that lie one after another in `rows`. Writes `out`, which is at least as long
   * as needed; keeps nothing. A head that fails writes NaN.
   */
  predict(rows: Float32Array, count: number, out: Predictions): void
}

/** A path that a forecaster is asked about. */
export interface PathMoment {
  /** The level, dollars. */
  readonly price: number
  /** What a {@link MomentSource} writes of the path since its touch; before one, as if price touched the level now. */
  readonly numbers: Float64Array
  /** Features of the touch; null where there are none yet. */
  readonly row: RowValues | null
  /** Before a touch, what a {@link MomentSource} writes of the path as it is; null after one. */
  readonly approach: Float64Array | null
  /** Whether this is the anchor: the touch is confirmed, less than a second ago, and `row` is that of its confirmation. Default false. */
  readonly isAnchor?: boolean
}

/** How many features had a value, of those that were asked for. */
export interface FeatureCount {
  readonly known: number
  readonly asked: number
}

/** Forecasts where a path goes from a moment on: every answer is given the path so far, and they agree with each other. */
export interface PathForecaster {
  /**
   * Names of the answers, in order: heads of the primary anchor, `p_break` and `p_bounce`, `ahead_break` and `ahead_bounce` (expected
   * furthest displacement from the level each way, dollars, back from it positive), `p_touch_60s` and so on.
   */
  readonly heads: readonly string[]
  /** Number of a moment's numbers. */
  readonly width: number
  /** The window of the heads that are no reach, seconds. */
  readonly windowSeconds: number
  /** How volatile each minute of the session usually is, where its moments are made with that; by default they are not. The same object always. */
  readonly profile?: ArrayLike<number> | null
  /** What its answers come from at the anchor, where heads may stand in for the law; default the law. */
  readonly atAnchor?: ScoreSource
  /** Writes the answers about one path to `out`, one a head; NaN where there is none. */
  forecast(moment: PathMoment, out: Predictions): FeatureCount
}

/** The answer of similar past touches for one row. */
export interface NeighbourAnswer {
  /** The vote for the mix, or why there is none. */
  readonly vote: NeighbourVote | { readonly missing: string }
  /** The payload's `retrieval`: plain JSON; null where there is none. */
  readonly summary: Readonly<Record<string, unknown>> | null
}

/** A look-up among touches of the past. */
export interface NeighbourIndex {
  /** Answers for a row; only outcomes known by `asOfNs` may count. Never throws for what the index holds. */
  query(row: RowValues, asOfNs: bigint): NeighbourAnswer
}

/** What scores the targets of a stage. null where it is not loaded. */
export interface StageModels {
  readonly predictor: Predictor | null
  /** Answers instead of the predictor at every moment; absent or null where none is loaded. */
  readonly path?: PathForecaster | null
  /** The law of the path forecaster without its tilt and its shift of P(touch): what a watch holds published numbers against. Nothing is published of it. */
  readonly law?: PathForecaster | null
  readonly neighbours: NeighbourIndex | null
  /** How neighbours and gate enter P(break | tradeable) by what training chose, and the terms that it fitted; absent or null where it chose nothing. */
  readonly mix?: { readonly kind: MixKind; readonly fitted: FittedMix | null } | null
}

/** Models by stage. */
export type Models = Readonly<Record<Stage, StageModels>>
