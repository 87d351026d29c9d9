import type { Direction, Stage } from '@breakwater/features/vocabulary'
import type { GateRule } from './feasibility.ts'

/**
 * Where a level stands.
 * FAR: neither of the following. APPROACHING: within the approach band and price moves toward it. IN_MONITOR_BAND: within
 * the monitor band, not touched. TOUCH: touched, and the confirmation window runs. CONFIRMATION: the window has run, and the
 * level has not resolved. RESOLVED: price has left the monitor band after confirmation.
 */
export type TargetState = 'FAR' | 'APPROACHING' | 'IN_MONITOR_BAND' | 'TOUCH' | 'CONFIRMATION' | 'RESOLVED'

/**
 * What a target's features are. `supposed`: as if the last bar had touched the level now. `touch`: the touch that happened,
 * with what is known so far. `confirmation`: the touch with everything known at its confirmation, built once.
 */
export type RowBasis = 'supposed' | 'touch' | 'confirmation'

/**
 * Why a target is published without scores, or without some of them.
 * no_bars: no bar has come yet, or no regular one of the session. stale_bars: the last bar is too old. future_bars: a
 * bar had not ended. no_side: the side that price comes from is unknown. no_touch_row: the bar of a confirmed touch
 * never came. row_failed: the features could not be built. no_models: nothing is loaded for the stage. encode_failed:
 * a value of the row is not what the encoder takes. predict_failed: the predictor failed, or answered with what is no
 * probability. head_failed: a head that is loaded gave no answer; its fields are null. retrieval_failed: the look-up
 * failed; the trees stand alone. mix_failed: ensemble or gate met a value out of range.
 */
export type TargetError =
  | 'no_bars'
  | 'stale_bars'
  | 'future_bars'
  | 'no_side'
  | 'no_touch_row'
  | 'row_failed'
  | 'no_models'
  | 'encode_failed'
  | 'predict_failed'
  | 'head_failed'
  | 'retrieval_failed'
  | 'mix_failed'

/** Which reach a probability is about: threshold 1 or 2, on either side, beyond the level (break) or before it (bounce). */
export type ReachKey = 't1' | 't2' | 't1_break' | 't1_bounce' | 't2_break' | 't2_bounce'

/**
 * Probability by horizon in seconds ("60", ...); null where the head is missing, and where price was beyond the threshold at
 * the anchor already.
 */
export type ByHorizon = Readonly<Record<string, number | null>>

/**
 * What the outcomes of a target are conditional on. `given_touch`: the level is not touched, and each outcome is one from a
 * touch on, given that it comes. `since_touch`: the touch has happened, and each is given the path so far.
 */
export type Condition = 'given_touch' | 'since_touch'

/**
 * What a target's probabilities come from: the law of first passage, or the heads, which answer for the anchor: in its second alone where there
 * is a law beside them.
 */
export type ScoreSource = 'law' | 'heads'

/**
 * Why a number is 0, 1 or null. `reached`: price is there now. `over`: the time of the question has run out. `unreachable`: the
 * question has no answer any more.
 */
export type Settled = 'reached' | 'over' | 'unreachable'

/** Both ends included. */
export type Interval = readonly [low: number, high: number]

/** Intervals by horizon in seconds. */
export type IntervalByHorizon = Readonly<Record<string, Interval | null>>

/** 95% intervals of the probabilities of a target, by their names; null where one has none. */
export interface TargetIntervals {
  readonly p_tradeable_2: Interval | null
  readonly p_break: Interval | null
  readonly p_bounce: Interval | null
  readonly p_neither: Interval | null
  readonly p_break_given_tradeable: Interval | null
  readonly p_bounce_given_tradeable: Interval | null
  readonly p_touch: IntervalByHorizon | null
  readonly time_to_threshold: Readonly<Record<ReachKey, IntervalByHorizon>>
}

/**
 * Why a target's probabilities, or some of them, have no interval. `no_numbers`: it has no numbers, `error` says why. `not_recorded`: the models do not
 * say how sure they are, as those that were trained before that was recorded.
 */
export type IntervalsMissing = 'no_numbers' | 'not_recorded'

/** The ensemble's part of a payload; all in [0, 1]. */
export interface TargetEnsemble {
  readonly mix_weight: number
  readonly disagreement_penalty: number
  /** |tree - neighbours|, null without neighbours. */
  readonly difference: number | null
  /** They add up to the mixed P(break | tradeable_2), before the gate. */
  readonly contributions: { readonly tree: number; readonly neighbours: number; readonly shrinkage: number }
  /** Why the neighbours have no vote; null where they have one. */
  readonly reason: string | null
}

