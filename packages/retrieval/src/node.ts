export { checkFeatures, loadIndex, saveIndex } from './index-file.ts'
export type { LoadedIndex, LoadOptions, SavedIndex } from './index-file.ts'
export { createPool } from './pool.ts'
export type { PoolOptions, QueryPool } from './pool.ts'
