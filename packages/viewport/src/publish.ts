import { directionOf } from '@breakwater/features/vocabulary'
import type { LevelEntry } from './level-book.ts'
import { elapsedSeconds, type PathTick, priceAbout } from './path.ts'
import { stageOf } from './rows.ts'
import type { Scores } from './serve.ts'
import type { Target } from './target.ts'

/** A target of this tick: where its level stands, and its scores, or `none`. */
export function targetOf(entry: LevelEntry, tick: PathTick, none: Scores): Target {
  const { spot, tsNs, windowNs } = tick
  const { level, memory, scored, failure } = entry
  const shown = failure === null ? scored : null
  const scores = shown?.scores ?? none
  const elapsed = elapsedSeconds(memory, tsNs, windowNs)
  const sign = shown?.sign ?? memory.side
  const price = priceAbout(entry, level.price, tick)
  return {
    level_id: level.id,
    level_kind_name: level.kind,
    level_price: price,
    direction: sign === 0 ? null : directionOf(sign),
    distance: Math.abs(price - spot),
    distance_signed: price - spot,
    p_tradeable_2: scores.p_tradeable_2,
    p_break: scores.p_break,
    p_bounce: scores.p_bounce,
    p_neither: scores.p_neither,
    p_break_given_tradeable: scores.p_break_given_tradeable,
    p_bounce_given_tradeable: scores.p_bounce_given_tradeable,
    p_break_condition: 'joint_with_tradeable_2',
    p_break_interval: scores.p_break_interval,
    p_bounce_interval: scores.p_bounce_interval,
    strength_signed: scores.strength_signed,
    strength_signed_interval: scores.strength_signed_interval,
    strength_abs: scores.strength_abs,
    time_to_threshold: scores.time_to_threshold,
    retrieval: scores.retrieval,
    ensemble: scores.ensemble,
    feasibility_mask: scores.feasibility_mask,
    utility_score: scores.utility_score,
    as_of_ts_ns: scores === none ? null : (shown?.asOfNs ?? null),
    elapsed_s: elapsed,
    condition: elapsed === null ? 'given_touch' : 'since_touch',
    source: scores.source,
    p_touch: scores.p_touch,
    settled: scores.settled,
    intervals: scores.intervals,
    intervals_missing: scores.intervals_missing,
    strength_ahead: scores.strength_ahead,
    expected_extremes: scores.expected_extremes,
    expected_move: scores.expected_move,
    utility_net: scores.utility_net,
    features: scores === none ? null : (shown?.features ?? null),
    viewport_state: memory.state,
    stage: stageOf(memory.state),
    row_basis: shown?.basis ?? null,
    pinned: entry.pinned,
    relevance: entry.relevance,
    touch_ts_ns: memory.touchNs,
    confirm_ts_ns: memory.confirmNs,
    error: (failure ?? scored?.failure)?.code ?? null,
  }
}
