// The training kernel; src/engine/kernel.ts describes its functions, src/engine/twin.ts is the same in plain TypeScript.
export { attach } from './train/region.as'
export { build } from './train/histogram.as'
export { scan } from './train/scan.as'
export { addLeaf, addLeaves, countLeft, partition } from './train/partition.as'
export { logistic, pack, squared } from './train/gradient.as'
