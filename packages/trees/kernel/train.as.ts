// The training kernel; src/engine/kernel.ts describes its functions, src/engine/reference.ts is the same in plain TypeScript.
export { attach } from './train/region.as'
export { locate } from './train/locate.as'
export { column } from './train/histogram.as'
export { search } from './train/search.as'
export { bestColumn } from './train/best-column.as'
export { addLeaf, addLeaves, partition } from './train/partition.as'
export { logistic, pack, squared } from './train/gradient.as'
