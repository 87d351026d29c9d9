export {
  bundleFile,
  loadBundles,
  loadMetadata,
  METADATA_VERSION,
  metadataFile,
  sha256,
  writeBundles,
} from './formats/bundle-files.ts'
export type { BundleMetadata, BundleSet, HashedMetadata, HeadEntry, LoadedBundles } from './formats/bundle-files.ts'
export { trainHeadsParallel } from './train/parallel.ts'
export type { ParallelOptions } from './train/parallel.ts'
