/**
 * The cooperative game that a tree's leaf plays: its players are the different columns on its path, by place. Contributions
 * of a tree are the sums of its leaves' (Shapley values are linear in the game, and all other columns get 0).
 */
export interface LeafGame {
  /** Prepares for a leaf. */
  turnTo(leaf: number): void
  /**
   * Writes the Shapley values of the current leaf's places to `out`, for a row that gives the answers leading to the leaf
   * about the columns whose bit is set in `mask`, and no others.
   */
  shares(mask: number, out: Float64Array): void
}
