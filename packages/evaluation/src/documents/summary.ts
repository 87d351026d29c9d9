import type { Anchor } from '@breakwater/features'
import type { Score } from './figures.ts'

/** A group of heads of one anchor. Scores are means over its heads of their means over rows. */
interface Group {
  /** Heads of the group with rows to score. */
  readonly heads: number
  /** Distinct touches, and sessions, that any of them was scored on. */
  readonly rows: number
  readonly sessions: number
  /** What is saved beside the law alone, without the tilt of features, paired by session; above 0 where what is served is better. */
  readonly beyond_law: Score
  /** What is saved beside the base rates, or medians, of training. */
  readonly beyond_base: Score
}

/** How well a group of heads is served, in nats. */
export interface GroupSummary extends Group {
  /** Of what is served, with the interval of whole sessions resampled. */
  readonly mean_log_loss: Score
}

/** How well strength is served, in dollars. */
export interface StrengthSummary extends Group {
  /** Of what is served, with the interval of whole sessions resampled. */
  readonly mae: Score
}

/** A set in six figures, of every touch minute. A group without rows is null. */
interface SummaryFigures {
  readonly reach: GroupSummary | null
  readonly tradeable: GroupSummary | null
  readonly direction: GroupSummary | null
  /** Of the excursion from the level, `strength_signed`. */
  readonly strength: StrengthSummary | null
  /** Of the excursion from the price at the anchor, `strength_ahead`, which the law forecasts alone. */
  readonly strength_ahead: StrengthSummary | null
  /** Of how far price goes on and how far it comes back from there, `beyond_ahead` and `back_ahead` together. */
  readonly extremes_ahead: StrengthSummary | null
}

/** A set in a few figures, at its primary anchor, or at its first where that was not trained. */
export interface SetSummary extends SummaryFigures {
  readonly anchor: Anchor
  /**
   * The same of the touches alone that begin an episode, see `episodeStarts`: as often as somebody who acts once an episode would. Absent where signals do not
   * tell them.
   */
  readonly episodes?: SummaryFigures | undefined
}
