import { MAX_FULL_BINS, MIN_HISTOGRAM_BINS } from './kernel.ts'
import type { ReferenceState } from './reference-state.ts'

/**
 * How many times the bins of a group are halved in a histogram made for `rows` rows, where `minBins` is the minimum of the value
 * bins of its columns ({@link EngineLayout}.groupMinBins). Neighbouring cuts of a small node differ little, so that one of two,
 * four, eight or sixteen is enough to choose the column. `rows` are those of the larger of a node and its sibling, whose
 * histograms must match.
 */
export function resolutionShift(minBins: number, rows: number): number {
  if (minBins <= MAX_FULL_BINS || rows >= 32 * minBins) return 0
  if (rows >= 8 * minBins) return 1
  if (rows >= 2 * minBins || minBins < MIN_HISTOGRAM_BINS << 3) return 2
  return rows >= minBins || minBins < MIN_HISTOGRAM_BINS << 4 ? 3 : 4
}

/** Columns in a group: their histograms lie side by side. */
export const GROUP_COLUMNS = 4

/** Groups of a block: their histograms fit the first-level cache. */
export const BLOCK_GROUPS = 4

/** Columns of a block: bytes of a row in it. */
export const BLOCK_COLUMNS: number = GROUP_COLUMNS * BLOCK_GROUPS

/** 32-bit integers of one bin of a group: hessian and gradient of each column. */
export const BIN_WORDS: number = 2 * GROUP_COLUMNS

/** Four columns whose histograms lie side by side. */
export interface Group {
  readonly index: number
  /** Where its bins begin in a histogram, in 32-bit integers. */
  readonly start: number
  readonly bins: number
  readonly minBins: number
}

/** The groups of a block. */
export function groupsOf({ i32, at }: Pick<ReferenceState, 'i32' | 'at'>, block: number): readonly Group[] {
  const first = block * BLOCK_GROUPS
  const count = Math.min(at.groups - first, BLOCK_GROUPS)
  return Array.from({ length: count }, (_, k) => ({
    index: first + k,
    start: (i32[(at.groupStart >> 2) + first + k] as number) * BIN_WORDS,
    bins: i32[(at.groupBins >> 2) + first + k] as number,
    minBins: i32[(at.groupMinBins >> 2) + first + k] as number,
  }))
}

/** Bins of a group's values in a histogram for so many rows, and how many value bins are merged into one. */
export function histogramBins(
  { bins, minBins }: Pick<Group, 'bins' | 'minBins'>,
  rows: number,
): { readonly count: number; readonly merged: number } {
  const merged = 2 ** resolutionShift(minBins, rows)
  return { count: Math.ceil(bins / merged), merged }
}

/** 32-bit integers that a group's histogram takes, the bin of missing values included. */
export const histogramWords = (group: Group, rows: number): number => BIN_WORDS * (histogramBins(group, rows).count + 1)
