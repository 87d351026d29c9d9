import type { RowValues } from '@breakwater/features'
import type { Stage } from '@breakwater/features/vocabulary'
import type { NeighbourVote } from './ensemble.ts'
import type { Physics, SnapshotBar } from './snapshot.ts'

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
   * row's own and is written again by the next call. Throws on a physics value of the wrong type.
   */
  values(physics: Physics | undefined, afterS: number): RowValues
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
  readonly neighbours: NeighbourIndex | null
}

/** Models by stage. */
export type Models = Readonly<Record<Stage, StageModels>>
