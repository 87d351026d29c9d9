import { BLOCK_GROUPS } from './layout.ts'
import { resolutionShift } from './resolution.ts'
import type { ReferenceState } from './reference.ts'

/** Four columns whose cells lie side by side. */
export interface Group {
  readonly index: number
  /** Where its cells begin in a histogram, in 32-bit integers. */
  readonly start: number
  readonly bins: number
  readonly minBins: number
}

/** The groups of a block. */
export function groupsOf({ i32, at }: ReferenceState, block: number): readonly Group[] {
  const first = block * BLOCK_GROUPS
  const count = Math.min(at.groups - first, BLOCK_GROUPS)
  return Array.from({ length: count }, (_, k) => ({
    index: first + k,
    start: (i32[(at.groupStart >> 2) + first + k] as number) * 8,
    bins: i32[(at.groupBins >> 2) + first + k] as number,
    minBins: i32[(at.groupMinBins >> 2) + first + k] as number,
  }))
}

/** Cells of a group's values in a histogram for so many rows, and how many bins share one. */
export function histogramBins(
  { bins, minBins }: Group,
  rows: number,
): { readonly count: number; readonly shared: number } {
  const shared = 2 ** resolutionShift(minBins, rows)
  return { count: Math.ceil(bins / shared), shared }
}

/** 32-bit integers that a group's cells take, that of missing values among them. */
export const sizeOf = (group: Group, rows: number): number => 8 * (histogramBins(group, rows).count + 1)
