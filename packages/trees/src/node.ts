export {
  bundleFile,
  loadBundles,
  loadMetadata,
  METADATA_VERSION,
  metadataFile,
  metadataText,
  sha256,
  withBundlePaths,
  writeBundleFiles,
  writeBundles,
} from './formats/bundle-files.ts'
export type { BundleMetadata, BundleSet, HashedMetadata, HeadEntry, LoadedBundles } from './formats/bundle-files.ts'
export { createHeadThreads } from './train/head-threads.ts'
export type { HeadThreads } from './train/head-threads.ts'
export { trainHeadsParallel } from './train/parallel.ts'
export type { ParallelOptions } from './train/parallel.ts'
