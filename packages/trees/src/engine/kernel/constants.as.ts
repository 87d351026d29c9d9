// Generated from src/engine/kernel.ts by kernel/generate.ts: change that and run pnpm --filter @breakwater/trees kernels.

// Bits of a search’s flags.
export const SEARCH_EVERY_ROW: i32 = 1
export const SEARCH_NODE: i32 = 2
export const SEARCH_SIBLING: i32 = 4
export const SEARCH_KEEP: i32 = 8

// Byte offsets of the entries of `request`, `bestCut` and `sums`, 64-bit floats.
export const REQUEST_GRADIENT: usize = 0
export const REQUEST_HESSIAN: usize = 8
export const REQUEST_MIN_HESSIAN: usize = 16
export const REQUEST_SIBLING_GRADIENT: usize = 24
export const REQUEST_SIBLING_HESSIAN: usize = 32
export const REQUEST_SIBLING_MIN_HESSIAN: usize = 40
export const REQUEST_L2: usize = 48
export const REQUEST_ROWS: usize = 56
export const REQUEST_PARENT_ROWS: usize = 64
export const BEST_CUT_GRADIENT: usize = 0
export const BEST_CUT_HESSIAN: usize = 8
export const BEST_CUT_MISSING_HESSIAN: usize = 16
export const BEST_CUT_RANK: usize = 24
export const SUMS_GRADIENT: usize = 0
export const SUMS_HESSIAN: usize = 8
export const SUMS_LOSS: usize = 16

export const CODES: usize = 256
export const TILE_ROWS: i32 = 2048
export const MAX_FULL_BINS: i32 = 64
export const MIN_HISTOGRAM_BINS: i32 = 15
export const FEW_MISSING: f32 = 0.0625
export const COLUMN_TIE: f32 = 0.00001
export const CUT_TIE: f64 = 1e-7
export const MIN_ROW_HESSIAN: f32 = 1e-16
