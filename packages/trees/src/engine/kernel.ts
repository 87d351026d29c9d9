// What the training kernel and its host share: the kernel's functions, the fields of its tables and the constants that both
// compute with. kernel/generate.ts writes the AssemblyScript side of the tables and constants from this file.

/**
 * Fields of the table of one head's arrays, in the order in which a kernel reads them: 32-bit integers, addresses in bytes.
 * The first two are counts.
 */
export const FIELDS = [
  'rows',
  'groups',
  'rowBins',
  'columnBins',
  'groupStart',
  'groupBins',
  'order',
  'spare',
  'packed',
  'nodePacked',
  'tileCodes',
  'columnHistogram',
  'bestCut',
  'spareHistogram',
  'scores',
  'gradients',
  'hessians',
  'labels',
  'weights',
  'gains',
  'siblingGains',
  'request',
  'sums',
  'goesLeft',
  'groupMinBins',
  'columnOf',
] as const

/** Where the arrays of one thread lie. */
export type Addresses = Readonly<Record<(typeof FIELDS)[number], number>>

/** Bits of a search's flags; see {@link Kernel}.search. */
export const SEARCH = { everyRow: 1, node: 2, sibling: 4, keep: 8 } as const

/**
 * Entries of `request`, 64-bit floats: sums of the node and what each side of its cuts needs, the same of its sibling, l2
 * (all in fixed-point units), the rows of the larger of the two, and those of the larger of the parent and its sibling.
 */
export const REQUEST = {
  gradient: 0,
  hessian: 1,
  minHessian: 2,
  siblingGradient: 3,
  siblingHessian: 4,
  siblingMinHessian: 5,
  l2: 6,
  rows: 7,
  parentRows: 8,
} as const

/** Entries of `bestCut`, 64-bit floats: left sums, the hessian of missing values, and the rank. */
export const BEST_CUT = { gradient: 0, hessian: 1, missingHessian: 2, rank: 3 } as const

/** Entries of `sums`, 64-bit floats: sums of |g|, h and the loss. */
export const SUMS = { gradient: 0, hessian: 1, loss: 2 } as const

/** Codes of a column: 0 is missing, code b + 1 is value bin b. */
export const CODES = 256

/** Rows of a tile: the codes of all its blocks stay in the second-level cache while they are added block by block. */
export const TILE_ROWS = 2048

/** Columns of more bins than this have histograms of fewer bins in small nodes. */
export const MAX_FULL_BINS = 64

/** Histogram bins that a column of many bins keeps at least. */
export const MIN_HISTOGRAM_BINS = 15

/**
 * Share of S up to which missing values are ranked on the right alone where bins are merged: so few change ranks no more
 * than merging does, and the cut that is located has them on either side.
 */
export const FEW_MISSING = 0.0625

/** Columns whose ranks differ by less than this share tie: 32 bits cannot tell them apart. */
export const COLUMN_TIE = 1e-5

/** Cuts whose ranks are below the best by less than this share tie with it: the first wins. */
export const CUT_TIE = 1e-7

/** The smallest hessian of a row of weight 1. */
export const MIN_ROW_HESSIAN = 1e-16

/**
 * The inner loops of training, over memory that the layout describes. Implemented twice, to the same bits: in WebAssembly
 * (kernel/*.as.ts) and in plain TypeScript (the reference). Addresses are bytes, rows and ranges are half-open.
 */
export interface Kernel {
  /** Points the kernel at the region whose table lies there. */
  attach(table: number): void
  /**
   * Builds the histogram of the rows `order[from..to)` (of the rows from..to themselves with `everyRow`) and searches it
   * (`node`), or that of its sibling, which is the parent's minus it (`sibling`), or both, in the blocks `first` to `end`.
   * Writes each column's best rank d^2 / (A (S - A)) to `gains` and `siblingGains`: 0 where no cut leaves the minimum hessian
   * on both sides. `keep` stores the node's histogram at `histogram` and its sibling's in place of the parent's. The node is
   * described by `request` (see {@link REQUEST}); its rows give the resolution of the histograms (see resolution.ts). The
   * parent's histogram is merged to the resolution of its children.
   */
  search(from: number, to: number, histogram: number, parent: number, first: number, end: number, flags: number): void
  /**
   * The slot of the largest rank above 0 among the ranks of so many slots at `ranks`, of those within {@link COLUMN_TIE} the
   * first column's; -1 where none is.
   */
  bestColumn(ranks: number, slots: number): number
  /**
   * The cut of one column with the largest rank, in 64 bits: twice its value bin, plus 1 where missing values go left; -1
   * where none leaves `minHessian` and `minRows` on both sides with d^2 above `noise` and a rank above `minRank`. Reads the
   * histogram, or builds the column's from the rows where that is 0 or rows are limited. Writes `bestCut` (see
   * {@link BEST_CUT}). Cuts ascend, each with missing values right, then left; ranks within {@link CUT_TIE} of the best tie and
   * the first wins.
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
  /** Writes the histogram of one column over `order[from..to)` to `columnHistogram`: its sums and its rows by code, four 32-bit integers each. */
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
