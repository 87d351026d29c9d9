import { emptyReport, type EncodeReport } from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'

/** From this share on a row counts as unlike anything indexed. */
const UNLIKE_FROM = 0.99

/** Words of a column that are counted one by one: a sender may invent any number. */
const MAX_VALUES = 100

/** What scoring met since the scorer was made, across reloads. Written as it goes. */
export interface ScoreCounts {
  /** Rows without a value by column, and rows with a category that training had not. */
  readonly encoding: EncodeReport
  /**
   * Look-ups, and those whose row is farther from its neighbours than {@link UNLIKE_FROM} of the training rows from
   * theirs.
   */
  lookUps: number
  unlike: number
  /** Look-ups that gave up a filter, by its name. */
  readonly droppedFilters: Map<string, number>
  /** Look-ups without a vote in the mix: trees alone, by reason. */
  readonly noVote: Map<string, number>
}

/** Counts of nothing. */
export function emptyCounts(): ScoreCounts {
  return { encoding: emptyReport(MAX_VALUES), lookUps: 0, unlike: 0, droppedFilters: new Map(), noVote: new Map() }
}

/** One more of `key`. */
export function countOne(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Whether a row is farther from its neighbours than nearly all training rows from theirs; `percentile` is that of its distance. */
export const isUnlike = (percentile: number | null): boolean => percentile !== null && percentile >= UNLIKE_FROM

/** Counts one look-up. */
export function countLookUp(counts: ScoreCounts, { distancePercentile, dropped }: Summary): void {
  counts.lookUps += 1
  if (isUnlike(distancePercentile)) counts.unlike += 1
  for (const filter of dropped) countOne(counts.droppedFilters, filter)
}