/** The gate's part of a payload. */
export interface TargetMask {
  readonly allow_break: boolean
  readonly allow_bounce: boolean
  readonly break_logit_bias: number
  /** What the gate added to P(break | tradeable_2); null without a direction head. */
  readonly break_shift: number | null
  readonly rules: readonly GateRule[]
}

/** One published target: the payload's names, null where something is missing, never NaN. */
export interface Target {
  readonly level_id: string
  readonly level_kind_name: string
  /**
   * The price that the numbers are about: from a touch until the window after its confirmation has ended the one that was touched, wherever
   * a level that moves has gone meanwhile; else where the level stands now.
   */
  readonly level_price: number
  /** UP when price comes from below; null where the side is unknown. */
  readonly direction: Direction | null
  /** |spot - level_price|, dollars. */
  readonly distance: number
  /** level_price - spot, dollars. */
  readonly distance_signed: number
  /** null also where price was $2 away at the anchor already; so is everything that needs it. */
  readonly p_tradeable_2: number | null
  /** Unconditional: P($2 is reached and the level breaks) = p_tradeable_2 x p_break_given_tradeable. */
  readonly p_break: number | null
  /** Unconditional: P($2 is reached and the level bounces). With p_break and p_neither it adds up to 1. */
  readonly p_bounce: number | null
  /** P($2 is not reached). */
  readonly p_neither: number | null
  /** Conditional on $2 being reached either way: trees mixed with neighbours, after the gate. */
  readonly p_break_given_tradeable: number | null
  readonly p_bounce_given_tradeable: number | null
  /** Says it once more where the numbers are read: p_break and p_bounce are joint with tradeable_2. */
  readonly p_break_condition: 'joint_with_tradeable_2'
  /**
   * 95% interval of p_break, as in `intervals`. Where the direction head alone gives one, that carried through mix, gate and p_tradeable_2, whose
   * uncertainty it then ignores. null where that gives none either.
   */
  readonly p_break_interval: readonly [number, number] | null
  readonly p_bounce_interval: readonly [number, number] | null
  /** Dollars beyond the level in the direction of approach. */
  readonly strength_signed: number | null
  readonly strength_signed_interval: readonly [number, number] | null
  readonly strength_abs: number | null
  readonly time_to_threshold: Readonly<Record<ReachKey, ByHorizon>>
  readonly retrieval: Readonly<Record<string, unknown>> | null
  readonly ensemble: TargetEnsemble | null
  readonly feasibility_mask: TargetMask | null
  /** p_tradeable_2 x |strength_signed|, dollars. */
  readonly utility_score: number | null
  /** The moment that every number is about; null without numbers. */
  readonly as_of_ts_ns: bigint | null
  /** Seconds since the minute of the touch began, while its outcome is open; null before a touch and after its windows. */
  readonly elapsed_s: number | null
  readonly condition: Condition
  readonly source: ScoreSource | null
  /** P(the level is touched) by horizon in seconds from now; null after a touch, and where no model tells. */
  readonly p_touch: ByHorizon | null
  /** By head, why its number is 0, 1 or null. */
  readonly settled: Readonly<Record<string, Settled>>
  readonly intervals: TargetIntervals | null
  /** Why `intervals` is null, or has none for a probability that is published; null where every one has its own. */
  readonly intervals_missing: IntervalsMissing | null
  /** Expected furthest move on from the price now, less that back from it, dollars in the direction of break. */
  readonly strength_ahead: number | null
  /** Expected furthest displacement from the level within the window from now, dollars: beyond it, and back from it. */
  readonly expected_extremes: { readonly break: number; readonly bounce: number } | null
  /** Expected furthest move from the price now within the window, the larger way, dollars. */
  readonly expected_move: number | null
  /** expected_move less the cost, dollars. */
  readonly utility_net: number | null
  /** How many of the features that the models ask for have a value; null without numbers. */
  readonly features: { readonly known: number; readonly asked: number } | null
  readonly viewport_state: TargetState
  readonly stage: Stage
  readonly row_basis: RowBasis | null
  readonly pinned: boolean
  /** In [-0.35, 1] with the default weights; see `relevanceOf`. */
  readonly relevance: number
  /** First touch of the episode; null without one. */
  readonly touch_ts_ns: bigint | null
  /** When the confirmation window ends or ended; null without an episode. */
  readonly confirm_ts_ns: bigint | null
  readonly error: TargetError | null
}
