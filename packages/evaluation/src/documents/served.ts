import type { Direction, ReachSide, Thresholds } from '@breakwater/features'
import type { Band, Score, Task } from './figures.ts'

/** What was published on average over some rows, beside what came of them. */
export interface PublishedGroup {
  /** The group: a state, a basis, a stage, an age in seconds, or a distance in dollars. */
  readonly name: string
  readonly rows: number
  readonly sessions: number
  /** Independent rows that the overlapping ones are worth. */
  readonly effective_rows: number
  readonly mean_prediction: number
  readonly observed_rate: number
  /** Observed rates that calibrated numbers of the same rows would have by chance. */
  readonly band: Band
  readonly log_loss: number
}

/** By what published probabilities are grouped. */
export interface PublishedGroups {
  /** State of the target. */
  readonly state: readonly PublishedGroup[]
  /** What the row was made of: a supposed touch, a touch, a confirmation. */
  readonly basis: readonly PublishedGroup[]
  readonly stage: readonly PublishedGroup[]
  /** Seconds since the touch minute began. */
  readonly age: readonly PublishedGroup[]
  /** Dollars between price and level. */
  readonly distance: readonly PublishedGroup[]
  /** Whether a row is the first that was published of its touch, a later one, or before a touch. */
  readonly episode: readonly PublishedGroup[]
}

/** How well one of the values that can order targets orders what came of them: how far price moved from the level, dollars. */
export interface PublishedRanking {
  /** The value, by its name in the payload. */
  readonly order: string
  readonly sessions: number
  /** Spearman's correlation within a session, mean over sessions. */
  readonly agreement: Score
  /** By how much it is greater than that of `utility_score`; null for that. */
  readonly gain: Score | null
  /** Dollars by which the target that leads a payload moved more than the payload's mean. */
  readonly lead: Score
}

/** One state and one place of price, from -> to in dollars beyond the level; null is without an end. */
export interface PublishedCell extends Omit<PublishedGroup, 'name'> {
  /** Mean half of the published intervals; null where a row had none, absent in documents of older versions. */
  readonly half_interval?: number | null
  readonly state: string
  readonly from: number | null
  readonly to: number | null
}

/** One question that payloads answer. */
export interface PublishedHead {
  /** The head's name without an anchor, `touch_60s`, `p_break` or `p_bounce`. */
  readonly name: string
  readonly task: Task
  readonly rows: number
  readonly sessions: number
  readonly effective_rows: number
  readonly mean_prediction: number
  readonly mean_outcome: number
  /** Log loss, or the absolute error in dollars, with the interval of whole sessions resampled. */
  readonly loss: Score
  /** Null for strength. */
  readonly ece: number | null
  readonly null_ece: Band | null
  /** Empty for strength. */
  readonly groups: PublishedGroups | null
  readonly cells: readonly PublishedCell[]
  /** Published numbers that are not compared with an outcome, by reason. */
  readonly masked: Readonly<Record<string, number>>
}

/** What was published of one touch, minute by minute, twenty at most. */
export interface PublishedTouch {
  /** Kind of the level. */
  readonly kind: string
  /** Dollars. */
  readonly price: number
  readonly direction: Direction
  /** When the level was touched: ISO 8601, UTC. */
  readonly touched: string
  readonly questions: readonly {
    readonly name: string
    readonly threshold: 1 | 2
    readonly side: ReachSide
    readonly horizon: number
  }[]
  readonly moments: readonly {
    readonly elapsed_s: number
    /** Dollars beyond the level. */
    readonly moved: number
    /** By question; null where none was published. */
    readonly probabilities: readonly (number | null)[]
  }[]
}

/** What was published, compared with what happened: the object that `evaluate --served` writes. */
export interface ServedEvaluation {
  readonly format: 'breakwater-served'
  readonly version: 1
  /** The file of published payloads. */
  readonly source: string
  readonly payloads: {
    readonly read: number
    /** At whole minutes: the moments that bars tell the outcomes of. */
    readonly scored: number
    readonly refused: number
    /** By version of the payload. */
    readonly versions: Readonly<Record<string, number>>
  }
  readonly targets: number
  readonly sessions: readonly string[]
  /**
   * Those of them that the models of the set were fitted, stopped or calibrated on: what a replay publishes of these is no forecast of the unseen,
   * and its figures say nothing about skill.
   */
  readonly in_sample: readonly string[]
  readonly thresholds: Thresholds
  readonly method: {
    readonly level: number
    readonly samples: number
    readonly seed: number
    readonly judgedRows: number
  }
  readonly heads: readonly PublishedHead[]
  /** By what targets can be ordered. */
  readonly ranking: readonly PublishedRanking[]
  /** The touch whose reach probabilities were least certain together; null without one. */
  readonly touch: PublishedTouch | null
}
