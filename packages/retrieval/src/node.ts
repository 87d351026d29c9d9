export { checkFeatures, loadIndex, saveIndex } from './index-file.ts'
export type { LoadedIndex, LoadOptions, SavedIndex } from './index-file.ts'
