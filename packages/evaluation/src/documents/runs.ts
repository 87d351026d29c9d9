import type { Anchor } from '@breakwater/features'
import type { Score, Task } from './figures.ts'

/** One training in a list of trainings. */
export interface RunSummary {
  /** Id of its version; null for a set without one. */
  readonly id: string | null
  readonly stage: string
  readonly ablation: string
  /** ISO 8601, UTC. */
  readonly trained: string
  /** Whether readers of the folder see this one. */
  readonly current: boolean
  /** The signals that it was trained and scored on. */
  readonly data: {
    readonly hash: string
    readonly rows: number
    readonly sessions: number
    readonly firstDate: string
    readonly lastDate: string
  }
  /** Sessions of the rows whose predictions are recorded, and whether these are test rows or the rows that chose the number of trees. */
  readonly scored: { readonly role: 'test' | 'validation'; readonly sessions: number }
  /** What is served, by the choice of its last fold; null in sets from before there were laws. */
  readonly served: { readonly kind: 'law' | 'heads'; readonly reason: string } | null
  /** What is served beside the law alone on test rows; null without test rows or without a law. */
  readonly skill: RunSkill | null
}

/** Means over heads of their mean log loss over rows, in nats. */
export interface RunSkill {
  readonly anchor: Anchor
  /** Which heads: those of reach, or where there are none every probability. */
  readonly group: 'reach' | 'all'
  readonly heads: number
  /** Rows of the head with most. */
  readonly rows: number
  readonly log_loss: number
  readonly law_log_loss: number
  /** What is saved of the law's loss; above 0 where what is served is better. */
  readonly beyond_law: number
}

/** A setting of two runs that is not the same in both; undefined where a run has none. */
export interface SettingDifference {
  readonly name: string
  readonly a: unknown
  readonly b: unknown
}

/**
 * Losses of two runs on the same rows, with intervals of whole sessions resampled: log loss in nats, or the absolute error in dollars
 * of a regression.
 */
export interface PairedLosses {
  readonly rows: number
  readonly sessions: number
  readonly loss_a: Score
  readonly loss_b: Score
  /** Loss of A less that of B, paired by row: above 0 where B is better. */
  readonly saved: Score
}

/** A group of heads of one anchor: means over its heads of their means over rows. */
export interface PairedGroup extends PairedLosses {
  readonly heads: number
}

/** One head on the rows that both runs forecast. */
export interface PairedHead extends PairedLosses {
  readonly name: string
  readonly anchor: Anchor
  readonly task: Task
  /** Common rows with a target that one of the two does not forecast. */
  readonly leftOut: number
}

/** Two runs side by side. */
export interface RunDifference {
  readonly format: 'breakwater-run-difference'
  readonly version: 1
  readonly a: RunSummary
  readonly b: RunSummary
  /** Settings that differ, in the order of their names. */
  readonly settings: readonly SettingDifference[]
  /** Whether both were trained on the same signals, and the sessions of signals that one has and the other lacks. */
  readonly data: { readonly same: boolean; readonly onlyA: readonly string[]; readonly onlyB: readonly string[] }
  /** Sessions whose rows both predict, and recorded rows of each and of both. */
  readonly common: {
    readonly sessions: readonly string[]
    readonly rowsA: number
    readonly rowsB: number
    readonly rows: number
  }
  /** Hash of the signals that the targets are of. */
  readonly targets: string
  readonly method: { readonly level: number; readonly samples: number; readonly seed: number }
  readonly summary: {
    readonly anchor: Anchor
    readonly reach: PairedGroup | null
    readonly tradeable: PairedGroup | null
    readonly direction: PairedGroup | null
    /** In dollars. */
    readonly strength: PairedGroup | null
  }
  readonly heads: readonly PairedHead[]
}
