import type { FeatureBaseline } from '@breakwater/models'

/** Sums over the rows of one feature in one session; plain JSON. */
export interface FeatureTally {
  rows: number
  missing: number
  /** Words that training had not. */
  unseen: number
  /** Rows by bin or word. */
  readonly counts: number[]
}

/** Sums of nothing. */
export const emptyTally = ({ shares }: FeatureBaseline): FeatureTally => {
  return { rows: 0, missing: 0, unseen: 0, counts: shares.map(() => 0) }
}

/** Adds one value: null, undefined and NaN are missing, and so is a word where training had numbers. Writes `tally`. */
export function addValue({ edges, words, shares }: FeatureBaseline, tally: FeatureTally, value: unknown): void {
  tally.rows += 1
  let bin = -1
  if (typeof value === 'string' && words.length > 0) {
    bin = words.indexOf(value)
    if (bin === -1) {
      tally.unseen += 1
      return
    }
  } else if (typeof value === 'number' && Number.isFinite(value) && words.length === 0 && shares.length > 0) {
    // As the encoder rounds it.
    const rounded = Math.fround(value)
    const at = edges.findIndex((edge) => rounded <= edge)
    bin = at === -1 ? edges.length : at
  } else {
    tally.missing += 1
    return
  }
  tally.counts[bin] = (tally.counts[bin] as number) + 1
}

/** Share that an empty bin counts as. */
const LEAST_SHARE = 1e-4

/**
 * Population stability index of counts against shares: sum over bins of (a - e) ln(a / e), a the live share and e that of training, both
 * at least 1e-4 (N. Siddiqi, Credit risk scorecards, 2006). By habit below 0.1 is stable and above 0.25 has moved; it is
 * biased upward where rows are few, by about (bins - 1) / rows. null without a row.
 */
export function stabilityOf(shares: readonly number[], counts: readonly number[]): number | null {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  if (rows === 0) return null
  return shares.reduce((sum, share, bin) => {
    const expected = Math.max(LEAST_SHARE, share)
    const actual = Math.max(LEAST_SHARE, (counts[bin] as number) / rows)
    return sum + (actual - expected) * Math.log(actual / expected)
  }, 0)
}

/** Shares in training of all that a row can be: each bin or word, missing, a word that training had not. */
export function expectedShares({ shares, missing }: FeatureBaseline): number[] {
  return [...shares.map((share) => share * (1 - missing)), missing, 0]
}

/** The same shares in the rows of a session; all 0 without a row. */
export function seenShares({ rows, missing, unseen, counts }: FeatureTally): number[] {
  return [...counts, missing, unseen].map((count) => count / Math.max(1, rows))
}
