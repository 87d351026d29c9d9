/** Bits of a search's flags; see {@link Kernel}.search. */
export const SEARCH = { everyRow: 1, node: 2, sibling: 4, keep: 8 } as const

/**
 * The inner loops of training, over memory that the layout describes. Implemented twice, to the same bits: in WebAssembly
 * (kernel/train) and in plain TypeScript (the reference). Addresses are bytes, rows and ranges are half-open.
 */
export interface Kernel {
  /** Points the kernel at the region whose table lies there. */
  attach(table: number): void
  /**
   * Builds the histogram of the rows `order[from..to)` (of the rows from..to themselves with `everyRow`) and searches it
   * (`node`), or its sibling, whose cells are the parent's less it (`sibling`), or both, in the blocks `first` to `end`. Writes
   * each column's best rank d^2 / (A (S - A)) to `gains` and `otherGains`: 0 where no cut leaves its least hessian on both
   * sides. `keep` stores the node's histogram at `histogram` and its sibling's in place of the parent's. `request` holds
   * gradient, hessian and least hessian of a side, for the node and then for the sibling, then l2 (fixed-point units) and the
   * rows of the larger of the two, then those of the parent and of its sibling. These give the resolution of the histograms
   * (see resolution.ts): bins share cells where they would hold few rows. The parent's cells are merged to the resolution of its
   * children.
   */
  search(from: number, to: number, histogram: number, parent: number, first: number, end: number, flags: number): void
  /**
   * The slot of the largest rank above 0 among the ranks of so many slots at `ranks`, of those within 1e-5 the first column's;
   * -1 where none is.
   */
  bestColumn(ranks: number, slots: number): number
  /**
   * The cut of one column with the largest rank, in 64 bits: twice its value bin, plus 1 where missing values go left; -1 where
   * none leaves `minHessian` and `minRows` on both sides with d^2 above `noise` and a rank above `minRank`. Cells are the
   * histogram's, or are built from the rows where it is 0 or rows are limited. Writes left gradient and hessian, the missing
   * values' hessian and the rank to `found`. Cuts ascend, each with missing values right, then left; ranks within 1e-7 of the
   * best tie and the first wins.
   */
  locate(
    from: number,
    to: number,
    slot: number,
    histogram: number,
    bins: number,
    gradient: number,
    hessian: number,
    l2: number,
    minHessian: number,
    minRows: number,
    noise: number,
    minRank: number,
  ): number
  /** Writes one column over `order[from..to)` to `columnHistogram`: for each code its sums and its rows, four 32-bit integers. */
  column(from: number, to: number, slot: number): void
  /** Moves `order[from..to)` so that rows whose code is marked in `goesLeft` come first; returns where the others begin. */
  partition(from: number, to: number, slot: number): number
  /** Adds a value to the scores of `order[from..to)`. */
  addLeaf(from: number, to: number, value: number): void
  /** Adds one of two values to the scores of `order[from..to)`, by the side they go to. */
  addLeaves(from: number, to: number, slot: number, left: number, right: number): void
  /** Writes derivatives of binary cross entropy, and their sums. */
  logistic(): void
  /** Writes derivatives of squared error, and their sums. */
  squared(): void
  /**
   * Packs the derivatives of every row as integers: each times its scale, rounded; hessians at least 1. Returns the largest
   * hessian.
   */
  pack(gradientScale: number, hessianScale: number): number
}
