import type { NeighbourVote } from './ensemble.ts'

/** What a look-up of similar touches answers, as far as the mix needs it: fields of a retrieval summary. */
export interface NeighbourShares {
  /** Share of BREAK among neighbours that broke or bounced; null where none did. */
  readonly pBreakGivenTradeable: number | null
  /** Share of the indexed touches whose own neighbours are at least as near; null without a reference. */
  readonly distancePercentile: number | null
  /** Entropy of the outcomes over its greatest value; null without outcomes. */
  readonly entropy: number | null
}

/**
 * The vote of the neighbours, or why they have none. Similarity is 1 - `distancePercentile`: the share of indexed touches
 * that are more lonely than the asked one. It means the same at any number of columns, whereas 1 / (1 + distance) shrinks
 * as columns are added until the 0.6 of the disagreement rule is out of reach. O(1).
 */
export function neighbourVote(shares: NeighbourShares): NeighbourVote | { readonly missing: string } {
  const { pBreakGivenTradeable, distancePercentile, entropy } = shares
  if (pBreakGivenTradeable === null || entropy === null) return { missing: 'no neighbour broke or bounced' }
  if (distancePercentile === null) return { missing: 'the index has no distances to compare with' }
  return { breakGivenTradeable: pBreakGivenTradeable, similarity: 1 - distancePercentile, entropy }
}
