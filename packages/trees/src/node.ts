export {
  bundleFile,
  loadBundles,
  loadMetadata,
  METADATA_VERSION,
  metadataFile,
  sha256,
  writeBundles,
} from './bundle-files.ts'
export type { BundleMetadata, BundleSet, HeadEntry, LoadedBundles } from './bundle-files.ts'
export { trainHeadsParallel } from './parallel.ts'
export type { ParallelOptions } from './parallel.ts'
