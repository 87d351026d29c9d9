// Generated from src/scoring/kernel.ts by kernel/generate.ts: change that and run pnpm --filter @breakwater/trees kernels.

// Byte offsets of the entries of each record, 32-bit integers or floats, and the bytes of a record.
export const RUN_COLUMN: usize = 0
export const RUN_COUNT: usize = 4
export const RUN_THRESHOLDS: usize = 8
export const RUN_MISSING_RIGHT: usize = 12
export const RUN_MISSING_LEFT: usize = 16
export const RUN_SIZE: usize = 20
export const CATEGORY_COLUMN: usize = 0
export const CATEGORY_MISSING_LEFT: usize = 4
export const CATEGORY_SET: usize = 8
export const CATEGORY_ANSWER: usize = 12
export const CATEGORY_SIZE: usize = 16
export const WALKED_TREE_LEVELS: usize = 0
export const WALKED_TREE_LEAVES: usize = 4
export const WALKED_TREE_BYTES: usize = 8
export const WALKED_TREE_SIZE: usize = 12
export const WALKED_NODE_QUESTION: usize = 0
export const WALKED_NODE_LEFT: usize = 4
export const WALKED_NODE_VALUE: usize = 8
export const WALKED_NODE_SIZE: usize = 12

// Byte offsets in a block of trees.
export const BLOCK_LEVELS: usize = 0
export const BLOCK_COUNT: usize = 4
export const BLOCK_LEAVES: usize = 8
export const BLOCK_UPPER: usize = 72
export const BLOCK_TREES: usize = 552

// Addresses of working memory.
export const POSITIONS: usize = 16
export const PLACES: usize = 48
