export {
  type IndexDescription,
  type IndexOnDisk,
  readIndex,
  readIndexRecord,
  writeIndex,
  type WriteIndexOptions,
} from './index/files.ts'
export {
  askNeighbours,
  type IndexedSet,
  type NeighbourAnswers,
  type NeighbourQuestion,
  type PredictedPart,
} from './index/neighbours.ts'
export { type LawBarsRequest, readLawBars } from './law/bars.ts'
export { LAW_FILE_VERSION, type LawFile, loadLaw, writeLaw } from './law/files.ts'
export { fingerprint, type ModelPlace } from './live/files.ts'
export { type LoadedModels, loadModels, type LoadRequest, type StageReport } from './live/load.ts'
export { servedHorizons, type ServedPlace, servedSignals } from './live/served-settings.ts'
export {
  createTouchFile,
  readTouchFile,
  type TouchFile,
  type TouchFileCounts,
  type TouchFileInput,
} from './live/touch-file.ts'
export { type GrowthBase, readTouches, type ReadTouches } from './live/touch-lines.ts'
export { findSets, loadDetails, loadSet, loadSetLaw, type SetFilter, type TrainedSet } from './set/load.ts'
export { type SetFiles, writeSet, type WriteSetOptions } from './set/write.ts'
export { loadSignals, type SignalsRequest } from './signals-file.ts'
export { checkVersion, findVersion, type VersionRequest } from './versions/find.ts'
export { chooseRun, findRuns, type FoundRuns, type Run } from './versions/runs.ts'
