import type { Anchor } from '@breakwater/features'
import type { Score } from './figures.ts'

/** How well a group of heads of one anchor is served: the mean over its heads of their mean log losses. */
export interface GroupSummary {
  /** Heads of the group with rows to score. */
  readonly heads: number
  /** Distinct touches, and sessions, that any of them was scored on. */
  readonly rows: number
  readonly sessions: number
  /** Of what is served, in nats, with the interval of whole sessions resampled. */
  readonly mean_log_loss: Score
  /** What it saves beside the base rates of training, paired by session; above 0 where it is better. */
  readonly beyond_base: Score
}

/** A set in three figures, at its primary anchor, or at its first where that was not trained. A group without rows is null. */
export interface SetSummary {
  readonly anchor: Anchor
  readonly reach: GroupSummary | null
  readonly tradeable: GroupSummary | null
  readonly direction: GroupSummary | null
}
