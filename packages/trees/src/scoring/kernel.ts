// What the scoring kernel and its host share: the kernel's functions and the records that it reads. kernel/generate.ts
// writes the AssemblyScript side of the records from this file.

/** Entries of a run of thresholds on one column, 32-bit integers; a first answer of 0 is not used. */
export const RUN = { column: 0, count: 1, thresholds: 2, missingRight: 3, missingLeft: 4 } as const

/** Entries of a question on categories, 32-bit integers: `set` is the address of the number of words, then they. */
export const CATEGORY_QUESTION = { column: 0, missingLeft: 1, set: 2, answer: 3 } as const

/** Entries of a tree that is walked, 32-bit integers; its nodes follow. */
export const WALKED_TREE = { levels: 0, leaves: 1, bytes: 2 } as const

/** Entries of a node of such a tree: question number, byte offset of the left child, leaf value (a 32-bit float). */
export const WALKED_NODE = { question: 0, left: 1, value: 2 } as const

/** Rows that are scored together: each is a bit of a question's answers. */
export const BLOCK_ROWS = 8

/** Trees that a block holds. */
export const BLOCK_TREES = 16

/** Levels of a block that are evaluated for all its rows and trees side by side. */
export const UPPER_LEVELS = 4

/**
 * Byte offsets in a block of trees: the number of levels below the upper ones, the number of trees, the offset of each
 * tree's leaves, the question numbers of the upper levels (16 bits each), and the trees.
 */
export const BLOCK = { levels: 0, count: 4, leaves: 8, upper: 72, trees: 552 } as const

/** Address of the positions of eight rows among a run's thresholds, 32-bit integers. */
export const POSITIONS = 16

/** Address of a byte for each of eight rows and sixteen trees: the row's place in the tree. */
export const PLACES = 48

/** The kernel's working memory ends here: questions are numbered from this address on. */
export const FIRST_QUESTION = 176

/** What scoring needs of the kernel: the functions that kernel/score.as.ts exports. Addresses are in bytes. */
export interface ScoreKernel {
  /** Answers "x < threshold?" for `count` runs of thresholds; `rows` holds eight rows of `columns` values. */
  answerThresholds(runs: number, count: number, rows: number, columns: number): void
  /** Answers "is category x in the set?" for `count` questions. */
  answerCategories(questions: number, count: number, rows: number, columns: number): void
  /** Writes the leaf values of `count` blocks of full trees to `leaves`, at least those of the first `rows` rows. */
  scoreBlocks(blocks: number, count: number, rows: number, leaves: number): void
  /** Writes the leaf values of `count` trees that are walked node by node to `leaves`. */
  walkTrees(trees: number, count: number, leaves: number): void
  /** Writes eight raw scores to `out`: `base` plus the leaf values of `trees` trees, in their order. */
  addLeaves(leaves: number, trees: number, base: number, out: number): void
}
