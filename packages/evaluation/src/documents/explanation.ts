import type { Anchor } from '@breakwater/features'
import type { Score } from './figures.ts'

/** A column of the model and the share of the head's total split gain that it earned. */
export interface Importance {
  readonly column: string
  readonly gain: number
  /** `gain` over the head's total, in [0, 1]; null where the head made no split. */
  readonly share: number | null
}

/** What the columns contributed to a model's raw score, by exact Shapley values (TreeSHAP, path-dependent). */
export interface Attributions {
  /** Rows that were explained: of those that the model did not train on, evenly spaced. */
  readonly rows: number
  /** Of the raw score: log odds for a binary head, dollars for a regression head. */
  readonly unit: 'log odds' | 'dollars'
  /** By falling mean absolute contribution. */
  readonly columns: readonly { readonly column: string; readonly meanAbsolute: number; readonly mean: number }[]
}

/** Why a model's scores cannot be taken apart. */
export interface NoAttributions {
  readonly reason: string
}

/**
 * What is lost of the log loss where the law's tilt sees a column of other sessions in place of its own, in nats, paired by session; above 0
 * where the column adds something.
 */
export interface ColumnGain {
  readonly column: string
  /** Mean over the heads of the anchor that ask for a probability of the means over their rows. */
  readonly gain: Score
  /** Of direction alone. */
  readonly direction: Score
}

/** What each column adds beyond the law, through its tilt: the law itself does not move. */
export interface ColumnGains {
  readonly anchor: Anchor
  /** Touches of the last fold's test rows, and their sessions. */
  readonly rows: number
  readonly sessions: number
  readonly heads: number
  /** How many other sessions each session's values are taken from; losses are their mean. */
  readonly swaps: number
  /** All columns at once. Columns that say the same stand in for each other, so it may be more than their sum. */
  readonly all: Omit<ColumnGain, 'column'>
  /** Columns that the tilt splits on most, by falling gain. */
  readonly columns: readonly ColumnGain[]
  /** The other columns that it splits on, together; null where there are none. */
  readonly others: (Omit<ColumnGain, 'column'> & { readonly columns: readonly string[] }) | null
}

/** Why it is not known what columns add beyond the law. */
export interface NoColumnGains {
  readonly reason: string
}
